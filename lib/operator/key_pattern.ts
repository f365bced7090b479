/** Shell globs over label keys (services.md §10, model-sources-and-config.md §12). */

/**
 * Whether the whole key matches: `*` is any run and `?` any character except `/`, `[a-z]` and `[^a-z]` are
 * classes (which may match `/`), `\` takes the next character as it is. A malformed pattern matches nothing.
 */
export function keyMatches(pattern: string, key: string): boolean {
  return compiled(pattern)?.test(key) ?? false;
}

/** Whether the pattern can be read at all. */
export function isKeyPattern(pattern: string): boolean {
  return compiled(pattern) !== undefined;
}

/** Patterns are few and asked for every label of every parent. Bounded, since users write them. */
const memo = new Map<string, RegExp | undefined>();
const MEMO_LIMIT = 1_000;

function compiled(pattern: string): RegExp | undefined {
  if (!memo.has(pattern)) {
    if (memo.size >= MEMO_LIMIT) memo.clear();
    memo.set(pattern, compile([...pattern]));
  }
  return memo.get(pattern);
}

function compile(chars: string[]): RegExp | undefined {
  let source = "";
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at];
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const found = charClass(chars, at);
      if (found === undefined) return undefined;
      source += found.source;
      at = found.end;
    } else if (char === "\\") {
      if (++at === chars.length) return undefined;
      source += literal(chars[at]);
    } else source += literal(char);
  }
  // Runs of `*` mean one, and must not make the match exponential.
  return new RegExp(`^${source.replace(/(\[\^\/\]\*)+/g, "[^/]*")}$`, "su");
}

/** `[...]` from its bracket on; undefined if it is empty, unclosed or has a range without an end. */
function charClass(chars: string[], start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const negated = chars[at] === "^";
  if (negated) at++;
  const bound = (): string | undefined => {
    if (chars[at] === "\\") at++;
    else if (chars[at] === "-" || chars[at] === "]") return undefined;
    return chars[at++];
  };
  let ranges = "";
  while (chars[at] !== "]" || ranges === "") {
    const low = bound();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (chars[at] === "-") {
      at++;
      high = bound();
      if (high === undefined) return undefined;
    }
    // A range that runs backwards is legal and empty.
    ranges += low <= high ? `${literal(low)}-${literal(high)}` : "";
    if (at >= chars.length) return undefined;
    if (ranges === "" && chars[at] === "]") return { source: negated ? "[^]" : "(?!)", end: at };
  }
  return { source: `[${negated ? "^" : ""}${ranges}]`, end: at };
}

function literal(char: string): string {
  return `\\u{${char.codePointAt(0)!.toString(16)}}`;
}
