/** JSON as the server holds it: frozen trees that versions of an object share. */
import { isObject, isRawNumber } from "../kube/json/json.ts";
export { isObject };

export type JsonObject = Record<string, unknown>;

/**
 * A copy that nobody else holds, without members that are `undefined`, but for what is equal in `known` and frozen there:
 * those parts are the very same. So what an update leaves as it is can be told by identity from there on.
 */
export function ownCopy<T>(value: T, known: unknown): T {
  if (value === known || typeof value !== "object" || value === null || isRawNumber(value)) return value;
  if (Array.isArray(value)) return ownList(value, known) as T;
  const before = isObject(known) ? known : undefined;
  const copy: JsonObject = {};
  let count = 0;
  let equal = before !== undefined && Object.isFrozen(before);
  for (const key of Object.keys(value)) {
    const item = (value as JsonObject)[key];
    if (item === undefined) continue;
    const old = before?.[key];
    const own = copy[key] = ownCopy(item, old);
    count++;
    equal &&= own === old;
  }
  return (equal && count === Object.keys(before!).length ? before : copy) as T;
}

function ownList(list: readonly unknown[], known: unknown): readonly unknown[] {
  const before = Array.isArray(known) ? known as readonly unknown[] : undefined;
  const copy = list.map((item, i) => ownCopy(item, before?.[i]));
  const equal = before?.length === copy.length && copy.every((item, i) => item === before[i]);
  return equal ? before : copy;
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
  for (const key in value) frozen(value[key]);
  return Object.freeze(value);
}

/** The value at a path of names, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  for (const name of path) value = isObject(value) ? value[name] : undefined;
  return value;
}
