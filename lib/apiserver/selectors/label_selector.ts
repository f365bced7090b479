/** Label selectors: `a`, `!a`, `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a>5`. */
import { labelValueProblem, qualifiedNameProblem } from "../../kube/names.ts";
import { badRequest } from "../status.ts";

type Labels = Readonly<Record<string, string>>;
export type Matcher = (labels: Labels) => boolean;

const everything: Matcher = () => true;
const tokens = /\s*(!=|==|=|!|<|>|\(|\)|,|[^\s=!<>(),]+)/y;
const operators = ["=", "==", "!=", "in", "notin", "<", ">"];

/** @throws Refusal 400 if the selector does not parse */
export function labelMatcher(selector: string | undefined): Matcher {
  if (selector === undefined || selector.trim() === "") return everything;
  const parser = new Parser(selector);
  const all = parser.requirements();
  return (labels) => all.every((matches) => matches(labels));
}

class Parser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(readonly selector: string) {
    tokens.lastIndex = 0;
    for (let match = tokens.exec(selector); match !== null; match = tokens.exec(selector)) {
      this.#tokens.push(match[1]);
    }
  }

  requirements(): Matcher[] {
    const all: Matcher[] = [];
    for (;;) {
      const token = this.#peek();
      if (token !== "!" && !isWord(token)) {
        if (token === "" && all.length === 0) return all;
        throw badRequest(`found '${token}', expected: !, identifier, or 'end of string'`);
      }
      all.push(this.#requirement());
      const next = this.#take();
      if (next === "") return all;
      if (next !== ",") throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after !== "!" && !isWord(after)) {
        throw badRequest(`found '${after}', expected: identifier after ','`);
      }
    }
  }

  #requirement(): Matcher {
    const absent = this.#peek() === "!";
    if (absent) this.#take();
    const key = this.#take();
    if (!isWord(key)) throw this.#failure(`found '${key}', expected: identifier`);
    this.#check(keyProblem(key), `<nil>: Invalid value: ${JSON.stringify(key)}`);
    if (absent) return (labels) => labels[key] === undefined;
    const operator = this.#peek();
    if (operator === "" || operator === ",") return (labels) => labels[key] !== undefined;
    this.#take();
    if (!operators.includes(operator)) {
      throw this.#failure(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
    if (operator === "in" || operator === "notin") {
      const values = this.#values();
      for (const value of values) this.#checkValue(key, value, values);
      return operator === "in"
        ? (labels) => labels[key] !== undefined && values.includes(labels[key])
        : (labels) => labels[key] === undefined || !values.includes(labels[key]);
    }
    const value = this.#exactValue();
    if (operator === "<" || operator === ">") return this.#comparison(key, operator, value);
    this.#checkValue(key, value, [value]);
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }

  #comparison(key: string, operator: string, value: string): Matcher {
    if (!/^[+-]?\d+$/.test(value)) {
      throw this.#failure(
        `values[0]: Invalid value: ${
          JSON.stringify(value)
        }: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    return (labels) => {
      if (labels[key] === undefined || !/^[+-]?\d+$/.test(labels[key])) return false;
      const [here, there] = [BigInt(labels[key]), BigInt(value)];
      return operator === "<" ? here < there : here > there;
    };
  }

  #exactValue(): string {
    const token = this.#peek();
    if (token === "" || token === ",") return "";
    this.#take();
    if (!isWord(token)) throw this.#failure(`found '${token}', expected: identifier`);
    return token;
  }

  #values(): string[] {
    const open = this.#take();
    if (open !== "(") throw this.#failure(`found '${open}' expected: '('`);
    const values: string[] = [];
    let before = "(";
    for (;;) {
      const token = this.#take();
      if (isWord(token)) values.push(token);
      else if (token === ",") {
        if (before === "," || before === "(") values.push("");
      } else if (token === ")") {
        if (before === "," || before === "(") values.push("");
        return [...new Set(values)].sort();
      } else throw this.#failure(`found '${token}', expected: ',' or ')'`);
      before = token;
    }
  }

  #checkValue(key: string, value: string, values: readonly string[]): void {
    const problem = labelValueProblem(value);
    const where = `values[${values.indexOf(value)}][${key}]: Invalid value: ${JSON.stringify(value)}`;
    this.#check(problem, where);
  }

  #check(problem: string | undefined, where: string): void {
    if (problem !== undefined) throw this.#failure(`${where}: ${problem}`);
  }

  #failure(why: string): Error {
    return badRequest(`unable to parse requirement: ${why}`);
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #take(): string {
    return this.#tokens[this.#at++] ?? "";
  }
}

function isWord(token: string): boolean {
  return token !== "" && !/^(!=|==|=|!|<|>|\(|\)|,)$/.test(token);
}

/** As a selector says it of a key. */
function keyProblem(key: string): string | undefined {
  return qualifiedNameProblem(key)?.replace(/^a qualified name must/, "a valid label key must");
}
