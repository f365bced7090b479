/**
 * Objects as an API server writes them, read without most of their `managedFields`. Those are half of a text and more,
 * have a key of their own for each field and each item of a list, and nobody asks for them but for the entries of who applies.
 */

import { parseJson } from "./json.ts";

/**
 * Parses an object, or an event of a watch with one, and leaves out the entries of `metadata.managedFields` that belong to
 * none of these managers.
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseObject(text: string, managers: readonly string[]): unknown {
  return parseJson(withoutManagedFields(text, managers));
}

/**
 * The text without those entries. One that is not as an API server writes it (compact, of an object) stays as it is: what
 * is left out need not be, and what stays is judged by the parser.
 */
function withoutManagedFields(text: string, managers: readonly string[]): string {
  const object = text.startsWith('{"type":') ? valueAt(text, 0, "object") : 0;
  const metadata = object === undefined ? undefined : valueAt(text, object, "metadata");
  const entries = metadata === undefined ? undefined : valueAt(text, metadata, "managedFields");
  if (entries === undefined || text[entries] !== "[") return text;
  const kept: string[] = [];
  let at = entries + 1;
  while (text[at] === "{") {
    const end = endOf(text, at);
    const entry = text.slice(at, end);
    if (managers.some((manager) => entry.includes(`"manager":"${manager}"`))) kept.push(entry);
    at = text[end] === "," ? end + 1 : end;
  }
  return text[at] === "]" ? `${text.slice(0, entries + 1)}${kept.join(",")}${text.slice(at)}` : text;
}

/** Where the value of a key begins in the object that begins at `at`; undefined if there is no such key. */
function valueAt(text: string, at: number, key: string): number | undefined {
  const sought = `"${key}":`;
  while ((text[at] === "{" || text[at] === ",") && text[at + 1] === '"') {
    if (text.startsWith(sought, at + 1)) return at + 1 + sought.length;
    const colon = endOf(text, at + 1);
    if (text[colon] !== ":") return undefined;
    at = endOf(text, colon + 1);
  }
  return undefined;
}

/** Where the value ends that begins at `at`; the end of the text if it does not. */
function endOf(text: string, at: number): number {
  let depth = 0;
  for (; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34:
        at = endOfString(text, at);
        break;
      case 123:
      case 91:
        depth++;
        continue;
      case 125:
      case 93:
        if (--depth < 0) return at;
        break;
      case 44:
        if (depth === 0) return at;
        continue;
      default:
        continue;
    }
    if (depth === 0) return at + 1;
  }
  return at;
}

/** Where the quote stands that ends a string. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === 92) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}
