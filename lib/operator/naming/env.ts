/** Merging environment variables (services.md §1.3, model-sources-and-config.md §10.3). */

import type { EnvVar } from "../../api/mod.ts";
import { mergeJsonObjects } from "./json_merge.ts";

/** The one variable whose values are JSON objects that add up instead of replacing each other. */
export const ENGINE_ARGS = "AIM_ENGINE_ARGS";

/**
 * `base` with the entries of `over` in the places of their names, then the rest of `over` in its order. An
 * empty `value` is left out of the result (and still replaces).
 */
export function mergeEnv(base: readonly EnvVar[] = [], over: readonly EnvVar[] = []): EnvVar[] {
  return merged([base, over], (_below, above) => above);
}

/**
 * As `mergeEnv`, of any number of lists from the lowest to the highest, except that `AIM_ENGINE_ARGS` is merged: for the
 * inference container and runtime configs.
 */
export function mergeInferenceEnv(...layers: readonly (readonly EnvVar[] | undefined)[]): EnvVar[] {
  return merged(
    layers,
    (below, above) => above.name === ENGINE_ARGS ? mergeEngineArgs(below, above) : above,
  );
}

function merged(
  layers: readonly (readonly EnvVar[] | undefined)[],
  join: (below: EnvVar, above: EnvVar) => EnvVar,
): EnvVar[] {
  const result = new Map<string, EnvVar>();
  for (const layer of layers) {
    for (const above of layer ?? []) {
      const below = result.get(above.name);
      result.set(above.name, below === undefined ? above : join(below, above));
    }
  }
  return Array.from(result.values(), withoutEmptyValue);
}

/** An entry without its empty `value`, as AIM Engine writes it. */
export function withoutEmptyValue(entry: EnvVar): EnvVar {
  if (entry.value !== "") return entry;
  const { value: _empty, ...rest } = entry;
  return rest;
}

/**
 * The two values merged as JSON objects, numbers kept as they are written. A `valueFrom` on either side, or
 * a value that is no JSON object, makes `above` replace; an empty value yields to the other.
 */
function mergeEngineArgs(below: EnvVar, above: EnvVar): EnvVar {
  if (above.valueFrom !== undefined || below.valueFrom !== undefined) return above;
  const name = above.name;
  if (!above.value) return { name, value: below.value };
  if (!below.value) return { name, value: above.value };
  return { name, value: mergeJsonObjects(below.value, above.value) ?? above.value };
}
