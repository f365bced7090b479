/**
 * Kubernetes quantities (api.md §9.2): exact values, compared by value and never by text, and the canonical
 * text that the API server's own types write.
 */
import { quantityPattern, type QuantityValue } from "../schema.ts";
import { ValueError } from "./value_error.ts";

/** How a quantity is written: with `Ki`, `Mi` …, with `k`, `M` …, or with an exponent of ten. */
export type QuantityNotation = "binary" | "decimal" | "exponent";

/** A quantity: its value in billionths, and the notation it came in. */
export interface Quantity {
  readonly nano: bigint;
  readonly notation: QuantityNotation;
}

const nanoPerUnit = 1_000_000_000n;
/** Larger values are cut to this one, as Kubernetes does. */
const largest = (2n ** 63n - 1n) * nanoPerUnit;

const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

const grammar = new RegExp(quantityPattern);
const parts = /^([+-]?)(\d*)\.?(\d*)(?:([KMGTPE]i)|[eE]([+-]?\d+)|([numkMGTPE]?))$/;

/** Quantities read before, by their text: a cluster writes few different ones, very often. */
const known = new Map<string, Quantity>();
const mostKnown = 1_000;

/**
 * Reads a quantity. Values finer than a billionth are rounded away from zero, values beyond 64 bits are cut,
 * both as Kubernetes does.
 * @throws ValueError when `value` is no quantity.
 */
export function parseQuantity(value: QuantityValue): Quantity {
  const text = String(value);
  let quantity = known.get(text);
  if (quantity === undefined) {
    if (known.size >= mostKnown) known.clear();
    known.set(text, quantity = Object.freeze(read(text, value)));
  }
  return quantity;
}

function read(text: string, value: QuantityValue): Quantity {
  const match = grammar.test(text) ? parts.exec(text) : null;
  if (match === null) {
    throw new ValueError(
      `${JSON.stringify(value)} is not a quantity`,
      value,
      "write a number, with or without a suffix, e.g. 4, 500m, 16Gi or 2.5G",
    );
  }
  const [, sign, whole, fraction, binarySuffix, exponent, decimalSuffix] = match;
  const digits = BigInt(whole + fraction || "0");
  const binary = binarySuffix ? 1024n ** BigInt(binarySuffixes.indexOf(binarySuffix)) : 1n;
  const power = exponent ? Number(exponent) : 3 * (decimalSuffixes.indexOf(decimalSuffix || "") - 3);
  const magnitude = inNano(digits * binary, power - fraction.length);
  const notation = exponent ? "exponent" : binarySuffix && magnitude >= nanoPerUnit ? "binary" : "decimal";
  return { nano: sign === "-" ? -magnitude : magnitude, notation };
}

/** `digits` × 10^`power` in billionths, rounded up and cut to 64 bits. */
function inNano(digits: bigint, power: number): bigint {
  if (digits === 0n) return 0n;
  const shift = power + 9;
  const length = String(digits).length + shift;
  if (length > 30) return largest;
  if (length < -1) return 1n;
  if (shift >= 0) return smaller(digits * 10n ** BigInt(shift), largest);
  const divisor = 10n ** BigInt(-shift);
  return smaller((digits + divisor - 1n) / divisor, largest);
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Whether `value` reads as a quantity. */
export function isQuantity(value: unknown): value is QuantityValue {
  return typeof value === "string" ? grammar.test(value) && parts.test(value) : Number.isInteger(value);
}

/** Below 0 when `a` is less than `b`, 0 when they are equal in value, above 0 otherwise. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** Whether two quantities, as written, have the same value; texts that are no quantities are equal as texts. */
export function sameQuantity(a: QuantityValue, b: QuantityValue): boolean {
  if (!isQuantity(a) || !isQuantity(b)) return a === b;
  return parseQuantity(a).nano === parseQuantity(b).nano;
}

function cut(nano: bigint): bigint {
  return nano > largest ? largest : nano < -largest ? -largest : nano;
}

/** The canonical text: `1024Mi` is `1Gi`, `0.5` is `500m`, `2` stays `2`. */
export function formatQuantity({ nano, notation }: Quantity): string {
  if (nano === 0n) return "0";
  if (nano < 0n) return `-${formatQuantity({ nano: -nano, notation })}`;
  const units = nano / nanoPerUnit;
  const whole = nano % nanoPerUnit === 0n;
  if (notation === "binary" && whole && units >= 1024n) return formatBinary(units);
  let mantissa = nano;
  let step = 0;
  while (mantissa % 1000n === 0n && step < decimalSuffixes.length - 1) {
    mantissa /= 1000n;
    step++;
  }
  if (notation !== "exponent") return `${mantissa}${decimalSuffixes[step]}`;
  return step === 3 ? `${mantissa}` : `${mantissa}e${3 * (step - 3)}`;
}

function formatBinary(units: bigint): string {
  let mantissa = units;
  let step = 0;
  while (mantissa % 1024n === 0n && step < binarySuffixes.length - 1) {
    mantissa /= 1024n;
    step++;
  }
  return `${mantissa}${binarySuffixes[step]}`;
}

/** The canonical text of a quantity as written, as it goes into objects that the operator creates. */
export function canonicalQuantity(value: QuantityValue): string {
  return formatQuantity(parseQuantity(value));
}

/** The value in whole units, e.g. bytes; a fraction counts as a whole one, away from zero. */
export function wholeUnits({ nano }: Quantity): bigint {
  const up = nano > 0n ? nanoPerUnit - 1n : 1n - nanoPerUnit;
  return (nano + up) / nanoPerUnit;
}

/** A number of bytes in binary notation: 2^30 is `1Gi`. */
export function bytesQuantity(bytes: bigint): Quantity {
  return { nano: cut(bytes * nanoPerUnit), notation: "binary" };
}
