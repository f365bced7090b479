/** Where a JSON text is broken, said without quoting it: it may hold credentials. Pure. */

const text = /"(?:[ !#-\[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const blank = /[ \t\n\r]+/y;

/**
 * Line and column (from 1) of the first place at which `json`, which `JSON.parse` refuses, stops being JSON.
 */
export function placeOfJsonError(json: string): string {
  const offset = offsetOfError(json);
  const before = json.slice(0, offset).split("\n");
  return `line ${before.length} column ${before.at(-1)!.length + 1}`;
}

/** What may come next: a value, a key, the colon behind it, or what follows a value. */
type Next = "value" | "value or ]" | "key" | "key or }" | ":" | "end of value";

function offsetOfError(json: string): number {
  const open: string[] = [];
  let next: Next = "value";
  let at = endOf(blank, json, 0) ?? 0;
  while (at < json.length) {
    const character = json[at];
    const isMark = "{}[]:,".includes(character);
    const end = isMark ? at + 1 : endOf(character === '"' ? text : scalar, json, at);
    const kind = isMark ? character : character === '"' ? "string" : "scalar";
    const after: Next | undefined = end === undefined ? undefined : step(next, kind, open);
    if (after === undefined) return at;
    next = after;
    at = endOf(blank, json, end!) ?? end!;
  }
  return at;
}

/** Where a match that begins here ends. */
function endOf(pattern: RegExp, json: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(json) ? pattern.lastIndex : undefined;
}

/** The state behind one token; undefined when it is out of place. */
function step(next: Next, kind: string, open: string[]): Next | undefined {
  if (next === ":") return kind === ":" ? "value" : undefined;
  if (next === "key" || next === "key or }") {
    if (kind === "string") return ":";
    return kind === "}" && next === "key or }" ? close(kind, open) : undefined;
  }
  if (next === "end of value") {
    if (kind === ",") return open.at(-1) === "{" ? "key" : open.at(-1) === "[" ? "value" : undefined;
    return close(kind, open);
  }
  if (kind === "{" || kind === "[") {
    open.push(kind);
    return kind === "{" ? "key or }" : "value or ]";
  }
  if (kind === "]" && next === "value or ]") return close(kind, open);
  return kind === "string" || kind === "scalar" ? "end of value" : undefined;
}

function close(kind: string, open: string[]): Next | undefined {
  const opener = kind === "}" ? "{" : kind === "]" ? "[" : undefined;
  if (opener === undefined || open.at(-1) !== opener) return undefined;
  open.pop();
  return "end of value";
}
