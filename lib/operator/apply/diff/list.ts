import type { Place, Walk } from "./difference.ts";
import { elementsOf, type FieldNode } from "./managed_fields.ts";
import { isObject, type JsonObject } from "../../../kube/json/json.ts";
import { property } from "./normalize.ts";
import { step } from "./rules.ts";

/** The values of an owned list element: `{name: "a"}` of a list-map, or the bare member of a set. */
interface Owned {
  readonly element: string;
  readonly key: unknown;
}

/**
 * A granular list: a list-map (`k:`) or a set (`v:`). Every item of D must be owned and be in L once,
 * and D's items must stand in L in D's order: the server merges others' items in between, but moves
 * ours into the order that is applied.
 */
export function compareList(
  walk: Walk,
  d: readonly unknown[],
  owned: FieldNode,
  l: unknown,
  place: Place,
): void {
  const live = Array.isArray(l) ? l : [];
  const elements = elementsOf(owned).map((element): Owned => ({ element, key: keyOf(element) }));
  const matches = match(d, elements);
  const rules = step(place.rules, "*");
  let [last, ordered] = [-1, true];
  d.forEach((item, i) => {
    const own = matches[i];
    if (own === undefined) {
      const at = { up: place.at, element: guessElement(item, i) };
      return walk.report("unowned", at, item, live.find((other) => sameIdentity(item, other)));
    }
    const at = { up: place.at, element: own.element };
    const found = positions(live, own.key);
    if (found.length !== 1) return walk.report("value", at, item, found.map((position) => live[position]));
    ordered &&= found[0] > last;
    last = found[0];
    if (isObject(item)) walk.field(item, owned[own.element], live[last], { at, rules });
  });
  if (!ordered) walk.report("value", place.at, d, l);
  const wanted = new Set(matches);
  for (const own of elements) {
    if (wanted.has(own)) continue;
    const was = live[positions(live, own.key)[0]];
    walk.report("released", { up: place.at, element: own.element }, undefined, was);
  }
}

/**
 * Which owned element is which item of D? An item may leave out a key field that has a default (a port's
 * protocol), the element never does: so complete items choose first, the others take what remains.
 */
function match(d: readonly unknown[], elements: readonly Owned[]): (Owned | undefined)[] {
  const free = new Set(elements);
  const matches = d.map((item, i) => {
    const guess = elements[i]; // F is sorted by key, and so are most lists that we build
    const own = guess !== undefined && free.has(guess) && hasKey(item, guess.key)
      ? guess
      : elements.find((candidate) => free.has(candidate) && hasKey(item, candidate.key));
    if (own) free.delete(own);
    return own;
  });
  return matches.map((own, i) => {
    if (own !== undefined || free.size === 0) return own;
    const rest = [...free].find((candidate) => mayHaveKey(d[i], candidate.key));
    if (rest) free.delete(rest);
    return rest;
  });
}

/** Where in the live list the items with this key are; more than one where a list-map was broken. */
function positions(live: readonly unknown[], key: unknown): number[] {
  const found: number[] = [];
  for (let i = 0; i < live.length; i++) if (hasKey(live[i], key)) found.push(i);
  return found;
}

function hasKey(item: unknown, key: unknown): boolean {
  if (!isObject(key)) return item === key;
  for (const name in key) if (property(item, name) !== key[name]) return false;
  return true;
}

function mayHaveKey(item: unknown, key: unknown): boolean {
  if (!isObject(key) || !isObject(item)) return false;
  const shared = Object.keys(key).filter((name) => item[name] !== undefined);
  return shared.length > 0 && shared.every((name) => item[name] === key[name]);
}

function keyOf(element: string): unknown {
  return JSON.parse(element.slice(2));
}

/** How to name an item that we do not own, since the list's keys are not known then. */
function guessElement(item: unknown, i: number): string {
  const name = property(item, "name");
  if (typeof name === "string") return `k:${JSON.stringify({ name })}`;
  return isObject(item) ? `i:${i}` : `v:${JSON.stringify(item)}`;
}

function sameIdentity(item: unknown, other: unknown): boolean {
  return isObject(item)
    ? (item as JsonObject).name !== undefined && property(other, "name") === item.name
    : item === other;
}
