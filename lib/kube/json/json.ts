/**
 * JSON that keeps what a JavaScript number cannot hold.
 *
 * A number whose text would change on its way through a double (an integer beyond 2^53, `1.0`, `1e3`) is
 * kept as a {@link RawNumber}: an object that carries the source text and that `JSON.stringify` writes as
 * that text. Everything else is what `JSON.parse` gives. Model servers read `engine_args` as JSON and tell
 * `1.0` from `1`; custom resources may carry 64-bit integers.
 */

/** A number kept as its source text. Frozen, without prototype; it cannot go through `structuredClone`. */
export interface RawNumber {
  readonly rawJSON: string;
}

interface SourceTextJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): boolean;
}

// The source text proposal is in the engine, not yet in TypeScript's library.
const sourceText = JSON as unknown as SourceTextJson;

/**
 * Finds a number that a double may not give back as it was written. It may also hit text inside of a
 * string; that only costs time. Kubernetes writes compact JSON and image tags (`:0.8.5"`) are common, so a
 * hit needs the delimiters on both sides.
 */
const fragileNumber =
  /[:,[]\s*(?:-0|-?(?:\d{16,}|\d+\.\d*0|0\.0{6}\d+|(?=[\d.]{17})\d+\.\d+|\d+(?:\.\d+)?[eE][+-]?\d+))\s*[,}\]]/;

/** A cheap first look: every fragile number begins like this, and few others do. */
const fragileBeginning = /[:,[]\s*(?:-0|-?\d+[.eE]|-?\d{16})/;

/**
 * Parses JSON text; numbers that would lose their text become {@link RawNumber}.
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseJson(text: string): unknown {
  if ((fragileBeginning.test(text) && fragileNumber.test(text)) || /^\s*-?\d/.test(text)) {
    return sourceText.parse(text, keepText);
  }
  return JSON.parse(text);
}

function keepText(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== "number" || context.source === undefined) return value;
  return String(value) === context.source ? value : sourceText.rawJSON(context.source);
}

/** Writes JSON text; a {@link RawNumber} is written as it was read. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value);
}

/** Whether a value is a number that was kept as its text. */
export function isRawNumber(value: unknown): value is RawNumber {
  // Such values have no prototype: a cheap look before the costly one.
  return typeof value === "object" && value !== null && !(value instanceof Object) &&
    sourceText.isRawJSON(value);
}

/** An object as JSON knows it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object: no list, no null, and no number that was kept as its text. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value);
}
