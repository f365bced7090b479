import { equalJson } from "../../../kube/json/equal.ts";
import { isObject, type JsonObject } from "../../../kube/json/json.ts";
import { liveMap, property, sameScalar } from "./normalize.ts";
import type { Place, Walk } from "./difference.ts";
import { step } from "./rules.ts";

/**
 * An atomic container: owned as a whole, so ownership says nothing about its parts and each part of D is
 * compared with L. What L has beyond D is a difference, except a default that the kind's rules name, or
 * a field that our builder cannot emit (`FieldRules.emits`): those are the server's or a webhook's. A
 * foreign manager that changes anything here takes the leaf from us, which `managedFields` shows.
 */
export function compareAtomic(walk: Walk, d: unknown, l: unknown, place: Place): void {
  // Mostly they are equal, which is seen without a place for each part.
  if (!equalJson(d, l)) compareParts(walk, d, l, place);
}

function compareParts(walk: Walk, d: unknown, l: unknown, place: Place): void {
  if (Array.isArray(d)) {
    if (!Array.isArray(l) || l.length !== d.length) return walk.report("value", place.at, d, l);
    const rules = step(place.rules, "*");
    d.forEach((item, i) => {
      compareParts(walk, item, l[i], { at: { up: place.at, element: `i:${i}` }, rules });
    });
  } else if (isObject(d)) {
    const live = liveMap(l, place.at?.element);
    if (live === undefined) return walk.report("value", place.at, d, l);
    compareMap(walk, d, live, place);
  } else if (!sameScalar(d, l, place.rules)) {
    walk.report("value", place.at, d, l);
  }
}

function compareMap(walk: Walk, d: JsonObject, l: JsonObject, place: Place): void {
  for (const key of Object.keys(d)) {
    if (d[key] === undefined) continue;
    const at = { up: place.at, element: `f:${key}` };
    compareParts(walk, d[key], property(l, key), { at, rules: step(place.rules, key) });
  }
  for (const key of Object.keys(l)) {
    if (l[key] === null || property(d, key) !== undefined) continue;
    const rules = step(place.rules, key);
    if (rules?.default !== undefined && equalJson(rules.default, l[key])) continue;
    if (place.rules?.emits && !place.rules.emits.has(key)) continue;
    walk.report("value", { up: place.at, element: `f:${key}` }, undefined, l[key]);
  }
}
