/** Where a JSON text is broken, said without quoting it: it may hold credentials. Pure. */

const token =
  /[ \t\n\r]*(?:([{}[\],:])|("(?:[ !#-\[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/**
 * Line and column (from 1) of the first place at which `text`, which `JSON.parse` refuses, stops being JSON.
 */
export function placeOfJsonError(text: string): string {
  const offset = offsetOfError(text);
  const before = text.slice(0, offset).split("\n");
  return `line ${before.length} column ${before.at(-1)!.length + 1}`;
}

/** What may come next: a value, a key, the colon behind it, or what follows a value. */
type Next = "value" | "value or ]" | "key" | "key or }" | ":" | "end of value";

function offsetOfError(text: string): number {
  const open: string[] = [];
  let next: Next = "value";
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const match = token.exec(text);
    if (match === null) break;
    const start = match.index + match[0].length - (match[1] ?? match[2] ?? match[3]).length;
    const after = step(next, match[1] ?? (match[2] === undefined ? "scalar" : "string"), open);
    if (after === undefined) return start;
    next = after;
    at = token.lastIndex;
  }
  const rest = /[^ \t\n\r]/.exec(text.slice(at));
  return rest === null ? text.length : at + rest.index;
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
