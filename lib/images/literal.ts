/**
 * A reader of written values, JSON or Python, that knows where it stands (models-and-templates.md §3.4, §5.8).
 *
 * The caller says what it expects and gets it, or an error with the position. What it has no use for is
 * skipped without building it. Time is linear in the text, and nesting costs no stack.
 */

import { type Dialect, hexDigits, numbers, plainEscapes, words } from "./dialects.ts";

export type { Dialect } from "./dialects.ts";

/** What stands next. `end` is the end of the text; `other` is no value. */
export type ValueKind = "dict" | "list" | "string" | "number" | "boolean" | "null" | "end" | "other";

/** What does not read. `position` counts UTF-16 units from the start of the text. */
export class LiteralError extends Error {
  override readonly name = "LiteralError";
  readonly position: number;
  /** What to do about it. */
  readonly remedy: string;

  constructor(position: number, message: string, remedy: string) {
    super(message);
    this.position = position;
    this.remedy = remedy;
  }
}

/** As deep as lists and dicts may nest in what is skipped; Go's JSON has the same limit. */
export const deepestNesting = 10_000;

const dict = "an object in { }";
const END = -1;
const [TAB, LINE_FEED, FORM_FEED, RETURN, SPACE] = [9, 10, 12, 13, 32];
const [ZERO, NINE] = [48, 57];
const [QUOTE, APOSTROPHE, COMMA, COLON, BACKSLASH] = [34, 39, 44, 58, 92];
const [OPEN_ROUND, CLOSE_ROUND, OPEN_LIST, CLOSE_LIST, OPEN_DICT, CLOSE_DICT] = [40, 41, 91, 93, 123, 125];

const octal = /[0-7]{1,3}/y;
const word = /[\p{L}_][\p{L}\p{N}_]{0,60}/uy;

/** Where a value stands in the text, and how deep it nests: 0 for a string, 1 for a flat list. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

/** See the head of this file. Every method throws {@link LiteralError} when the text is not what it reads. */
export class LiteralReader {
  readonly #text: string;
  readonly #dialect: Dialect;
  #at = 0;

  constructor(text: string, dialect: Dialect) {
    this.#text = text;
    this.#dialect = dialect;
  }

  /** Where the next value starts. */
  get position(): number {
    this.#peek();
    return this.#at;
  }

