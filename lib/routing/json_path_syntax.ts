/** Reads one Kubernetes JSONPath expression: what stands between `{` and `}` (services.md §9.1 rule 1). */

/** One step of an expression, from the values so far to the next ones. */
export type Step =
  | { readonly step: "field"; readonly name: string }
  /** `.*` */
  | { readonly step: "wildcard" }
  /** `..` */
  | { readonly step: "descent" }
  /** `[from:to:by]`; `index` says that it is `[from]`. */
  | {
    readonly step: "slice";
    readonly index: boolean;
    readonly from?: number;
    readonly to?: number;
    readonly by?: number;
  }
  | { readonly step: "union"; readonly branches: readonly (readonly Step[])[] }
  | { readonly step: "exists"; readonly what: readonly Step[] }
  | {
    readonly step: "compare";
    readonly left: readonly Step[];
    readonly operator: string;
    readonly right: readonly Step[];
  }
  /** A quoted text: one result, whatever came before it. */
  | { readonly step: "text"; readonly text: string }
  /** A number or boolean: one result for each value before it. */
  | { readonly step: "constant"; readonly value: number | boolean };

/** An expression that does not read. */
export class JsonPathSyntaxError extends Error {
  override readonly name = "JsonPathSyntaxError";
}

const fieldEnd = /[ \t\r\n.,[\]$@{}]/;
const letterOrDigit = /[_\p{L}\p{Nd}]/u;
const digit = /\p{Nd}/u;
const comparison = /^([^!<>=]+)([!<>=]+)(.+)$/s;
const key = /^(?:'([^']*)'|"([^"]*)")$/;
const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;

/**
 * The steps of an expression. Besides what client-go reads, a key may stand in double quotes (`["key"]`).
 * @throws JsonPathSyntaxError
 */
export function parseJsonPath(text: string): Step[] {
  return new Expression(text).steps();
}

class Expression {
  readonly #text: string;
  #at = 0;
  readonly #steps: Step[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  steps(): Step[] {
    while (this.#at < this.#text.length) this.#next();
    return this.#steps;
  }

