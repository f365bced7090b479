/**
 * Objects that were stored under an older CRD and that today's schema refuses: they get a status that names
 * the field, the value and the remedy, and harm nobody else (architecture.md rule 9).
 */

import { describeIssue, type Kind, validate } from "../api/mod.ts";
import type { KubeObject, Live } from "../kube/object.ts";
import { isPaused } from "./naming/labels.ts";
import type { Plan } from "./core/plan.ts";
import type { Controller } from "./core/controller.ts";
import { report } from "./status/report.ts";
import type { StatusWord } from "./status/status_words.ts";
import type { StatusLike } from "./status/status_changes.ts";
import type { View } from "./core/view.ts";

/**
 * The controller, behind a check of `spec` against today's schema. An object that fails it is not reconciled:
 * its children stay as they are, and its status says why.
 */
export function validated<T extends KubeObject & { spec?: unknown; status?: StatusLike }, S extends object>(
  controller: Controller<T, S>,
  kind: Kind,
  wordOf: (word: StatusWord) => string = (word) => word,
): Controller<T, S> {
  /** Specs that passed. Frozen objects out of the cache: the same object is the same text. */
  const passed = new WeakSet<object>();
  return {
    name: controller.name,
    kind: controller.kind,
    reconcile(object, view) {
      const spec = object.spec;
      // Going and being frozen do not depend on what the spec says: a finalizer must not outlive its object.
      if (object.metadata.deletionTimestamp !== undefined || isPaused(object)) {
        return controller.reconcile(object, view);
      }
      if (typeof spec === "object" && spec !== null && passed.has(spec)) {
        return controller.reconcile(object, view);
      }
      const result = validate(kind, object as unknown as Parameters<typeof validate>[1]);
      if (!result.ok) return refused<T, S>(object, result.issues.map(describeIssue), view, wordOf);
      if (typeof spec === "object" && spec !== null) passed.add(spec);
      return controller.reconcile(object, view);
    },
  };
}

function refused<T extends KubeObject & { status?: StatusLike }, S extends object>(
  object: Live<T>,
  issues: readonly string[],
  view: View,
  wordOf: (word: StatusWord) => string,
): Plan<S> {
  const message = issues.join("; ");
  return {
    children: [],
    removals: [],
    ...report({
      object,
      components: [{
        component: "Spec",
        dependency: "none",
        errors: [{ category: "InvalidSpec", reason: "InvalidSpec", message }],
      }],
      reached: view.reached,
      statusOf: ({ status, conditions }) =>
        ({
          ...object.status,
          observedGeneration: object.metadata.generation,
          status: wordOf(status),
          conditions,
        }) as unknown as S,
    }),
  };
}
