/** How a template's hardware shows in its status (models-and-templates.md §5.9). */

import { canonicalQuantity, compareQuantities, type Hardware, parseQuantity } from "../../lib/api/mod.ts";

/** `status.resolvedHardware` of the hardware in effect; zero and empty values are left out. */
export function resolvedHardware(hardware: Hardware | undefined): Hardware | undefined {
  const { gpu, cpu } = hardware ?? {};
  const shown = gpu && {
    ...(gpu.requests ? { requests: gpu.requests } : {}),
    ...(gpu.model ? { model: gpu.model } : {}),
    ...(gpu.minVram !== undefined ? { minVram: canonicalQuantity(gpu.minVram) } : {}),
    ...(gpu.resourceName ? { resourceName: gpu.resourceName } : {}),
  };
  const hasGpu = shown !== undefined && !!(shown.requests || shown.model || shown.resourceName);
  if (!hasGpu && cpu === undefined) return undefined;
  return {
    ...(hasGpu ? { gpu: shown } : {}),
    ...(cpu && {
      cpu: {
        requests: canonicalQuantity(cpu.requests),
        ...(cpu.limits !== undefined ? { limits: canonicalQuantity(cpu.limits) } : {}),
      },
    }),
  };
}

/** What is wrong with CPU needs that no node can meet as written (api.md §10.2); undefined if nothing is. */
export function cpuFault(hardware: Hardware | undefined): string | undefined {
  if (hardware?.cpu === undefined) return undefined;
  const { requests, limits } = hardware.cpu;
  const wanted = parseQuantity(requests);
  if (wanted.nano <= 0n) return `spec.hardware.cpu.requests is ${requests} but must be more than 0; ${anew}`;
  if (limits !== undefined && compareQuantities(parseQuantity(limits), wanted) < 0) {
    return `spec.hardware.cpu.limits is ${limits}, less than the request of ${requests}; ${anew}`;
  }
  return undefined;
}

const anew =
  "hardware cannot be changed, so replace the template by one with the right values (where a model makes it, " +
  "correct the hardware in the model)";
