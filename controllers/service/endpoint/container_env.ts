/** Environment of the inference container (services.md §8.4). */

import type { EnvVar } from "../../../lib/api/mod.ts";
import { mergeInferenceEnv } from "../../../lib/operator/naming/env.ts";
import { compareCodePoints } from "../../../lib/operator/naming/naming.ts";
import type { Context } from "../context.ts";
import type { ResolvedTemplate } from "../resolve/resolved.ts";

/** Below it the weights are mounted. */
export const cacheRoot = "/workspace/cache";

const defaults: readonly EnvVar[] = [
  { name: "AIM_CACHE_PATH", value: cacheRoot },
  { name: "VLLM_ENABLE_METRICS", value: "true" },
];

/** From lowest to highest: defaults, runtime config, what the template says and sets, the service. */
export function containerEnv({ service, config }: Context, template: ResolvedTemplate): EnvVar[] {
  const spec = template.object.spec;
  const layers: (readonly EnvVar[] | undefined)[] = [
    config?.env,
    variable("AIM_PROFILE_ID", spec?.profileId),
    variable("AIM_METRIC", spec?.metric),
    variable("AIM_PRECISION", spec?.precision),
    spec?.env,
    variable("AIM_MODEL_ID", spec?.modelSources?.[0]?.modelId),
    service.spec?.env,
  ];
  const merged = layers.reduce<EnvVar[]>((env, layer) => mergeInferenceEnv(env, layer ?? []), [...defaults]);
  return merged.sort((a, b) => compareCodePoints(a.name, b.name));
}

function variable(name: string, value: string | undefined): EnvVar[] {
  return value ? [{ name, value }] : [];
}
