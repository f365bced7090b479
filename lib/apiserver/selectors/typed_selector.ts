/** A selector of an object, as a user types it: `a=b,c in (d,e)`. */
import { isObject, type JsonObject } from "../json.ts";

const list = (value: unknown): JsonObject[] => Array.isArray(value) ? value as JsonObject[] : [];

/** @returns undefined where it is not there or empty */
export function typedSelector(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const operators: Record<string, (key: string, values: string) => string> = {
    In: (key, values) => `${key} in (${values})`,
    NotIn: (key, values) => `${key} notin (${values})`,
    Exists: (key) => key,
    DoesNotExist: (key) => `!${key}`,
  };
  const terms = [
    ...Object.entries((value.matchLabels ?? {}) as JsonObject).map(([key, item]) => [key, `${key}=${item}`]),
    ...list(value.matchExpressions).map(({ key, operator, values }) => [
      String(key),
      operators[String(operator)]?.(String(key), [...list(values)].sort().join(",")) ?? "",
    ]),
  ];
  return terms.length === 0
    ? undefined
    : terms.sort(([a], [b]) => a < b ? -1 : 1).map(([, term]) => term).join(",");
}
