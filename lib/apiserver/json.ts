/** JSON as the server holds it: frozen trees that versions of an object share. */
import { isObject, isRawNumber } from "../kube/json/json.ts";
export { isObject };

export type JsonObject = Record<string, unknown>;

/**
 * A copy that nobody else holds, without members that are `undefined`. Frozen parts are shared, not copied: nobody can
 * change them.
 */
export function copyJson<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return value.map(copyJson) as T;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = (value as JsonObject)[key];
    if (item !== undefined) copy[key] = copyJson(item);
  }
  return copy as T;
}

/** A copy that may be written to, all the way down; without members that are `undefined`. */
export function thawed<T>(value: T): T {
  if (typeof value !== "object" || value === null || isRawNumber(value)) return value;
  if (Array.isArray(value)) return value.map(thawed) as T;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = (value as JsonObject)[key];
    if (item !== undefined) copy[key] = thawed(item);
  }
  return copy as T;
}

/** Freezes a tree. What is frozen already is taken to be so all the way down. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) frozen(item);
  return Object.freeze(value);
}

/** The value at a path of names, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return value;
}
