/** What becomes of fields that a manager applied before and applies no longer. */
import type { JsonObject } from "../json.ts";
import { isDeclared, itemNode, memberNode } from "../schema/schema.ts";
import { difference, type FieldSet, intersection, isEmpty, isSubset, leaf, union } from "./field_set.ts";
import { withoutFields } from "./merge.ts";
import { fieldsOf, type Node } from "./typed.ts";

/**
 * Takes away what the manager said last, says no longer, and nobody owns (itself or in part).
 *
 * @param owned what all managers own, this one with what it says now
 */
export function withoutForgotten(
  node: Node,
  merged: JsonObject,
  last: FieldSet,
  owned: FieldSet,
): JsonObject {
  const [lastFields, ownedFields] = [named(node, last), named(node, owned)];
  if (isSubset(lastFields, ownedFields)) return merged;
  const all = named(node, fieldsOf(node, merged));
  const pruned = named(node, fieldsOf(node, withoutFields(node, merged, lastFields)));
  // What somebody owns stays, with all that it stands in.
  const kept = difference(all, union(pruned, ownedFields));
  const afterOwners = isEmpty(kept) ? all : named(node, fieldsOf(node, withoutFields(node, merged, kept)));
  // What the manager never said stays too.
  const gone = intersection(difference(all, afterOwners), lastFields);
  return isEmpty(gone) ? merged : (withoutFields(node, merged, gone) ?? {}) as JsonObject;
}

/** A set in which a field of a known name is itself a member where something below it is. */
export function named(node: Node, set: FieldSet): FieldSet {
  if (set.below.size === 0) return set.member ? leaf : set;
  const below = new Map<string, FieldSet>();
  for (const [key, child] of set.below) {
    const name = key.startsWith("f:") ? key.slice(2) : undefined;
    const inner = name === undefined ? itemNode(node) : memberNode(node, name);
    const more = named(inner, child);
    const member = more.member || name !== undefined && isDeclared(node, name);
    below.set(key, member === more.member ? more : { member, below: more.below });
  }
  return { member: set.member, below };
}
