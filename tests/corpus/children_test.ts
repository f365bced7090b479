/**
 * Whatever a reconcile wants of a child is known where the child's kind is declared (`lib/cluster/kinds.ts`): the cache
 * keeps it, or drift there would wake nobody, and the comparison knows it, or it would take ours for somebody else's.
 * Asked of every child that is applied in the recorded cases.
 */

import assert from "node:assert/strict";
import type { AnyKind } from "../../lib/kube/cache/cached_kind.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";
import { isObject } from "../../lib/kube/json/json.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { managerNamed } from "../../lib/operator/naming/labels.ts";
import type { AnyController } from "../../lib/operator/core/controller.ts";
import { controllers } from "../../mod.ts";
import { Turns } from "../simulation/turns.ts";
import { World } from "../simulation/world.ts";
import { recordedCases } from "./cases.ts";
import { scenarioOf } from "./surroundings.ts";

/** The kinds of which children are applied; those of all others are created and never touched again. */
const applied = [
  "AIMClusterServiceTemplate",
  "AIMServiceTemplate",
  "AIMTemplateCache",
  "HTTPRoute",
  "InferenceService",
];

interface Wanted {
  readonly kind: AnyKind;
  readonly manager: string;
  readonly desired: KubeObject;
}

/** Each leaf and each map of a value, with its path in the form of `FieldRules`: `*` for any item of a list. */
function* partsOf(value: unknown, path: string): Generator<[path: string, part: unknown]> {
  yield [path, value];
  if (Array.isArray(value)) { for (const item of value) yield* partsOf(item, `${path}.*`); }
  if (!isObject(value)) return;
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) yield* partsOf(field, path === "" ? key : `${path}.${key}`);
  }
}

/** What is kept, of what a server would hold if it held just this. */
function projectionOf({ kind, manager, desired }: Wanted): Record<string, unknown> {
  const entry = { manager, operation: "Apply", apiVersion: desired.apiVersion, fieldsV1: { "f:spec": {} } };
  const metadata = { uid: "u", resourceVersion: "1", ...desired.metadata, managedFields: [entry] };
  return kind.project({ ...desired, metadata } as Live<KubeObject>) as unknown as Record<string, unknown>;
}

/** What the declaration of the kind does not know of a child that is applied. */
function gapsOf(wanted: Wanted): string[] {
  const { kind, desired, manager } = wanted;
  const { metadata, ...content } = desired as KubeObject & Record<string, unknown>;
  const kept = projectionOf(wanted);
  const gaps: string[] = [];
  const say = (what: string, path: string) => gaps.push(`${what} ${kind.resource.kind} ${path}`);
  for (const [key, value] of Object.entries(content)) {
    if (!equalJson(kept[key], value)) say("not kept of", key);
  }
  const { managedFields, ...keptMetadata } = kept.metadata as Record<string, unknown>;
  if (managedFields === undefined) say("not kept of", `what ${manager} owns`);
  for (const [key, value] of Object.entries(metadata!)) {
    if (!equalJson(keptMetadata[key], value)) say("not kept of", `metadata.${key}`);
  }
  const { emits = {}, quantities = [] } = kind.fieldRules;
  for (const [path, part] of partsOf(content, "")) {
    if (Object.hasOwn(emits, path) && isObject(part)) {
      for (const key of Object.keys(part)) {
        if (!["apiVersion", "kind"].includes(key) && !emits[path].includes(key)) {
          say("not among the fields that we set of", `${path}.${key}`);
        }
      }
    }
    const [last, parent] = path.split(".").reverse();
    const isAmount = ["requests", "limits"].includes(parent) ||
      ["sizeLimit", "size", "minVram"].includes(last);
    const asRule = path.replace(/\.(requests|limits)\.[^.*]+(\.[^*]*)?$/, ".$1.*");
    const isKnown = quantities.includes(path) || quantities.includes(asRule);
    if (isAmount && !isObject(part) && !isKnown) say("no quantity of", path);
  }
  return gaps;
}

/** The controllers, with what they want of their children noted. */
function observed(note: (wanted: Wanted) => void): AnyController[] {
  return controllers.map((controller: AnyController): AnyController => ({
    ...controller,
    reconcile: (object, view) => {
      const plan = controller.reconcile(object, view);
      for (const child of plan.children) {
        if (child.how === "apply") {
          note({ kind: child.ref.kind, manager: managerNamed(controller.name), desired: child.desired });
        }
      }
      return plan;
    },
  }));
}

Deno.test("every field that a builder sets is kept by the cache and known to the comparison", async () => {
  const gaps = new Set<string>();
  const [kinds, fieldsSet] = [new Set<string>(), new Set<string>()];
  const all = observed((wanted) => {
    kinds.add(wanted.kind.resource.kind);
    for (const gap of gapsOf(wanted)) gaps.add(gap);
    for (const [path] of partsOf(wanted.desired, "")) fieldsSet.add(`${wanted.kind.resource.kind} ${path}`);
  });
  for (const recorded of await recordedCases("sucamt")) {
    using turns = new Turns();
    await new World(scenarioOf(recorded, all), 1, turns).settle();
  }
  assert.deepEqual([...gaps], []);
  // What the recordings must hold for this to say anything.
  assert.deepEqual([...kinds].sort(), applied);
  for (
    const field of [
      "volumes.*.persistentVolumeClaim.claimName",
      "autoScaling",
      "affinity",
      "imagePullSecrets",
    ]
  ) {
    assert.ok(fieldsSet.has(`InferenceService spec.predictor.${field}`), `no case has ${field}`);
  }
});
