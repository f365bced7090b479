/** How JSON and Python write words, numbers and escapes. */

/** `json` as RFC 8259 has it; `python` as `repr` writes dicts, lists and tuples, with JSON's words besides. */
export type Dialect = "json" | "python";

const jsonWords = { true: "boolean", false: "boolean", null: "null" } as const;
/** The words that are values. */
export const words: Record<Dialect, ReadonlyMap<string, "boolean" | "null">> = {
  json: new Map(Object.entries(jsonWords)),
  python: new Map(Object.entries({ ...jsonWords, True: "boolean", False: "boolean", None: "null" })),
};
/** A number, from the position on. */
export const numbers: Record<Dialect, RegExp> = {
  json: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  python: /[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y,
};
const jsonEscapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
/** Python's, and JSON's `\/`, which Python would leave as it is. */
const pythonEscapes: Readonly<Record<string, string>> = {
  ...jsonEscapes,
  "'": "'",
  a: "\x07",
  v: "\v",
  "\n": "",
};
/** Escapes that hold a character's number: how many hexadecimal digits. */
export const hexDigits: Record<Dialect, Readonly<Record<string, number>>> = {
  json: { u: 4 },
  python: { u: 4, x: 2, U: 8 },
};
/** Escapes that stand for one character. */
export const plainEscapes: Record<Dialect, Readonly<Record<string, string>>> = {
  json: jsonEscapes,
  python: pythonEscapes,
};
