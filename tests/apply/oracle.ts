/** What did an apply change? Told from the two objects by other means than the comparison under test. */
import assert from "node:assert/strict";
import type { ManagedFieldsEntry } from "../../lib/kube/object.ts";
import type { Stored } from "./server.ts";
import { cpus, type Json, memories } from "./subjects.ts";

/**
 * What applying `desired` turned `before` into `after`: `none`, or which of value and ownership changed.
 *
 * Quantities count by value. The server itself compares them by text when it looks who else owns a field:
 * another spelling of the same value takes the field from a co-owner. That is no reason to send something,
 * so then only our own entry counts.
 */
export function effectOf(
  before: Stored | undefined,
  after: Stored,
  desired: Json,
  manager: string,
): "none" | "value" | "ownership" {
  if (before === undefined) return "value";
  if (!equal(valueOf(before), valueOf(after))) return "value";
  const spelled = equal(contentOf(before), contentOf(after)) && equal(sameQuantities(desired, ""), desired);
  const entries = (object: Stored) => ownership(object).filter((entry) => spelled || isOurs(entry, manager));
  return equal(entries(before), entries(after)) ? "none" : "ownership";
}

/**
 * The one thing that the comparison cannot see: we own a map's presence and nothing in it, D names what
 * is in it, others or nobody own that with the same values. Then an apply only adds ownership below.
 */
export function claimsOnlyBelowBareMaps(before: Stored, after: Stored, manager: string): boolean {
  if (!equal(valueOf(before), valueOf(after))) return false;
  const [own, next] = [before, after].map((object) =>
    entriesOf(object).find((entry) => isOurs(entry, manager))
  );
  const others = (object: Stored) => ownership(object).filter((entry) => !isOurs(entry, manager));
  return equal(others(before), others(after)) && own !== undefined && next !== undefined &&
    growsBelowLeaves(own.fieldsV1 as Json, next.fieldsV1 as Json, true);
}

function growsBelowLeaves(own: Json, next: Json, root = false): boolean {
  const names = Object.keys(own).filter((name) => name !== ".");
  if (names.length === 0 && !root) return true;
  return names.every((name) => name in next) &&
    Object.keys(next).every((name) => name in own && growsBelowLeaves(own[name] as Json, next[name] as Json));
}

function isOurs(entry: ManagedFieldsEntry, manager: string): boolean {
  return entry.manager === manager && entry.operation === "Apply";
}

function entriesOf(object: Stored): ManagedFieldsEntry[] {
  return object.metadata?.managedFields ?? [];
}

function ownership(object: Stored): ManagedFieldsEntry[] {
  const entries = entriesOf(object).map(({ time: _, ...entry }) => entry);
  return entries.sort((a, b) =>
    JSON.stringify([a.manager, a.operation]) < JSON.stringify([b.manager, b.operation]) ? -1 : 1
  );
}

function valueOf(object: Stored): unknown {
  return sameQuantities(contentOf(object), "");
}

function contentOf(object: Stored): Json {
  const { managedFields: _m, resourceVersion: _r, generation: _g, ...metadata } = object.metadata as Json;
  return { ...object, metadata, status: undefined };
}

/** Writes quantities of the subjects in one form. */
function sameQuantities(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => sameQuantities(item, ""));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, below]) => {
        const target = key === "target" && name === "value";
        if (key === "requests" || key === "limits" || target) {
          return [name, cpus[String(below)] ?? memories[String(below)] ?? below];
        }
        if (name === "sizeLimit") {
          return [name, memories[String(below)] ?? below];
        }
        return [name, sameQuantities(below, name)];
      }),
    );
  }
  return value;
}

function equal(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(JSON.parse(JSON.stringify(a ?? null)), JSON.parse(JSON.stringify(b ?? null)));
    return true;
  } catch {
    return false;
  }
}
