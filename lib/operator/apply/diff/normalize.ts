/** When do two values mean the same to Kubernetes, though their text differs? */
import { isObject, isRawNumber, type JsonObject } from "../../../kube/json/json.ts";
import type { RuleNode } from "./rules.ts";

/** A value's own property; never what it inherits (a label may be called `constructor`). */
export function property(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, key)
    ? (value as JsonObject)[key]
    : undefined;
}

/**
 * Equality of leaves. Text is compared as text; numbers by value; quantities by value, but only where
 * the rules say that a quantity stands (`"1000m"` in an environment variable is text). A zero value
 * equals an absent one: the typed API drops `""`, `0` and `false` from what it stores.
 */
export function sameScalar(desired: unknown, live: unknown, rules: RuleNode | undefined): boolean {
  if (desired === live) return true;
  if (live === undefined || live === null) return desired === "" || desired === 0 || desired === false;
  if (rules?.quantity && isText(desired) && isText(live)) return sameQuantity(String(desired), String(live));
  const [a, b] = [numberText(desired), numberText(live)];
  if (a === undefined || b === undefined) return false;
  return a === b || (Number(a) === Number(b) && Math.abs(Number(a)) <= Number.MAX_SAFE_INTEGER);
}

/** Maps of text that the typed API drops when they are empty; all other empty maps stay where they are. */
const DROPPED = /^f:(labels|annotations|data|binaryData|matchLabels|nodeSelector|requests|limits)$/;

/**
 * The live map to compare a map with: `{}` in place of one that the server may have dropped because it was
 * empty. `undefined` if the live value is no map, or is missing and would be there. (After an apply that
 * emptied a map the server drops it, whatever it is; the next apply sets it.)
 */
export function liveMap(live: unknown, element: string | undefined): JsonObject | undefined {
  if (isObject(live)) return live;
  return live === undefined && element !== undefined && DROPPED.test(element) ? {} : undefined;
}

/** Equality of Kubernetes quantities by value (`1024Mi` = `1Gi`, `0.5` = `500m`, `2` = `"2"`). */
export function sameQuantity(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [nanosOf(a), nanosOf(b)];
  return left !== undefined && left === right;
}

const QUANTITY = /^([+-]?)(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d{1,3}))?$/;
const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** The value in billionths, the finest that the API server keeps; it rounds away from zero, as we do. */
function nanosOf(text: string): bigint | undefined {
  const match = QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = "", binary, decimal, exponent] = match;
  if (whole === "" && fraction === "") return undefined;
  const power = 9 - fraction.length + (decimal ? DECIMAL[decimal] : Number(exponent ?? 0));
  let value = BigInt(whole + fraction);
  if (binary) value <<= 10n * BigInt(BINARY.indexOf(binary) + 1);
  if (power >= 0) value *= 10n ** BigInt(power);
  else {
    const divisor = 10n ** BigInt(-power);
    value = (value + divisor - 1n) / divisor;
  }
  return sign === "-" ? -value : value;
}

function isText(value: unknown): boolean {
  return typeof value === "string" || numberText(value) !== undefined;
}

/** The source text of a number, also of one that a double cannot hold. */
function numberText(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : isRawNumber(value) ? value.rawJSON : undefined;
}
