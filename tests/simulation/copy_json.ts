/** Copies of what a simulated server holds: whoever asks may change them. */

type JsonObject = Record<string, unknown>;

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