  #next(): void {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    if (this.#takes("[?(")) this.#filter();
    else if (this.#takes("..")) this.#descent();
    else if (this.#takes("[")) this.#steps.push(...bracket(this.#upTo("]", "unterminated array")));
    else if (this.#takes(".")) this.#field();
    else if (this.#takes("@") || this.#takes("$") || this.#takes(" ")) return;
    else if (char === '"' || char === "'") this.#quoted(char);
    else if (char === "+" || char === "-" || digit.test(char)) this.#number();
    else if (letterOrDigit.test(char)) this.#word();
    else if (char === "\n" || char === "\r") throw new JsonPathSyntaxError("unclosed action");
    else throw new JsonPathSyntaxError(`unrecognized character in action: ${named(char)}`);
  }

  #takes(prefix: string): boolean {
    const found = this.#text.startsWith(prefix, this.#at);
    if (found) this.#at += prefix.length;
    return found;
  }

  /** The text before the next `end`, which has to come in the same line, and goes past it. */
  #upTo(end: string, otherwise: string): string {
    const start = this.#at;
    while (this.#at < this.#text.length && this.#text[this.#at] !== "\n") {
      if (this.#text[this.#at++] === end) return this.#text.slice(start, this.#at - 1);
    }
    throw new JsonPathSyntaxError(otherwise);
  }

  #descent(): void {
    if (this.#steps.at(-1)?.step === "descent") {
      throw new JsonPathSyntaxError("invalid multiple recursive descent");
    }
    this.#steps.push({ step: "descent" });
    const next = this.#text.codePointAt(this.#at);
    if (next !== undefined && letterOrDigit.test(String.fromCodePoint(next))) this.#field();
  }

  #field(): void {
    const start = this.#at;
    while (this.#at < this.#text.length && !fieldEnd.test(this.#text[this.#at])) {
      this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    }
    const name = this.#text.slice(start, this.#at);
    if (name === "") throw new JsonPathSyntaxError("a field name is missing after a dot");
    this.#steps.push(
      name === "*" ? { step: "wildcard" } : { step: "field", name: name.replaceAll("\\", "") },
    );
  }

  #quoted(quote: string): void {
    const start = ++this.#at;
    for (;; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined || char === "\n") throw new JsonPathSyntaxError("unterminated quoted string");
      if (char === quote && this.#text[this.#at - 1] !== "\\") break;
    }
    this.#steps.push({ step: "text", text: unquoted(this.#text.slice(start, this.#at++), quote) });
  }

  #number(): void {
    const [text] = /^[+-]?[.\p{Nd}]*/u.exec(this.#text.slice(this.#at))!;
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) {
      throw new JsonPathSyntaxError(`cannot parse number ${text}`);
    }
    this.#at += text.length;
    this.#steps.push({ step: "constant", value: Number(text) });
  }

  #word(): void {
    const start = this.#at;
    while (this.#at < this.#text.length && !fieldEnd.test(this.#text[this.#at])) this.#at++;
    const word = this.#text.slice(start, this.#at);
    if (word !== "true" && word !== "false") {
      throw new JsonPathSyntaxError(`unrecognized identifier ${word}`);
    }
    this.#steps.push({ step: "constant", value: word === "true" });
  }

  #filter(): void {
    const condition = this.#condition();
    if (!this.#takes("]")) throw new JsonPathSyntaxError("unclosed array expect ]");
    const [, left, operator, right] = comparison.exec(condition) ?? [];
    this.#steps.push(
      operator === undefined
        ? { step: "exists", what: parseJsonPath(condition) }
        : { step: "compare", left: parseJsonPath(left), operator, right: parseJsonPath(right) },
    );
  }

  /** The text before the `)` that closes a filter: not one within the quotes, of which there is one pair. */
  #condition(): string {
    const start = this.#at;
    let quote: string | undefined;
    let closed = false;
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at];
      if (char === "\n") break;
      if (char === ")" && (quote === undefined || closed)) return this.#text.slice(start, this.#at++);
      if (char !== '"' && char !== "'") continue;
      if (quote === undefined) quote = char;
      else if (char === quote && this.#text[this.#at - 1] !== "\\") closed = true;
    }
    throw new JsonPathSyntaxError("unterminated filter");
  }
}

/** What stands between `[` and `]`: a union, a key, an index or a slice. */
function bracket(text: string): Step[] {
  if (text === "*") return [{ step: "slice", index: false }];
  const branches = text.split(",");
  if (branches.length > 1) {
    return [{
      step: "union",
      branches: branches.map((branch) => bracket(branch.replace(/^ +/, "").trimEnd())),
    }];
  }
  const quoted = key.exec(text);
  if (quoted !== null) return parseJsonPath(`.${quoted[1] ?? quoted[2]}`);
  const parts = slice.exec(text);
  if (parts === null) throw new JsonPathSyntaxError(`invalid array index ${text}`);
  const [, from, to, by] = parts;
  return [{
    step: "slice",
    index: to === undefined,
    from: whole(from),
    to: whole(to?.slice(1)),
    by: whole(by?.slice(1)),
  }];
}

function whole(digits: string | undefined): number | undefined {
  if (digits === undefined || digits === "") return undefined;
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new JsonPathSyntaxError(`array index ${digits} is not a number`);
  return value;
}

const escapes = new Map(Object.entries({
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
}));
const escape = /\\(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|([0-7]{3})|(.)|$)/gsu;

/** A text without its quotes, its escapes resolved as in Go. */
function unquoted(text: string, quote: string): string {
  return text.replace(escape, (_, byte, short, long, octal, letter) => {
    const hex: string | undefined = byte ?? short ?? long;
    const code = hex !== undefined ? parseInt(hex, 16) : octal !== undefined ? parseInt(octal, 8) : undefined;
    const limit = octal === undefined ? 0x10ffff : 0xff;
    const char = code === undefined
      ? letter === quote ? letter : escapes.get(letter)
      : code <= limit
      ? String.fromCodePoint(code)
      : undefined;
    if (char === undefined) {
      throw new JsonPathSyntaxError(`unquote string ${quote}${text}${quote} error invalid syntax`);
    }
    return char;
  });
}

function named(char: string): string {
  return `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")} '${char}'`;
}
