/** Objects in a form in which those that mean the same are equal, and how two of them differ. */

import { canonicalQuantity, isQuantity } from "../../lib/api/mod.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";

/** One place where a recorded object and ours differ. */
export interface Difference {
  /** Dotted, items of lists by position, conditions by type. */
  readonly path: string;
  readonly recorded: unknown;
  readonly ours: unknown;
}

/** Keys whose values are quantities, and keys of maps of quantities. */
const amounts = new Set(["size", "minVram", "requests", "limits"]);
const mapsOfAmounts = new Set(["requests", "limits"]);

/**
 * Without what the README of the corpus calls equal: empty and zero values, notations of quantities, messages,
 * times and generations of conditions, the order of device ids, and UIDs (which differ from run to run).
 */
export function normalForm(value: unknown, key = "", parent = ""): unknown {
  if (Array.isArray(value)) {
    if (key === "conditions") {
      return Object.fromEntries(value.map(({ type, status, reason }) => [type, `${status}/${reason}`]));
    }
    const items = value.map((item) => normalForm(item));
    return nothingIfEmpty(key === "values" ? items.sort() : items);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([name]) => name !== "uid")
      .map(([name, below]) => [name, normalForm(below, name, key)] as const)
      .filter(([, below]) => below !== undefined);
    return nothingIfEmpty(Object.fromEntries(entries));
  }
  if (value === "" || value === 0 || value === false || value === null) return undefined;
  const isAmount = amounts.has(key) || mapsOfAmounts.has(parent);
  return isAmount && isQuantity(value) ? canonicalQuantity(value) : value;
}

function nothingIfEmpty(value: object): object | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

/**
 * All differences of two normal forms, each at the deepest place that they have in common. Variables are compared by
 * name, and then their order, at `env.order`.
 */
export function differences(recorded: unknown, ours: unknown, path = ""): Difference[] {
  if (equalJson(recorded, ours)) return [];
  if (/\.env$/.test(path) && Array.isArray(recorded) && Array.isArray(ours)) {
    return differences(byName(recorded, ours), byName(ours, recorded), path);
  }
  if (!isContainer(recorded) || !isContainer(ours) || Array.isArray(recorded) !== Array.isArray(ours)) {
    return [{ path, recorded, ours }];
  }
  const [left, right] = [recorded as Record<string, unknown>, ours as Record<string, unknown>];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort().flatMap((key) =>
    differences(left[key], right[key], path === "" ? key : `${path}.${key}`)
  );
}

interface Variable {
  readonly name: string;
}

function byName(list: readonly Variable[], other: readonly Variable[]): Record<string, unknown> {
  const names = other.map(({ name }) => name);
  const order = list.map(({ name }) => name).filter((name) => names.includes(name));
  return { ...Object.fromEntries(list.map((each) => [each.name, each])), order: order.join() };
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
