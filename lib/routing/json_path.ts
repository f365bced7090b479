/**
 * Kubernetes' JSONPath, as it stands between the braces of a path template (services.md §9.1): fields, quoted
 * keys, indexes, slices, wildcards, unions, recursive descent and filters. A missing key is an error.
 */

/** What a path cannot be read as, or evaluated to; the message says why. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "slice"; readonly from?: number; readonly to?: number; readonly by: number }
  | { readonly kind: "index"; readonly at: number }
  | { readonly kind: "wildcard" }
  | { readonly kind: "descent" }
  | { readonly kind: "union"; readonly of: readonly Step[] }
  | { readonly kind: "filter"; readonly left: Operand; readonly operator?: string; readonly right?: Operand };

type Operand = { readonly path: readonly Step[] } | { readonly literal: unknown };

/** The values that the path leads to. @throws JsonPathError */
export function evaluate(path: string, root: unknown): unknown[] {
  return walk(parse(path), [root], root);
}

/** Reads a path. @throws JsonPathError that begins with `invalid jsonpath expression` */
export function parse(path: string): Step[] {
  const reader = new Reader(path);
  const steps = reader.steps();
  if (!reader.atEnd) reader.fail(`unexpected "${reader.rest[0]}"`);
  if (steps.length === 0) reader.fail("it names no field");
  return steps;
}

/** Reads left to right, one character of look-ahead; no backtracking, so time grows with the length only. */
class Reader {
  #at = 0;
  constructor(private readonly text: string) {}

