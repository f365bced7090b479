/**
 * Takes out of texts what may be a secret. What is equal stays equal: in one bundle a value always becomes the same word, by
 * a key that is thrown away with the program, so that nobody can try guesses against it.
 */

import { createHmac, randomBytes } from "node:crypto";
import { isObject } from "../../kube/json/json.ts";

/** The usual shapes of tokens; the part in a group is left. */
const shapes: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g,
  /\{\s*\\?"auths\\?"[\s\S]*\}/g,
  /\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?/g,
  /\b(?:hf|ghp|gho|ghu|ghs|ghr|github_pat|npm|pypi)_\w{8,}/g,
  /\b(?:glpat|xox[abeprs]|sk|dckr_pat|dop_v1)-[\w-]{8,}/g,
  /\bAIza[\w-]{30,}/g,
  /\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}/g,
  /\b(?<left>(?:bearer|basic|token)\s+)[\w.~+/=-]{8,}/gi,
  /(?<left>\b[a-z][\w+.-]*:\/\/)[^\s/@]+(?=@)/gi,
  /(?<left>[\w-]*(?:token|secret|passw(?:or)?d|pwd|api_?-?key|access_?-?key|credential|auth)[\w-]*\\?["']?\s*[=:]\s*\\?["']?)(?!redacted-)[^\s"',;&\\]{4,}/gi,
];

/** Runs of letters that may be encoded; what they hold decides. */
const encoded = /[A-Za-z0-9+/_-]{16,}={0,2}/g;

/** Values that tell nothing about anybody. */
const plain = /^(?:|true|false|yes|no|on|off|\d{1,6}|info|debug|warn|error)$/i;

export class Redaction {
  readonly #key = randomBytes(32);
  /** Whole values that are secret wherever they stand. */
  readonly #values = new Map<string, string>();
  #anyValue: RegExp | undefined;

  /**
   * Remembers values of the environment: they are taken out of every other text too, where they are long enough to be told.
   * What is also the name of something is no secret: everybody who may list it sees it.
   */
  learn(value: unknown): void {
    const found = new Set<string>();
    const names = new Set<string>();
    collect(value, found, names);
    for (const each of found) if (!names.has(each)) this.#values.set(each, this.word(each));
    this.#anyValue = undefined;
  }

  /** The tree with every text redacted: values of `env` as a whole, all else where it looks like a secret. */
  tree<T>(value: T): T {
    if (typeof value === "string") return this.text(value) as T;
    if (Array.isArray(value)) return value.map((each) => this.tree(each)) as T;
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, each]) => {
      if (key === "env" && Array.isArray(each)) return [key, each.map((entry) => this.#entry(entry))];
      return [this.text(key), this.tree(each)];
    });
    return Object.fromEntries(entries) as T;
  }

  /** A value that nobody needs to read, as a whole. */
  value(text: string): string {
    return plain.test(text) ? text : this.word(text);
  }

  text(text: string): string {
    let left = text;
    const known = this.#known();
    if (known !== undefined) left = left.replace(known, (value) => this.#values.get(value)!);
    for (const shape of shapes) {
      left = left.replace(shape, (whole, ...more) => {
        const groups = more.at(-1);
        const kept = isObject(groups) && typeof groups.left === "string" ? groups.left : "";
        return kept + this.word(whole.slice(kept.length));
      });
    }
    return left.replace(encoded, (run) => isSecretRun(run) ? this.word(run) : run);
  }

  word(text: string): string {
    if (/^redacted-[0-9a-f]{12}$/.test(text)) return text;
    return `redacted-${createHmac("sha256", this.#key).update(text).digest("hex").slice(0, 12)}`;
  }

  #entry(entry: unknown): unknown {
    if (!isObject(entry)) return this.tree(entry);
    const { value, ...others } = entry;
    return { ...this.tree(others), ...(value !== undefined && { value: this.value(String(value)) }) };
  }

  /** Matches what was learnt; the longest first, so that none is cut by another. */
  #known(): RegExp | undefined {
    if (this.#values.size === 0) return undefined;
    this.#anyValue ??= new RegExp(
      [...this.#values.keys()].filter((value) => value.length >= shortest)
        .sort((a, b) => b.length - a.length)
        .map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|") || "(?!)",
      "g",
    );
    return this.#anyValue;
  }
}

/** Fields that name something. */
const naming = /^(?:name|namespace|model|modelId|sourceUri|image|canonicalName|metric|precision|gpu)$/;

/** Values of the environment, and names, in a tree. */
function collect(value: unknown, found: Set<string>, names: Set<string>): void {
  if (Array.isArray(value)) { for (const each of value) collect(each, found, names); }
  else if (isObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      if (key === "env" && Array.isArray(each)) {
        for (const entry of each) {
          const own = isObject(entry) ? entry.value : undefined;
          if (typeof own === "string" && !plain.test(own)) found.add(own);
        }
      } else if (key === "labels" && isObject(each)) {
        for (const text of Object.values(each)) if (typeof text === "string") names.add(text);
      } else if (typeof each === "string" && naming.test(key)) names.add(each);
      else collect(each, found, names);
    }
  }
}

/** A value shorter than this is found in too many words to be taken out of them. */
const shortest = 8;

/** A key of 40 letters of all sorts, as of AWS; or a name and a password in base64. */
function isSecretRun(run: string): boolean {
  const isMixed = /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run);
  if (run.length === 40 && isMixed) return true;
  try {
    const text = atob(run.replace(/-/g, "+").replace(/_/g, "/"));
    return /^[\x21-\x7e]+:[\x21-\x7e]+$/.test(text);
  } catch {
    return false;
  }
}
