/** JSON merge patches (RFC 7396). */

import { equalJson } from "./equal.ts";
import { isObject, type JsonObject } from "./json.ts";

/**
 * The JSON merge patch that turns `from` into `to`, or undefined if they are equal. Objects are descended
 * into, so that fields which others write beside ours stay; lists are replaced whole.
 */
export function createMergePatch(from: unknown, to: JsonObject): JsonObject | undefined {
  const old = isObject(from) ? from : {};
  const patch: [string, unknown][] = [];
  for (const key of new Set([...Object.keys(old), ...Object.keys(to)])) {
    const before = own(old, key);
    const after = own(to, key);
    if (equalJson(before, after)) continue;
    const change = after === undefined
      ? null
      : isObject(before) && isObject(after)
      ? createMergePatch(before, after)
      : after;
    patch.push([key, change]);
  }
  return patch.length === 0 ? undefined : Object.fromEntries(patch);
}

/** What a server makes of a value by a merge patch. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, applyMergePatch(result.get(key), value));
  }
  return Object.fromEntries(result);
}

/** A field of the object itself: an image may have a label called `constructor`, or `__proto__`. */
function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