  /** The kind of the next value, which stays unread. */
  kind(): ValueKind {
    const code = this.#peek();
    if (code === END) return "end";
    if (code === OPEN_DICT) return "dict";
    if (code === OPEN_LIST || (code === OPEN_ROUND && this.#dialect === "python")) return "list";
    if (code === QUOTE || (code === APOSTROPHE && this.#dialect === "python")) return "string";
    if (this.#numberEnd(code) > this.#at) return "number";
    return words[this.#dialect].get(this.#word()) ?? "other";
  }

  /** The next value, a string. */
  string(): string {
    const kind = this.kind();
    if (kind !== "string") throw this.#unexpected("a string");
    return this.#quoted().toWellFormed();
  }

  /** The text of the next value, a number. */
  number(): string {
    const kind = this.kind();
    if (kind !== "number") throw this.#unexpected("a number");
    const start = this.#at;
    this.#at = this.#numberEnd(this.#peek());
    return this.#text.slice(start, this.#at);
  }

  /** Reads a list: `each` is called in front of every item and reads it. */
  items(each: (index: number) => void): void {
    if (this.kind() !== "list") throw this.#unexpected("a list");
    const closer = closerOf(this.#text.charCodeAt(this.#at++));
    this.#sequence(closer, each);
  }

  /** As {@link items}, for a list whose brackets were left out: it ends with the text. */
  bareItems(each: (index: number) => void): void {
    this.#sequence(END, each);
  }

  /** Reads a dict: `each` is called in front of every value and reads it; `at` is where its name stands. */
  fields(each: (name: string, at: number) => void): void {
    if (this.kind() !== "dict") throw this.#unexpected(dict);
    this.#at++;
    this.#sequence(CLOSE_DICT, () => {
      const at = this.position;
      each(this.#name(), at);
    });
  }

  /** Reads the next value, whatever it is, without building it. */
  skip(): Extent {
    const start = this.position;
    const closers: number[] = [];
    let depth = 0;
    do {
      if (this.#opens(closers)) {
        depth = Math.max(depth, closers.length);
        if (!this.#take(closers.at(-1)!)) {
          if (closers.at(-1) === CLOSE_DICT) this.#name();
          continue;
        }
        closers.pop();
      }
      this.#afterValue(closers);
    } while (closers.length > 0);
    return { start, end: this.#at, depth };
  }

  /** Reads the end of the text. */
  finish(): void {
    if (this.#peek() !== END) {
      throw new LiteralError(this.#at, `${this.#found()} follows where the text should end`, "remove it");
    }
  }

  /** The source text of a value, at most 40 characters of it. */
  shown({ start, end }: Extent): string {
    const characters = [...this.#text.slice(start, Math.min(end, start + 82))];
    return characters.slice(0, 40).join("") + (characters.length > 40 ? "…" : "");
  }

  /** Steps into a list or dict and notes how it closes, or over any other value. */
  #opens(closers: number[]): boolean {
    const kind = this.kind();
    if (kind === "dict" || kind === "list") {
      if (closers.length === deepestNesting) {
        throw new LiteralError(
          this.#at,
          `lists and objects nest deeper than ${deepestNesting} levels`,
          "nest less",
        );
      }
      closers.push(closerOf(this.#text.charCodeAt(this.#at++)));
      return true;
    }
    if (kind === "string") this.#quoted();
    else if (kind === "number") this.#at = this.#numberEnd(this.#peek());
    else if (kind === "boolean" || kind === "null") this.#at += this.#word().length;
    else throw this.#unexpected("a value");
    return false;
  }

  /** After a value: on to the next one, out of whatever closes here. */
  #afterValue(closers: number[]): void {
    while (closers.length > 0) {
      const closer = closers.at(-1)!;
      const goesOn = this.#take(COMMA);
      if (goesOn && !this.#trailing(closer)) {
        if (closer === CLOSE_DICT) this.#name();
        return;
      }
      this.#close(closer, goesOn);
      closers.pop();
    }
  }

  #sequence(closer: number, each: (index: number) => void): void {
    let goesOn = false;
    if (this.#peek() !== closer) {
      for (let index = 0;; index++) {
        each(index);
        goesOn = this.#take(COMMA);
        if (!goesOn || this.#trailing(closer)) break;
      }
    }
    if (closer !== END) this.#close(closer, goesOn);
    else this.finish();
  }

  /** Whether the comma just read was the last thing before the end of the list, as Python allows. */
  #trailing(closer: number): boolean {
    return this.#dialect === "python" && this.#peek() === closer;
  }

  #close(closer: number, afterComma: boolean): void {
    if (this.#take(closer)) return;
    const wanted = JSON.stringify(String.fromCharCode(closer));
    throw this.#unexpected(afterComma ? wanted : `"," or ${wanted}`);
  }

  #name(): string {
    if (this.kind() !== "string") throw this.#unexpected("the name of a field in quotes");
    const name = this.#quoted();
    if (!this.#take(COLON)) throw this.#unexpected('":"');
    return name;
  }

  #take(code: number): boolean {
    if (this.#peek() !== code) return false;
    this.#at++;
    return true;
  }

  /** The next character after white space, which stays unread. */
  #peek(): number {
    const text = this.#text;
    const end = text.length;
    for (let at = this.#at; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code > SPACE || !this.#isSpace(code)) {
        this.#at = at;
        return code;
      }
    }
    this.#at = end;
    return END;
  }

  #isSpace(code: number): boolean {
    if (code === SPACE || code === LINE_FEED || code === RETURN || code === TAB) return true;
    return code === FORM_FEED && this.#dialect === "python";
  }

  /** Where the number ends that starts here with `code`; here, if none does. */
  #numberEnd(code: number): number {
    // Single digits are most of what a large log has, and cost no regular expression.
    const next = this.#text.charCodeAt(this.#at + 1);
    if (code >= ZERO && code <= NINE && (next === COMMA || next === CLOSE_LIST)) return this.#at + 1;
    const pattern = numbers[this.#dialect];
    pattern.lastIndex = this.#at;
    return pattern.test(this.#text) ? pattern.lastIndex : this.#at;
  }

  /** The word that starts here, or at least its first 60 letters; empty if none does. */
  #word(): string {
    word.lastIndex = this.#at;
    return word.test(this.#text) ? this.#text.slice(this.#at, word.lastIndex) : "";
  }

  #quoted(): string {
    const text = this.#text;
    const start = this.#at;
    const quote = text.charCodeAt(start);
    let value = "";
    let run = start + 1;
    for (let at = run; at < text.length;) {
      const code = text.charCodeAt(at);
      if (code === quote) {
        this.#at = at + 1;
        return value + text.slice(run, at);
      }
      if (code === BACKSLASH) {
        this.#at = at;
        value += text.slice(run, at) + this.#escape();
        run = at = this.#at;
      } else if (code < SPACE && (this.#dialect === "json" || code === LINE_FEED || code === RETURN)) {
        throw new LiteralError(at, "a string holds a control character", "write it as an escape: \\n");
      } else {
        at++;
      }
    }
    this.#at = text.length;
    throw new LiteralError(start, "a string has no end", `close it with ${String.fromCharCode(quote)}`);
  }

  #escape(): string {
    const start = this.#at;
    const letter = this.#text.charAt(start + 1);
    const plain = plainEscapes[this.#dialect][letter];
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const digits = hexDigits[this.#dialect][letter];
    if (digits !== undefined) {
      const hex = this.#text.slice(start + 2, start + 2 + digits);
      const character = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : END;
      if (character !== END && character <= 0x10ffff) {
        this.#at += 2 + digits;
        return String.fromCodePoint(character);
      }
    } else if (this.#dialect === "python") {
      return this.#pythonEscape(letter);
    }
    throw new LiteralError(start, "a string holds an escape that is none", "write a backslash as \\\\");
  }

  /** Up to three octal digits, or a backslash that stands for itself. */
  #pythonEscape(letter: string): string {
    octal.lastIndex = this.#at + 1;
    const digits = octal.exec(this.#text)?.[0];
    if (digits !== undefined) {
      this.#at += 1 + digits.length;
      return String.fromCodePoint(Number.parseInt(digits, 8));
    }
    this.#at += letter === "" ? 1 : 2;
    return `\\${letter}`;
  }

  #unexpected(wanted: string): LiteralError {
    const at = this.position;
    const found = this.#found();
    const quotable = wanted !== dict && this.kind() === "other" && this.#word() !== "";
    return new LiteralError(
      at,
      `${wanted} is expected here, found ${found}`,
      quotable ? `put ${found} in quotes` : `write ${wanted} here`,
    );
  }

  /** What stands at the position, in words. */
  #found(): string {
    if (this.#peek() === END) return "the end of the text";
    const kind = this.kind();
    if (kind === "string") return "a string";
    if (kind === "number") {
      return this.#text.slice(this.#at, Math.min(this.#numberEnd(this.#peek()), this.#at + 40));
    }
    const name = this.#word();
    return name || JSON.stringify(String.fromCodePoint(this.#text.codePointAt(this.#at)!));
  }
}

function closerOf(opener: number): number {
  if (opener === OPEN_ROUND) return CLOSE_ROUND;
  return opener === OPEN_LIST ? CLOSE_LIST : CLOSE_DICT;
}