  get rest(): string {
    return this.text.slice(this.#at);
  }
  get atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  fail(why: string): never {
    throw new JsonPathError(`invalid jsonpath expression: ${why} in "${this.text}"`);
  }

  steps(): Step[] {
    const steps: Step[] = [];
    if (this.#peek() === "$" || this.#peek() === "@") this.#at++;
    for (;;) {
      const next = this.#peek();
      if (next === "[") steps.push(this.#bracket());
      else if (next === ".") steps.push(...this.#dot());
      else return steps;
    }
  }

  #peek(): string {
    return this.text[this.#at] ?? "";
  }

  #take(expected: string): void {
    if (this.#peek() !== expected) this.fail(`"${expected}" is missing`);
    this.#at++;
  }

  #dot(): Step[] {
    this.#at++;
    if (this.#peek() === ".") {
      this.#at++;
      if (this.#peek() === "[") return [{ kind: "descent" }];
      return [{ kind: "descent" }, this.#fieldOrWildcard()];
    }
    if (this.#peek() === "[") return [];
    return [this.#fieldOrWildcard()];
  }

  #fieldOrWildcard(): Step {
    let name = "";
    for (let char = this.#peek(); char !== "" && !/[\s.[\]()=!<>,?@$"'{}|]/.test(char); char = this.#peek()) {
      this.#at++;
      if (char !== "\\") name += char;
      else {
        name += this.#peek();
        this.#at++;
      }
    }
    if (name === "") this.fail("a field name is missing after a dot");
    return name === "*" ? { kind: "wildcard" } : { kind: "field", name };
  }

  #bracket(): Step {
    this.#take("[");
    if (this.#peek() === "?") return this.#filter();
    const of = [this.#selector()];
    while (this.#peek() === ",") {
      this.#at++;
      of.push(this.#selector());
    }
    this.#take("]");
    return of.length === 1 ? of[0] : { kind: "union", of };
  }

  #selector(): Step {
    this.#blanks();
    const step = this.#selectorItself();
    this.#blanks();
    return step;
  }

  #selectorItself(): Step {
    if (this.#peek() === "*") {
      this.#at++;
      return { kind: "wildcard" };
    }
    if (this.#peek() === "'" || this.#peek() === '"') return { kind: "field", name: this.#quoted() };
    const numbers = [this.#integer()];
    while (this.#peek() === ":" && numbers.length < 3) {
      this.#at++;
      numbers.push(this.#integer());
    }
    const [from, to, by = 1] = numbers;
    if (numbers.length > 1) {
      if (by < 1) this.fail("a slice needs a step above 0");
      return { kind: "slice", from, to, by };
    }
    return from === undefined
      ? this.fail("an index or a quoted key is missing in brackets")
      : { kind: "index", at: from };
  }

  #filter(): Step {
    this.#take("?");
    this.#take("(");
    this.#blanks();
    const left = this.#operand();
    this.#blanks();
    const operator = /^(==|!=|<=|>=|<|>)/.exec(this.rest)?.[0];
    this.#at += operator?.length ?? 0;
    this.#blanks();
    const right = operator === undefined ? undefined : this.#operand();
    this.#blanks();
    this.#take(")");
    this.#take("]");
    return { kind: "filter", left, operator, right };
  }

  #operand(): Operand {
    const next = this.#peek();
    if (next === "'" || next === '"') return { literal: this.#quoted() };
    if (next === "@" || next === "$" || next === ".") return { path: this.steps() };
    const word = /^(true|false|-?[0-9]+(\.[0-9]+)?)/.exec(this.rest)?.[0];
    if (word === undefined) this.fail("a value is missing in a filter");
    this.#at += word.length;
    return { literal: JSON.parse(word) };
  }

  #quoted(): string {
    const quote = this.#peek();
    let text = "";
    for (this.#at++; this.#peek() !== quote; this.#at++) {
      if (this.atEnd) this.fail("a quote is not closed");
      if (this.#peek() === "\\") this.#at++;
      text += this.#peek();
    }
    this.#at++;
    return text;
  }

  #integer(): number | undefined {
    const digits = /^-?[0-9]{1,15}/.exec(this.text.slice(this.#at, this.#at + 16))?.[0];
    this.#at += digits?.length ?? 0;
    return digits === undefined ? undefined : Number(digits);
  }

  #blanks(): void {
    while (this.#peek() === " ") this.#at++;
  }
}

/** More values than any service has; a path that leads to them all is a mistake. */
const manyValues = 10_000;

function walk(steps: readonly Step[], start: readonly unknown[], root: unknown): unknown[] {
  let values = [...start];
  for (const [i, step] of steps.entries()) {
    const searching = steps[i - 1]?.kind === "descent";
    values = values.flatMap((value) => searching ? takeIfThere(step, value, root) : take(step, value, root));
    if (values.length > manyValues) throw new JsonPathError("jsonpath returned multiple results");
  }
  return values;
}

function take(step: Step, value: unknown, root: unknown): unknown[] {
  switch (step.kind) {
    case "field":
      return [fieldOf(value, step.name)];
    case "index":
      return [elementOf(value, step.at)];
    case "slice":
      return sliceOf(value, step);
    case "wildcard":
      return childrenOf(value);
    case "union":
      return step.of.flatMap((each) => take(each, value, root));
    case "descent":
      return descendants(value);
    case "filter":
      return listOf(value).filter((item) => matches(step, item, root));
  }
}

/** After a descent most values lack what is looked for: that is no error. */
function takeIfThere(step: Step, value: unknown, root: unknown): unknown[] {
  try {
    return take(step, value, root);
  } catch (error) {
    if (error instanceof JsonPathError) return [];
    throw error;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)) {
    return (value as Record<string, unknown>)[name];
  }
  throw new JsonPathError(`jsonpath evaluation error: ${name} is not found`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new JsonPathError("jsonpath evaluation error: it is not a list");
}

function elementOf(value: unknown, at: number): unknown {
  const list = listOf(value);
  const index = at < 0 ? list.length + at : at;
  if (index < 0 || index >= list.length) {
    throw new JsonPathError(
      `jsonpath evaluation error: array index out of bounds: index ${at}, length ${list.length}`,
    );
  }
  return list[index];
}

function sliceOf(value: unknown, { from, to, by }: { from?: number; to?: number; by: number }): unknown[] {
  return listOf(value).slice(from, to).filter((_, index) => index % by === 0);
}

function childrenOf(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Array.isArray(value) ? value : Object.values(value);
}

/** The value and all below it. */
function descendants(value: unknown): unknown[] {
  const all: unknown[] = [];
  const open = [value];
  while (open.length > 0 && all.length <= manyValues) {
    const next = open.shift();
    all.push(next);
    open.push(...childrenOf(next));
  }
  return all;
}

function matches(
  { left, operator, right }: Extract<Step, { kind: "filter" }>,
  item: unknown,
  root: unknown,
): boolean {
  const a = operandValue(left, item, root);
  if (operator === undefined) return a !== undefined;
  const b = operandValue(right!, item, root);
  if (a === undefined || b === undefined || typeof a !== typeof b) return false;
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    default:
      return ordered(operator, a as string | number, b as string | number);
  }
}

function ordered(operator: string, a: string | number, b: string | number): boolean {
  return operator === "<" ? a < b : operator === "<=" ? a <= b : operator === ">" ? a > b : a >= b;
}

function operandValue(operand: Operand, item: unknown, root: unknown): unknown {
  if ("literal" in operand) return operand.literal;
  try {
    return walk(operand.path, [item], root)[0];
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}
