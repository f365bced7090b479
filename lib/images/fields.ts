/** Reading the fields of an object by their types, as Go's JSON does: names in any case, `null` for unset. */

import { LiteralError, type LiteralReader, type ValueKind } from "./literal.ts";

/** A field name as Go compares them: ASCII in one case, with the two letters beyond ASCII that fold to it. */
export function foldName(name: string): string {
  return name.replaceAll("\u017f", "s").replaceAll("\u212a", "k").replace(
    /[A-Z]+/g,
    (part) => part.toLowerCase(),
  );
}

/** Shown by their kind only: what is inside may be long, or nobody's business. */
const nameless: Partial<Record<ValueKind, string>> = { list: "a list", dict: "an object" };

/** The next value as a string, or undefined for `null`. `name` is how an error calls the field. */
export function readString(reader: LiteralReader, name: string): string | undefined {
  const kind = reader.kind();
  if (kind === "string") return reader.string();
  const value = reader.skip();
  if (kind === "null") return undefined;
  throw new LiteralError(
    value.start,
    `${name} must be a string but is ${nameless[kind] ?? reader.shown(value)}`,
    "write text in quotes",
  );
}

/** The next value as an integer of 32 bits, or undefined for `null`. */
export function readInt32(reader: LiteralReader, name: string): number | undefined {
  const value = reader.position;
  const kind = reader.kind();
  if (kind !== "number") {
    const extent = reader.skip();
    if (kind === "null") return undefined;
    throw new LiteralError(
      value,
      `${name} must be a whole number but is ${nameless[kind] ?? reader.shown(extent)}`,
      "write a bare number, without quotes, e.g. 1",
    );
  }
  const text = reader.number();
  const number = Number(text.replaceAll("_", ""));
  if (!/^[+-]?(?:0|[1-9][\d_]*)$/.test(text)) {
    throw new LiteralError(
      value,
      `${name} must be a whole number but is ${text.slice(0, 40)}`,
      "write digits only, e.g. 1",
    );
  }
  if (number !== (number | 0)) {
    throw new LiteralError(
      value,
      `${name} must fit into 32 bits but is ${text.slice(0, 40)}`,
      "write a smaller number, e.g. 1",
    );
  }
  return number | 0;
}
