/** Templates for tests. @module */

import type { Template } from "./candidate.ts";

/** What a test says about a template; the rest is that of a Ready, optimized cluster template for `MODEL`. */
export interface Sample {
  name: string;
  namespace?: string;
  status?: string;
  type?: string;
  gpu?: string;
  gpuCount?: number;
  metric?: string;
  precision?: string;
}

/** The model that all samples are for. */
export const MODEL = "qwen-qwen3-32b";

/** A template as a discovered one looks: attributes in the profile. A value given as `""` is left out. */
export function sample(given: Sample): Template {
  const said = {
    status: "Ready",
    type: "optimized",
    gpu: "MI300X",
    metric: "latency",
    precision: "fp16",
    ...given,
  };
  const { name, namespace, status, gpuCount, ...profile } = said;
  const known = Object.fromEntries(
    (["type", "gpu", "metric", "precision"] as const).map((key) => [key, profile[key]]).filter(([, value]) =>
      value
    ),
  );
  return {
    metadata: { name, ...(namespace ? { namespace } : {}) },
    spec: { modelName: MODEL },
    status: {
      ...(status ? { status } : {}),
      profile: { metadata: { ...known, ...(gpuCount ? { gpuCount } : {}) } },
    },
  };
}
