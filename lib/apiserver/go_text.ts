/** Values as Go prints them: the original's messages show some so. */
import { isRawNumber, stringifyJson } from "../kube/json/json.ts";
import { isObject } from "./json.ts";

/** With `%v`: maps by key. */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isObject(value)) return value === null ? "<nil>" : plainText(value);
  return `map[${Object.keys(value).sort().map((key) => `${key}:${goText(value[key])}`).join(" ")}]`;
}

/** With `%#v`: as its source would be. */
export function goSource(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSource).join(", ")}}`;
  if (typeof value === "string") return JSON.stringify(value);
  if (!isObject(value)) return value === null ? "interface {}(nil)" : plainText(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${goSource(value[key])}`);
  return `map[string]interface {}{${members.join(", ")}}`;
}

/** A number that is kept as it was written is one all the same. */
function plainText(value: unknown): string {
  return isRawNumber(value) ? String(Number(stringifyJson(value))) : String(value);
}
