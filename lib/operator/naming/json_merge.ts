/** Deep merge of JSON texts that keeps every number as it is written: `1.0`, and integers beyond 2^53. */

import { isObject, parseJson, stringifyJson } from "../../kube/json/json.ts";
import { compareCodePoints } from "./naming.ts";

/**
 * `over` merged into `base`: objects recursively, anything else replaced by `over`; compact, keys sorted.
 * Undefined unless both texts are JSON objects.
 */
export function mergeJsonObjects(base: string, over: string): string | undefined {
  try {
    const below = parseJson(base), above = parseJson(over);
    return isObject(below) && isObject(above) ? print(merge(below, above)) : undefined;
  } catch (error) {
    // Not JSON, or nested deeper than a stack goes.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Whether a text is a JSON object, so that it can be merged with another one. */
export function isJsonObject(text: string): boolean {
  return mergeJsonObjects(text, "{}") !== undefined;
}

function merge(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above;
  const result = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) result.set(key, merge(result.get(key), value));
  return Object.fromEntries(result);
}

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (!isObject(value)) return stringifyJson(value);
  const members = Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b));
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${print(inner)}`).join(",")}}`;
}
