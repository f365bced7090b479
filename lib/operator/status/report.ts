/** The reporting half of a plan: from what was found of the components to the status and its events. */

import type { AnyKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import { applyFailure } from "./apply_failures.ts";
import type { ExtraCondition } from "./conditions.ts";
import type { ComponentHealth } from "./health.ts";
import { milestones } from "./milestones.ts";
import type { Outcomes, Plan } from "../core/plan.ts";
import type { StatusLike } from "./status_changes.ts";
import { summarize, type Summary } from "./status.ts";
import type { View } from "../core/view.ts";

export interface Findings<S> {
  readonly object: Live<KubeObject> & { readonly status?: StatusLike };
  readonly components: readonly ComponentHealth[];
  /** The generation that was acted on, where that is not yet the object's own. */
  readonly actedOn?: number;
  /** Conditions of the kind's own, beside those of the components. */
  readonly extra?: readonly ExtraCondition[];
  /** Which component speaks for a child that could not be brought to what is wanted. */
  readonly speaksFor?: ReadonlyMap<AnyKind, string>;
  /** As {@link Evidence.coded}. */
  readonly coded?: boolean;
  /** As {@link Evidence.serving}. */
  readonly serving?: boolean;
  readonly reached: View["reached"];
  /** The whole status, given overall word and conditions. */
  readonly statusOf: (summary: Summary) => S;
}

/** Status and events of a plan. Both are pure: they depend on the findings and the outcomes only. */
export function report<S extends object>(
  findings: Findings<S>,
): Required<Pick<Plan<S>, "status" | "events">> {
  const { object, statusOf, actedOn = object.metadata.generation } = findings;
  // A pass asks three times: what is missing, what to write, and which events follow. Mostly nothing has failed.
  let calm: { readonly previous: StatusLike | undefined; readonly summary: Summary } | undefined;
  const summary = (outcomes: Outcomes, previous: StatusLike | undefined) => {
    const troubles = outcomes.troubles();
    if (troubles.length === 0 && calm !== undefined && calm.previous === previous) return calm.summary;
    const summary = summarize({
      components: findings.components,
      extra: findings.extra,
      applyFailures: troubles.flatMap((trouble) => {
        const component = findings.speaksFor?.get(trouble.ref.kind);
        return component === undefined ? [] : [applyFailure(component, trouble)];
      }),
      previous,
      generation: actedOn,
      coded: findings.coded,
      serving: findings.serving,
      reached: findings.reached,
    });
    if (troubles.length === 0) calm = { previous, summary };
    return summary;
  };
  return {
    status: (outcomes) => statusOf(summary(outcomes, object.status)),
    events: (before, _after, outcomes) => {
      const previous = before as StatusLike | undefined;
      const { conditions, failing } = summary(outcomes, previous);
      return milestones({ previous: previous?.conditions, next: conditions, failing });
    },
  };
}

/** For `speaksFor`: kinds and the component that stands for each. */
export function spokenForBy(
  ...pairs: readonly (readonly [kind: AnyKind, component: string])[]
): ReadonlyMap<AnyKind, string> {
  return new Map(pairs);
}
