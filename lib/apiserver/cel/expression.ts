/** Expressions of CEL: compiled once, and what is wrong with them in the original's words. */
import { Environment, EvaluationError, Optional } from "@marcbachmann/cel-js";
import { addAuthorizer } from "./authorizer.ts";
import { addFunctions } from "./functions.ts";

export type Program = (variables: Record<string, unknown>) => unknown;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false, // `format` takes values of different types
});
addFunctions(environment);
addAuthorizer(environment);
const programs = new Map<string, Program>();

/** @throws Error if the expression cannot be read */
export function program(source: string): Program {
  let parsed = programs.get(source);
  if (parsed === undefined) {
    parsed = environment.parse(understood(source)) as unknown as Program;
    programs.set(source, parsed);
  }
  return parsed;
}

/** A value that may not be there. */
export function optional(value: unknown): unknown {
  return value === undefined ? Optional.none() : Optional.of(value);
}

/**
 * A rule in the words that the library knows. Its `has` takes members of a variable only, so `has(a[0].b)` is asked of a
 * variable that stands for `a[0]`. It does not know the type of what an optional value holds, and then refuses to look
 * into it.
 */
function understood(source: string): string {
  return source
    .replaceAll(
      /\bhas\(([^()]*\[[^()[\]]*\])((?:\.\w+)+)\)/g,
      (_, item, members) => `[${item}].exists(item_, has(item_${members}))`,
    )
    .replaceAll(/\boldSelf\.value\(\)/g, "dyn(oldSelf.value())");
}

/** Why an expression could not be asked, in the API server's words. @param what `rule` or `expression` */
export function evaluationProblem(error: Error, what: string, asked: string): string {
  const code = error instanceof EvaluationError ? error.code : undefined;
  if (code === "no_such_overload" || code === "no_matching_overload") {
    return `'no such overload': call arguments did not match a supported operator, function or macro signature for ${what}: ${asked}`;
  }
  return `${firstWords(error)} evaluating ${what}: ${asked}`;
}

/** What is said of an error, without the place that the library shows. */
export function firstWords({ message }: Error): string {
  const [first] = message.split("\n");
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}

const known = new Set(
  environment.getDefinitions().functions.map(({ name }) => name),
);

/**
 * Why an expression does not compile, shown as the original shows it: it cannot be read, or it calls what is not there.
 * Types are looked at when it is asked.
 */
export function compileProblem(source: string): string | undefined {
  let checked;
  try {
    checked = environment.parse(understood(source)).check();
  } catch (error) {
    return shownAt(
      source,
      (error as { range?: { start: number } }).range?.start ?? 0,
      `Syntax error: ${firstWords(error as Error)}`,
    );
  }
  if (checked.valid) return undefined;
  const [, name] = /^found no matching overload for '(?:.*\.)?(\w+)\(/i.exec(checked.error?.message ?? "") ??
    [];
  if (name === undefined || known.has(name)) return undefined;
  const at = new RegExp(`\\b${name}\\s*\\(`).exec(source);
  const open = at === null ? 0 : at.index + at[0].length - 1;
  return shownAt(source, open, `undeclared reference to '${name}' (in container '')`);
}

function shownAt(source: string, at: number, why: string): string {
  const before = source.slice(0, at).split("\n");
  const column = before[before.length - 1].length;
  const line = source.split("\n")[before.length - 1];
  return `ERROR: <input>:${before.length}:${column + 1}: ${why}\n | ${line}\n | ${".".repeat(column)}^`;
}
