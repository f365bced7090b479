/** What a paused object says of itself: once, and then nothing more until it is resumed (spec/README). */

import type { KubeObject, Live } from "../../kube/object.ts";
import type { StatusLike } from "./status_changes.ts";
import { nothing, type Plan } from "../core/plan.ts";
import { annotation } from "../naming/labels.ts";
import { type Condition, conditionOf, type StoredCondition } from "./conditions.ts";

/**
 * The plan of a paused object: its status gets the condition `Paused`, and stays else as it is. It is of the
 * generation that was acted on last: nothing is done for a later one. One that was never acted on is not Ready, so
 * that nobody takes it for complete; runtime configs have no status word, and are known by their `Ready`.
 */
export function paused<S extends object>(
  object: Live<KubeObject> & { readonly status?: StatusLike },
): Plan<S> {
  const { status = {} } = object;
  if (conditionOf(status.conditions, "Paused") !== undefined) return nothing;
  return { ...nothing, status: () => ({ ...status, conditions: withPaused(status) }) as unknown as S };
}

function withPaused({ conditions = [], observedGeneration, status: word }: StatusLike): StoredCondition[] {
  const said = {
    reason: "Paused",
    message:
      `The annotation ${annotation.paused} is "true": nothing is done for this object until it is removed`,
    ...(observedGeneration !== undefined && { observedGeneration }),
  } as const satisfies Partial<Condition>;
  const known = conditions.filter(({ type }) => type === "Ready");
  const isNew = word === undefined && known.length === 0;
  const ready = isNew ? [{ type: "Ready", status: "False", ...said }] : known;
  const others = conditions.filter(({ type }) => type !== "Ready" && type !== "Reconciling");
  return [...others, { type: "Paused", status: "True", ...said }, ...ready];
}
