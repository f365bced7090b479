/** Shell globs over label keys (services.md §10, model-sources-and-config.md §12). */

/** So many patterns of a list count, and so many characters of each: no label key is longer. */
export const patternLimits = { patterns: 64, characters: 316 } as const;

/**
 * Whether one of the patterns matches the whole key: `*` is any run and `?` any character except `/`, `[a-z]` and
 * `[^a-z]` are classes (which may match `/`), `\` takes the next character as it is. A pattern that is malformed or
 * longer than {@link patternLimits} matches nothing, nor does one behind the last that counts.
 */
export function anyMatches(patterns: readonly string[], key: string): boolean {
  const all = remembered(patterns);
  let at = closed(all, all.starts);
  for (const char of key) {
    if (at === 0n) return false;
    at = closed(all, moved(all, at & taking(all, char)));
  }
  return (at & all.ends) !== 0n;
}

/**
 * Why a pattern matches no key that a label can have: it is malformed, or asks for what no key is. Undefined if there
 * is a key that it matches. The text goes on where the pattern stands, and ends with what to do.
 */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > patternLimits.characters) {
    return `is longer than a label key; write at most ${patternLimits.characters} characters`;
  }
  if (parse([...pattern]) === undefined) {
    return "is malformed; give every [ its ], every range both ends, and put a character behind each \\";
  }
  const one = automatonOf([pattern]);
  const behindSlash = moved(one, endsOf(one, one.starts, prefix) & taking(one, "/"));
  if ((endsOf(one, one.starts | behindSlash, name) & one.ends) !== 0n) return undefined;
  return "matches no label key; write it for the whole key, [prefix/]name, where the prefix is a DNS name in lower case " +
    "and * does not cross the /";
}

/** A part of a label key as an automaton: the state after a character, from 0; the part may end in state 1. */
interface KeyPart {
  readonly longest: number;
  readonly next: (state: number, char: string) => number | undefined;
}

const states = [0, 1, 2];

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

/** Where a part of a key that begins at one of `starts` may lead. */
function endsOf(all: Automaton, starts: bigint, part: KeyPart): bigint {
  const { longest, next } = part;
  /** What takes a character that leads from one state of the part to another. */
  const between = states.map((from) =>
    states.map((to) =>
      keyCharacters.filter((char) => next(from, char) === to).reduce(
        (sum, char) => sum | taking(all, char),
        0n,
      )
    )
  );
  const seen = states.map(() => 0n);
  let ahead = states.map((state) => state === 0 ? starts : 0n);
  for (let length = 0; length <= longest && ahead.some((at) => at !== 0n); length++) {
    const now = ahead.map((at, state) => closed(all, at) & ~seen[state]);
    for (const state of states) seen[state] |= now[state];
    ahead = states.map((to) =>
      states.reduce((sum, from) => sum | moved(all, now[from] & between[from][to]), 0n)
    );
  }
  return seen[1];
}

/**
 * Patterns one behind the other. A set of positions is a number with a bit for each, so that all ways to match all
 * patterns are followed at once: users write patterns, and none of them may cost more than its length.
 */
interface Automaton {
  /** What stands at a position; behind the last of each pattern is its end, which takes nothing. */
  readonly tokens: readonly (Token | undefined)[];
  readonly starts: bigint;
  readonly ends: bigint;
  readonly runs: bigint;
  /** The positions whose token takes a character, for those asked about. */
  readonly taking: Map<string, bigint>;
}

/** Adds the positions behind runs, which may be empty. No two runs stand side by side. */
function closed({ runs }: Automaton, at: bigint): bigint {
  return at | (at & runs) << 1n;
}

/** A run goes on where it has taken a character. */
function moved({ runs }: Automaton, at: bigint): bigint {
  return at & runs | (at & ~runs) << 1n;
}

function taking({ tokens, taking }: Automaton, char: string): bigint {
  const known = taking.get(char);
  if (known !== undefined) return known;
  const found = positions(tokens, (token) => token === run ? char !== "/" : token?.(char) ?? false);
  taking.set(char, found);
  return found;
}

function positions(
  tokens: Automaton["tokens"],
  wanted: (token: Token | undefined, at: number) => boolean,
): bigint {
  return BigInt(`0b0${tokens.map((token, at) => wanted(token, at) ? "1" : "0").reverse().join("")}`);
}

const run: unique symbol = Symbol("*");
type Token = typeof run | ((char: string) => boolean);

/** Lists are few, and asked about every label of every parent. Bounded, since users write them. */
const memo = new Map<readonly string[], Automaton>();
const MEMO_LIMIT = 100;

function remembered(patterns: readonly string[]): Automaton {
  const known = memo.get(patterns);
  if (known !== undefined) return known;
  if (memo.size >= MEMO_LIMIT) memo.clear();
  const made = automatonOf(patterns);
  memo.set(patterns, made);
  return made;
}

function automatonOf(patterns: readonly string[]): Automaton {
  const tokens = patterns.slice(0, patternLimits.patterns)
    .filter((pattern) => pattern.length <= patternLimits.characters)
    .map((pattern) => parse([...pattern])).filter((found) => found !== undefined)
    .flatMap((found) => [...found, undefined]);
  return {
    tokens,
    starts: positions(tokens, (_, at) => at === 0 || tokens[at - 1] === undefined),
    ends: positions(tokens, (token) => token === undefined),
    runs: positions(tokens, (token) => token === run),
    taking: new Map(),
  };
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
