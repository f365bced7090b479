/** Why an image cannot be pulled, from what the kubelet or a registry says (conventions.md §6.7). */

import type { Code } from "../errors/codes.ts";
import type { ErrorCategory } from "../errors/errors.ts";
import type { KnownReason } from "../errors/reasons.ts";

export interface ImageFinding {
  readonly category: ErrorCategory;
  readonly reason: KnownReason;
  readonly code?: Code;
}

const refused: ImageFinding = { category: "Auth", reason: "ImagePullAuthFailure" };
const absent: ImageFinding = { category: "MissingUpstream", reason: "ImageNotFound" };
const other: ImageFinding = { category: "Infrastructure", reason: "ImagePullBackOff" };

const crowded: ImageFinding = { ...other, code: "AIM-0908" };

const crowdedWords = ["toomanyrequests", "too many requests"];
const refusedWords = ["unauthorized", "authentication", "forbidden", "denied", "credentials"];
const absentWords = ["not found", "manifest unknown", "name unknown", "no such"];

/** The registry's HTTP status decides where it is known, else the words of the text. */
export function readImageText(text: string, httpStatus?: number): ImageFinding {
  if (httpStatus !== undefined) {
    if (httpStatus === 401 || httpStatus === 403) return refused;
    if (httpStatus === 429) return crowded;
    return httpStatus === 404 ? absent : other;
  }
  const words = withoutReferences(text.toLowerCase());
  const says = (list: readonly string[]) => list.some((word) => words.includes(word));
  if (says(refusedWords) || hasStatus(words, "401|403")) return refused;
  if (says(absentWords) || hasStatus(words, "404")) return absent;
  return says(crowdedWords) || hasStatus(words, "429") ? crowded : other;
}

/** Image references and URLs, whose names and tags may contain any word. */
function withoutReferences(text: string): string {
  return text.replace(/"[^"\s]*"/g, " ").replace(/\S*\/\S*/g, " ");
}

/** A status as a word of its own: neither a part of a longer one nor the tag behind a colon. */
function hasStatus(text: string, statuses: string): boolean {
  return new RegExp(`(?<![\\w:.-])(${statuses})(?![\\w-]|\\.\\w)`).test(text);
}
