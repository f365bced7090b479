/** Shell globs over label keys (services.md §10, model-sources-and-config.md §12). */

/**
 * Whether the whole key matches: `*` is any run and `?` any character except `/`, `[a-z]` and `[^a-z]` are
 * classes (which may match `/`), `\` takes the next character as it is. A malformed pattern matches nothing.
 *
 * Users write patterns, so the work is bounded by pattern times key: all ways to match are followed at once.
 */
export function keyMatches(pattern: string, key: string): boolean {
  const tokens = tokensOf(pattern);
  if (tokens === undefined) return false;
  /** Positions in the pattern that the key so far leads to; those behind a run count at once. */
  let at = withoutRuns(new Set([0]), tokens);
  for (const char of key) {
    const next = new Set<number>();
    for (const position of at) {
      const token = tokens[position];
      if (token === undefined) continue;
      if (token === run) {
        if (char !== "/") next.add(position);
      } else if (token(char)) next.add(position + 1);
    }
    if (next.size === 0) return false;
    at = withoutRuns(next, tokens);
  }
  return at.has(tokens.length);
}

const run: unique symbol = Symbol("*");
type Token = typeof run | ((char: string) => boolean);

/** Adds the positions behind runs, which may be empty. A set may grow while it is walked. */
function withoutRuns(positions: Set<number>, tokens: readonly Token[]): Set<number> {
  for (const position of positions) if (tokens[position] === run) positions.add(position + 1);
  return positions;
}

/** Patterns are few, and asked about every label of every parent. Bounded, since users write them. */
const memo = new Map<string, readonly Token[] | undefined>();
const MEMO_LIMIT = 1_000;

function tokensOf(pattern: string): readonly Token[] | undefined {
  if (!memo.has(pattern)) {
    if (memo.size >= MEMO_LIMIT) memo.clear();
    memo.set(pattern, parse([...pattern]));
  }
  return memo.get(pattern);
}

function parse(chars: readonly string[]): Token[] | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at++) {
    if (chars[at] === "*") tokens.push(run);
    else if (chars[at] === "?") tokens.push((char) => char !== "/");
    else if (chars[at] === "[") {
      const found = parseClass(chars, at);
      if (found === undefined) return undefined;
      tokens.push(found.token);
      at = found.end;
    } else {
      if (chars[at] === "\\") at++;
      const wanted = chars[at];
      if (wanted === undefined) return undefined;
      tokens.push((char) => char === wanted);
    }
  }
  return tokens;
}

/** `[...]` from its bracket on; undefined if it is empty, unclosed or has a range without an end. */
function parseClass(chars: readonly string[], start: number): { token: Token; end: number } | undefined {
  const ranges: [number, number][] = [];
  let at = start + 1;
  const negated = chars[at] === "^";
  if (negated) at++;
  const bound = (): number | undefined => {
    if (chars[at] === "-" || chars[at] === "]") return undefined;
    if (chars[at] === "\\") at++;
    return chars[at++]?.codePointAt(0);
  };
  while (chars[at] !== "]" || ranges.length === 0) {
    const low = bound();
    const high = low !== undefined && chars[at] === "-" ? (at++, bound()) : low;
    if (low === undefined || high === undefined) return undefined;
    ranges.push([low, high]);
  }
  const token = (char: string) => {
    const code = char.codePointAt(0)!;
    return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
  };
  return { token, end: at };
}
