/** Deep merge of JSON texts that keeps every number as it is written: `1.0`, and integers beyond 2^53. */

import { compareCodePoints } from "./naming.ts";

/** A number as its source text. */
class Numeral {
  constructor(readonly source: string) {}
}

type Json = null | boolean | string | Numeral | Json[] | JsonObject;
interface JsonObject {
  [key: string]: Json;
}

/**
 * `over` merged into `base`: objects recursively, anything else replaced by `over`; compact, keys sorted.
 * Undefined unless both texts are JSON objects.
 */
export function mergeJsonObjects(base: string, over: string): string | undefined {
  try {
    const below = parse(base), above = parse(over);
    return isObject(below) && isObject(above) ? print(merge(below, above)) : undefined;
  } catch (error) {
    // Not JSON, or nested deeper than a stack goes.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(text: string): Json {
  return JSON.parse(
    text,
    (_key, value, context?: { source?: string }) =>
      typeof value === "number" ? new Numeral(context?.source ?? String(value)) : value,
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Numeral);
}

function merge(below: Json | undefined, above: Json): Json {
  if (below === undefined || !isObject(below) || !isObject(above)) return above;
  const result = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) result.set(key, merge(result.get(key), value));
  return Object.fromEntries(result);
}

function print(value: Json): string {
  if (value instanceof Numeral) return value.source;
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => compareCodePoints(a, b));
  return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${print(inner)}`).join(",")}}`;
}
