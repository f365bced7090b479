/** Environment of the inference container (services.md §8.4). */

import type { EnvVar } from "../../../lib/api/mod.ts";
import { mergeInferenceEnv } from "../../../lib/operator/naming/env.ts";
import { sortedByName, sortedByReference } from "../../../lib/operator/naming/env_order.ts";
import type { Context } from "../context.ts";
import type { ResolvedTemplate } from "../resolve/resolved.ts";
import { chooseFor } from "./take_over.ts";

/** Below it the weights are mounted. */
export const cacheRoot = "/workspace/cache";

const defaults: readonly EnvVar[] = [
  { name: "AIM_CACHE_PATH", value: cacheRoot },
  { name: "VLLM_ENABLE_METRICS", value: "true" },
];

/**
 * From lowest to highest: defaults, runtime config, what the template says and sets, the service.
 *
 * @param standing of the InferenceService that is there already: it keeps AIM Engine's order while it may
 */
export function containerEnv(
  { service, config }: Context,
  template: ResolvedTemplate,
  standing?: readonly EnvVar[],
): EnvVar[] {
  const spec = template.object.spec;
  const merged = mergeInferenceEnv(
    defaults,
    config?.env,
    variable("AIM_PROFILE_ID", spec?.profileId),
    variable("AIM_METRIC", spec?.metric),
    variable("AIM_PRECISION", spec?.precision),
    spec?.env,
    variable("AIM_MODEL_ID", spec?.modelSources?.[0]?.modelId),
    service.spec?.env,
  );
  const plain = sortedByName(merged);
  return chooseFor(service, {
    // The order alone: what a webhook adds to an entry is no reason to restart.
    live: standing?.flatMap(({ name }) => merged.find((entry) => entry.name === name) ?? []),
    plain,
    rich: sortedByReference(plain),
  });
}

function variable(name: string, value: string | undefined): EnvVar[] {
  return value ? [{ name, value }] : [];
}
