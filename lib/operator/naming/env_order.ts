/** The order of environment variables, which decides what a `$(NAME)` in a value finds (services.md §8.4). */

import type { EnvVar } from "../../api/mod.ts";
import { compareCodePoints } from "./naming.ts";

/** By name, in the order of bytes: AIM Engine's order. */
export function sortedByName(env: readonly EnvVar[]): EnvVar[] {
  return [...env].sort((a, b) => compareCodePoints(a.name, b.name));
}

/**
 * By name, but behind every variable that its `$(NAME)` refers to: a kubelet puts in only what stands before
 * (spec/README). Of variables that refer to each other in a circle the first by name comes first.
 *
 * @param env names are unique
 */
export function sortedByReference(env: readonly EnvVar[]): EnvVar[] {
  const sorted = sortedByName(env);
  const waitsFor = unmetReferences(sorted);
  if (waitsFor.size === 0) return sorted;
  const entries = new Map(sorted.map((entry) => [entry.name, entry]));
  const waiters = inverted(waitsFor);
  const result: EnvVar[] = [];

  /** Appends a variable, and behind it all that have waited only for it. */
  const place = (name: string) => {
    const next = [name];
    for (const placed of next) {
      result.push(entries.get(placed)!);
      waitsFor.delete(placed);
      for (const waiter of waiters.get(placed) ?? []) {
        const unmet = waitsFor.get(waiter);
        if (unmet?.delete(placed) && unmet.size === 0) next.push(waiter);
      }
    }
  };

  const free = sorted.filter(({ name }) => !waitsFor.has(name));
  for (const { name } of free) place(name);
  // What is left waits for a circle, or is one.
  for (const { name } of sorted) {
    while (waitsFor.has(name)) place(firstOfCircle(name, waitsFor));
  }
  return result;
}

/** Name of each variable that refers to others of the list, with their names. */
function unmetReferences(env: readonly EnvVar[]): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>();
  if (!env.some(({ value }) => value?.includes("$("))) return result;
  const names = new Set(env.map(({ name }) => name));
  for (const { name, value } of env) {
    const others = referencesIn(value ?? "").filter((other) => other !== name && names.has(other));
    if (others.length > 0) result.set(name, new Set(others));
  }
  return result;
}

/** The names in `$(NAME)`; `$$` is a dollar sign, so `$$(NAME)` is text. */
function referencesIn(value: string): string[] {
  return [...value.matchAll(/\$(?:\$|\(([^)]*)\))/g)].flatMap(([, name]) => name ?? []);
}

/** Who waits for a name, in the order of names. */
function inverted(waitsFor: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const [waiter, names] of waitsFor) {
    for (const name of names) {
      const waiters = result.get(name);
      if (waiters === undefined) result.set(name, [waiter]);
      else waiters.push(waiter);
    }
  }
  return result;
}

/** Follows what is waited for until a name comes again; the smallest of the names from there on. */
function firstOfCircle(start: string, waitsFor: ReadonlyMap<string, ReadonlySet<string>>): string {
  const path = new Set<string>();
  let name = start;
  while (!path.has(name)) {
    path.add(name);
    name = [...waitsFor.get(name)!].sort(compareCodePoints)[0];
  }
  const all = [...path];
  return all.slice(all.indexOf(name)).sort(compareCodePoints)[0];
}
