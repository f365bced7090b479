/** Finding the array that a discovery Job printed among the noise of its log (models-and-templates.md §5.8). */

/** The end of a log that is read, in characters: what discovery prints is far smaller. */
export const longestLog = 4 * 2 ** 20;

/** The longest array that is read, in characters: hundreds of profiles. */
export const longestArray = 2 ** 20;

/** A part of a text. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_DICT, CLOSE_DICT] = [34, 92, 91, 93, 123, 125];

/**
 * The one slice up to the last `]` that can be a JSON array, or undefined.
 *
 * AIM Engine tries every `[` before that `]`, last one first, and takes the first slice that parses. No more
 * than one can: read backwards from the `]`, which is outside of any string, a quote begins or ends a string
 * unless an odd number of backslashes stands before it, so it is certain which brackets count, and the array
 * starts where they first come out even.
 */
export function lastArray(log: string): Slice | undefined {
  const last = log.lastIndexOf("]");
  if (last < 0) return undefined;
  const openers: number[] = [];
  for (let at = last; at >= 0; at--) {
    const code = log.charCodeAt(at);
    if (code === QUOTE) {
      at = stringStart(log, at);
      if (at < 0) return undefined;
    } else if (code === CLOSE_LIST || code === CLOSE_DICT) {
      openers.push(code === CLOSE_LIST ? OPEN_LIST : OPEN_DICT);
    } else if (code === OPEN_LIST || code === OPEN_DICT) {
      if (openers.pop() !== code) return undefined;
      if (openers.length === 0) return { start: at, end: last + 1 };
    }
  }
  return undefined;
}

/** Where the string starts that ends at `end`; -1 if nowhere. */
function stringStart(log: string, end: number): number {
  for (let at = log.lastIndexOf('"', end - 1); at >= 0; at = log.lastIndexOf('"', at - 1)) {
    let before = at;
    while (before > 0 && log.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((at - before) % 2 === 0) return at;
  }
  return -1;
}

const arrayOfObjects = /\[\s*\{/;

/** Where an array of objects seems to start, for telling what is wrong with a log; undefined if nowhere. */
export function likelyArray(log: string): number | undefined {
  const start = log.search(arrayOfObjects);
  return start < 0 ? undefined : start;
}

/** Line and column of a position, both from 1, the column in characters. */
export function placeOf(log: string, position: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = log.indexOf("\n"); at >= 0 && at < position; at = log.indexOf("\n", start)) {
    line++;
    start = at + 1;
  }
  return { line, column: charactersIn(log, start, position) + 1 };
}

/** How many characters there are between two positions; a pair of surrogates is one. */
export function charactersIn(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00 || (text.charCodeAt(at - 1) & 0xfc00) !== 0xd800) count++;
  }
  return count;
}
