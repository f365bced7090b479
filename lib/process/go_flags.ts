/**
 * Command-line flags as Go's `flag` package reads them (conventions.md §1.1): `-x` and `--x` are one,
 * `--x=v` or `--x v`; a boolean takes a value only after `=`; the first argument that is no flag ends them.
 */

/** What a flag takes. Its `parse` throws an Error whose message says what is allowed. */
export interface FlagType<T> {
  readonly boolean: boolean;
  /** Shown in the usage text; empty for booleans. */
  readonly placeholder: string;
  parse(text: string): T;
}

export interface Flag<T> {
  readonly type: FlagType<T>;
  readonly default: T;
  readonly usage: string;
}

// deno-lint-ignore no-explicit-any
export type Flags = Readonly<Record<string, Flag<any>>>;
export type Values<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends Flag<infer T> ? T : never;
};

/** A command line that cannot be read; the message names the flag, the value and what is allowed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const text: FlagType<string> = { boolean: false, placeholder: "string", parse: (value) => value };

const yes = ["1", "t", "T", "true", "TRUE", "True"];
const no = ["0", "f", "F", "false", "FALSE", "False"];

export const boolean: FlagType<boolean> = {
  boolean: true,
  placeholder: "",
  parse(value) {
    if (yes.includes(value)) return true;
    if (no.includes(value)) return false;
    throw new Error("want true or false");
  },
};

/** One of some words, or what `other` makes of the text. */
export function oneOf<const T extends string>(
  words: readonly T[],
  other?: (value: string) => T | undefined,
): FlagType<T> {
  return {
    boolean: false,
    placeholder: words.join("|"),
    parse(value) {
      const word = words.find((each) => each === value) ?? other?.(value);
      if (word === undefined) throw new Error(`want ${words.join(", ")}`);
      return word;
    },
  };
}

/** The values of all flags, and the arguments after them. @throws UsageError */
export function parseFlags<F extends Flags>(
  flags: F,
  args: readonly string[],
): { values: Values<F>; rest: string[] } {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) values[name] = flag.default;
  let at = 0;
  while (at < args.length) {
    const arg = args[at];
    if (arg.length < 2 || !arg.startsWith("-")) break;
    at++;
    if (arg === "--") break;
    const { name, value } = split(arg);
    const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (flag === undefined) throw new UsageError(`flag provided but not defined: -${name}`);
    const given = value ?? (flag.type.boolean ? "true" : args[at++]);
    if (given === undefined) throw new UsageError(`flag needs an argument: -${name}`);
    try {
      values[name] = flag.type.parse(given);
    } catch (error) {
      throw new UsageError(`invalid value "${given}" for flag -${name}: ${(error as Error).message}`);
    }
  }
  return { values: values as Values<F>, rest: args.slice(at) };
}

function split(arg: string): { name: string; value: string | undefined } {
  const body = arg.replace(/^--?/, "");
  if (body === "" || body.startsWith("-") || body.startsWith("=")) {
    throw new UsageError(`bad flag syntax: ${arg}`);
  }
  const equals = body.indexOf("=");
  return equals < 0
    ? { name: body, value: undefined }
    : { name: body.slice(0, equals), value: body.slice(equals + 1) };
}

/** The list of flags, as `--help` prints it. */
export function usage(flags: Flags): string {
  return Object.entries(flags).map(([name, { type, usage, default: value }]) => {
    const shown = value === undefined || value === "" || value === false
      ? ""
      : ` (default ${JSON.stringify(value)})`;
    return `  --${name}${type.placeholder && ` ${type.placeholder}`}\n        ${usage}${shown}\n`;
  }).join("");
}
