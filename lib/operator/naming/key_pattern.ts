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
      if (takes(token, char)) next.add(token === run ? position : position + 1);
    }
    if (next.size === 0) return false;
    at = withoutRuns(next, tokens);
  }
  return at.has(tokens.length);
}

/**
 * Why a pattern matches no key that a label can have: it is malformed, or asks for what no key is. Undefined if there
 * is a key that it matches. The text goes on where the pattern stands, and ends with what to do.
 */
export function patternFault(pattern: string): string | undefined {
  const tokens = tokensOf(pattern);
  if (tokens === undefined) {
    return "is malformed; give every [ its ], every range both ends, and put a character behind each \\";
  }
  const slashes = [...endsOf(tokens, [0], prefix)].filter((at) => takes(tokens[at], "/"));
  const starts = [0, ...slashes.map((at) => at + 1)];
  if (endsOf(tokens, starts, name).has(tokens.length)) return undefined;
  return "matches no label key; write it for the whole key, [prefix/]name, where the prefix is a DNS name in lower case " +
    "and * does not cross the /";
}

/** A part of a label key as an automaton: the state after a character, from 0; the part may end in state 1. */
interface KeyPart {
  readonly longest: number;
  readonly next: (state: number, char: string) => number | undefined;
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const keyCharacters = [...letters, ...letters.toUpperCase(), ..."0123456789-_./"];

const name: KeyPart = {
  longest: 63,
  next: (state, char) => {
    if (/[A-Za-z0-9]/.test(char)) return 1;
    return state !== 0 && /[-_.]/.test(char) ? 2 : undefined;
  },
};

const prefix: KeyPart = {
  longest: 253,
  next: (state, char) => {
    if (/[a-z0-9]/.test(char)) return 1;
    if (char === "-" && state !== 0) return 2;
    return char === "." && state === 1 ? 0 : undefined;
  },
};

/** Positions in the pattern behind a part of a key that begins at one of `starts`. */
function endsOf(tokens: readonly Token[], starts: readonly number[], part: KeyPart): Set<number> {
  const seen = new Set<string>();
  const ends = new Set<number>();
  let ahead = starts.map((at) => ({ at, state: 0 }));
  for (let length = 0; length <= part.longest && ahead.length > 0; length++) {
    const now = ahead.flatMap(({ at, state }) =>
      [...withoutRuns(new Set([at]), tokens)].map((at) => ({ at, state }))
    ).filter(({ at, state }) => !seen.has(`${at} ${state}`) && seen.add(`${at} ${state}`));
    for (const { at, state } of now) if (state === 1) ends.add(at);
    ahead = now.flatMap(({ at, state }) => {
      const token = tokens[at];
      if (token === undefined) return [];
      return keyCharacters.filter((char) => takes(token, char)).flatMap((char) => {
        const next = part.next(state, char);
        return next === undefined ? [] : [{ at: token === run ? at : at + 1, state: next }];
      });
    });
  }
  return ends;
}

function takes(token: Token | undefined, char: string): boolean {
  return token === run ? char !== "/" : token?.(char) ?? false;
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
    // Several runs in a row are one.
    if (chars[at] === "*") tokens.push(...(tokens.at(-1) === run ? [] : [run] as const));
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
