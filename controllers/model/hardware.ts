/** The hardware of a template out of a model's default and an entry's own (models-and-templates.md §3.6). */

import {
  canonicalQuantity,
  type Cpu,
  type Gpu,
  type Hardware,
  type ResourceRequirements,
} from "../../lib/api/mod.ts";

/**
 * `over` laid over `base`, field by field. A minimum of GPU memory and a GPU model exclude each other, so one
 * in `over` clears the other of `base`. Zero and empty values are left out, as AIM Engine writes them, since
 * a template's hardware can never be changed again.
 */
export function mergeHardware(base: Hardware | undefined, over: Hardware | undefined): Hardware | undefined {
  if (base === undefined && over === undefined) return undefined;
  const gpu = mergeGpu(base?.gpu, over?.gpu);
  const cpu = mergeCpu(base?.cpu, over?.cpu);
  return { ...(gpu && { gpu }), ...(cpu && { cpu }) };
}

function mergeGpu(base: Gpu | undefined, over: Gpu | undefined): Gpu | undefined {
  if (base === undefined && over === undefined) return undefined;
  const requests = over?.requests || base?.requests;
  const resourceName = over?.resourceName || base?.resourceName;
  return {
    ...(requests ? { requests } : {}),
    ...whichGpu(base, over),
    ...(resourceName ? { resourceName } : {}),
  };
}

/** `model` or `minVram`: those of the side that says more. */
function whichGpu(base: Gpu | undefined, over: Gpu | undefined): Pick<Gpu, "model" | "minVram"> {
  const { model, minVram } = over?.model || over?.minVram !== undefined ? over : base ?? {};
  return {
    ...(model ? { model } : {}),
    ...(minVram !== undefined ? { minVram: canonicalQuantity(minVram) } : {}),
  };
}

function mergeCpu(base: Cpu | undefined, over: Cpu | undefined): Cpu | undefined {
  const requests = over?.requests ?? base?.requests;
  if (requests === undefined) return undefined;
  const limits = over?.limits ?? base?.limits;
  return {
    requests: canonicalQuantity(requests),
    ...(limits !== undefined ? { limits: canonicalQuantity(limits) } : {}),
  };
}

/** The container resources that a template gets from its CPU needs. */
export function cpuResources({ cpu }: Hardware): ResourceRequirements | undefined {
  if (cpu === undefined) return undefined;
  return {
    requests: { cpu: cpu.requests },
    ...(cpu.limits !== undefined ? { limits: { cpu: cpu.limits } } : {}),
  };
}
