/**
 * Names made from other names (conventions.md §10.1–§10.3, services.md §1.1–§1.2). They are contract: an
 * object made by AIM Engine must be found again under the name that it gave.
 */

import { createHash } from "node:crypto";

/** The longest DNS label, and the longest label value. */
export const NAME_LIMIT = 63;

/** Anything JSON can say, with the order of object keys as given. */
export type HashJson = string | number | boolean | null | readonly HashJson[] | {
  readonly [key: string]: HashJson;
};

/**
 * One hash input. A list keeps its order, an absent one is `null`; a map of strings at the top becomes a
 * flat, sorted array of keys and values.
 */
export type HashInput = string | number | null | readonly HashJson[] | Readonly<Record<string, string>>;

export interface NameOptions {
  /** Without it the name has no hash. */
  readonly hash?: readonly HashInput[];
  /** Hex digits of the hash; 0 means no hash. */
  readonly hashLength?: number;
  /** The longest name wanted, 1 to 63. The result may exceed it when every part is down to one character. */
  readonly max?: number;
}

/**
 * Joins the sanitised parts with `-`, shortened to fit, and appends the hash.
 *
 * @throws RangeError if there is no part or `max` is outside 1 to 63
 */
export function derivedName(parts: readonly string[], options: NameOptions = {}): string {
  const { hash, hashLength = 8, max = NAME_LIMIT } = options;
  if (parts.length === 0) throw new RangeError("a derived name needs at least one part");
  if (!Number.isInteger(max) || max < 1 || max > NAME_LIMIT) {
    throw new RangeError(`a derived name of at most ${max} characters is impossible (1 to ${NAME_LIMIT})`);
  }
  const suffix = hash === undefined || hashLength === 0 ? "" : `-${hashOf(hash).slice(0, hashLength)}`;
  return shortened(parts.map(namePart), max - suffix.length).join("-") + suffix;
}

/** A text as one part of a name: `[a-z0-9-]`, at most 63 characters, `part` if nothing is left. */
export function namePart(text: string): string {
  const dashed = lowerCase(text).replace(/[^a-z0-9-]/gu, "-").replace(/^-+|-+$/g, "");
  return dashed.slice(0, NAME_LIMIT).replace(/-+$/, "") || "part";
}

/** Takes one character after the other from the longest part (the first on ties) until all fit. */
function shortened(parts: string[], room: number): string[] {
  const length = () => parts.reduce((sum, part) => sum + part.length + 1, -1);
  while (length() > room) {
    const longest = parts.reduce((best, part, at) => part.length > parts[best].length ? at : best, 0);
    if (parts[longest].length === 1) break;
    parts[longest] = parts[longest].slice(0, -1).replace(/-+$/, "");
  }
  return parts;
}

/** SHA-256 of the inputs' JSON joined with `|`, in lower-case hex (64 digits). */
export function hashOf(inputs: readonly HashInput[]): string {
  const text = inputs.map(inputJson).join("|");
  let hash = known.get(text);
  if (hash === undefined) {
    hash = sha256(text);
    if (text.length > longestKnown) return hash;
    if (known.size >= mostKnown) known.clear();
    known.set(text, hash);
  }
  return hash;
}

/** Each pass makes the names of its children, and most have nothing but their namespace in their hash. */
const known = new Map<string, string>();
const mostKnown = 1_000;
const longestKnown = 200;

/** SHA-256 of a text's UTF-8, in lower-case hex. Synchronous, since reconciles are. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function inputJson(input: HashInput): string {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return goJson(input as HashJson);
  const flat = Object.entries(input).sort(([a], [b]) => compareCodePoints(a, b)).flat();
  return goJson(flat);
}

/**
 * JSON as Go's encoder writes it: no white space, `<`, `>`, `&`, U+2028 and U+2029 escaped, and what is no
 * character (a lone surrogate) replaced by U+FFFD.
 */
export function goJson(value: HashJson): string {
  return JSON.stringify(value, (_key, inner) => typeof inner === "string" ? inner.toWellFormed() : inner)
    .replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Order of UTF-8 bytes, which differs from that of UTF-16 units beyond the basic plane. */
export function compareCodePoints(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  let at = 0;
  while (at < shared && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at === shared ? a.length - b.length : a.codePointAt(at)! - b.codePointAt(at)!;
}

/** Lower case, one character for one: `İ` must not become two. */
function lowerCase(text: string): string {
  if (!text.includes("İ")) return text.toLowerCase();
  return [...text].map((char) => [...char.toLowerCase()][0]).join("");
}

/**
 * A text as a label value (§10.3): lower-case, every run of other characters one `_`. One of more than 63 ends in
 * eight digits of its hash, so that two long texts stay apart (spec/README). Undefined if nothing is left.
 */
export function labelValue(text: string): string | undefined {
  const clean = sanitized(text);
  return clean.length > NAME_LIMIT ? withTail(clean, text) : clean || undefined;
}

/** The same as AIM Engine cuts it, without a tail: what objects carry that are there already. */
export function cutLabelValue(text: string): string | undefined {
  return sanitized(text).slice(0, NAME_LIMIT).replace(/[_.-]+$/, "") || undefined;
}

function sanitized(text: string): string {
  return lowerCase(text).replace(/[^a-z0-9._-]+/gu, "_").replace(/^[_.-]+|[_.-]+$/g, "");
}

function withTail(clean: string, text: string): string {
  const tail = hashOf([text]).slice(0, 8);
  const head = clean.slice(0, NAME_LIMIT - tail.length - 1).replace(/[_.-]+$/, "");
  return head === "" ? tail : `${head}-${tail}`;
}

const legalLabelValue = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

/**
 * A raw name as a label value. AIM Engine writes it as it is; one that is no legal label value (longer than
 * 63, for instance) is sanitised and ends in eight digits of its hash, so that two long names stay apart
 * (§11.1 Better).
 */
export function rawLabelValue(name: string): string {
  return legalLabelValue.test(name) ? name : withTail(sanitized(name), name);
}
