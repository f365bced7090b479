/** Differences between a recording and ours that a line of the spec wants: how they are written down. */

import { equalJson } from "../../lib/kube/json/equal.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import type { RecordedCase } from "./cases.ts";
import { type Difference, normalForm } from "./normal_form.ts";

export interface Found extends Difference {
  readonly id: string;
  /** `applied Kind` or `status Kind`. */
  readonly what: string;
  readonly name: string;
  readonly in: RecordedCase;
}

/** A line of the spec, where it shows, and what must stand there. */
export interface Wanted {
  readonly line: string;
  readonly what: RegExp;
  readonly path: RegExp;
  /** Not looked at unless given: the recording is what it is. */
  readonly recorded?: Expected;
  readonly ours: Expected;
  readonly cases: "all" | readonly string[];
}

/** A value, a pattern of a text, or what must hold of the value. */
export type Expected = string | number | RegExp | ((value: unknown, found: Found) => boolean);

/** Whether the line wants this difference, ours being what the line says. */
export function explains(wanted: Wanted, found: Found): boolean {
  return wanted.what.test(found.what) && wanted.path.test(found.path) &&
    (wanted.cases === "all" || wanted.cases.includes(found.id)) &&
    (wanted.recorded === undefined || holds(wanted.recorded, found.recorded, found)) &&
    holds(wanted.ours, found.ours, found);
}

function holds(expected: Expected, value: unknown, found: Found): boolean {
  if (typeof expected === "function") return expected(value, found);
  return expected instanceof RegExp ? typeof value === "string" && expected.test(value) : expected === value;
}

export const absent = (value: unknown) => value === undefined;

/** One expectation for each path; a path that is not there explains nothing. */
export function at(paths: Readonly<Record<string, Expected>>): Expected {
  return (value, found) => isAt(paths, value, found);
}

export function isAt(paths: Readonly<Record<string, Expected>>, value: unknown, found: Found): boolean {
  return Object.hasOwn(paths, found.path) && holds(paths[found.path], value, found);
}

/** One expectation for each case. */
export function perCase(cases: Readonly<Record<string, Expected>>): Expected {
  return (value, found) => Object.hasOwn(cases, found.id) && holds(cases[found.id], value, found);
}

/** Exactly this, whatever the order of keys. */
export function equals(expected: unknown): Expected {
  return (value) => equalJson(value, expected);
}

/** At least this: every key of it with a value like it, lists item by item. */
export function like(pattern: unknown): Expected {
  return (value, found) => isLike(value, pattern, found);
}

export function isLike(value: unknown, pattern: unknown, found: Found): boolean {
  if (typeof pattern !== "object" || pattern === null || pattern instanceof RegExp) {
    return holds(pattern as Expected, value, found);
  }
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(pattern) && pattern.length !== (value as unknown[]).length) return false;
  return Object.entries(pattern).every(([key, below]) =>
    isLike((value as Record<string, unknown>)[key], below, found)
  );
}

/** A given object, with what was set as its status. */
// deno-lint-ignore no-explicit-any -- of any kind, as recorded
export type GivenObject = KubeObject & { readonly spec?: any; readonly status?: any };

/** The given objects whose kind ends like this, in the normal form. */
export function given({ in: { given } }: Found, kind: string): GivenObject[] {
  return given.filter(({ object }) => object.kind!.endsWith(kind)).map(({ object, status }) =>
    normalForm({ ...object, status }) as GivenObject
  );
}

/** What must be said of one of the given objects of a kind. */
export function ofGiven(kind: string, of: (value: unknown, object: GivenObject) => boolean): Expected {
  return (value, found) => given(found, kind).some((object) => of(value, object));
}

/** Which rows explained a difference, and in which cases: one that explains nothing is to go. */
export class Uses {
  readonly #cases = new Map<Wanted, Set<string>>();

  add(row: Wanted, id: string): void {
    this.#cases.set(row, (this.#cases.get(row) ?? new Set()).add(id));
  }

  /** The rows that explain nothing, and of rows that list their cases those that come out as recorded. */
  idle(rows: readonly Wanted[]): string[] {
    return rows.flatMap((row) => {
      const met = this.#cases.get(row);
      if (met === undefined) return [row.line];
      return row.cases === "all"
        ? []
        : row.cases.filter((id) => !met.has(id)).map((id) => `${row.line}: ${id}`);
    });
  }
}
