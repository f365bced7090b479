/** Label selectors: `a`, `!a`, `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a>5`. */
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

const nameProblem =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** As a selector says it of a key. */
function keyProblem(key: string): string | undefined {
  return qualifiedNameProblem(key)?.replace(/^a qualified name must/, "a valid label key must");
}

/** What is wrong with the key of a label, or undefined. */
export function qualifiedNameProblem(key: string): string | undefined {
  const parts = key.split("/");
  if (parts.length > 2) {
    return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
      "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
      "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
  }
  const name = parts[parts.length - 1];
  if (parts.length === 2) {
    if (parts[0] === "") return "prefix part must be non-empty";
    const problem = subdomainProblem(parts[0]);
    if (problem !== undefined) return `prefix part ${problem}`;
  }
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return "name part must be no more than 63 bytes";
  return /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name) ? undefined : nameProblem;
}

/** What is wrong with the value of a label, or undefined. */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return "must be no more than 63 bytes";
  if (/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) return undefined;
  return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}

/** What is wrong with a DNS subdomain, the name of most objects, or undefined. */
export function subdomainProblem(name: string): string | undefined {
  if (name.length > 253) return "must be no more than 253 characters";
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)) return undefined;
  return "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
}

/** What is wrong with a DNS label, the name of a namespace, or undefined. */
export function labelNameProblem(name: string): string | undefined {
  if (name.length > 63) return "must be no more than 63 bytes";
  if (/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return undefined;
  return "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " +
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
}
