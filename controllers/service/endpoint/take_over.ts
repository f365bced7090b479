/**
 * InferenceServices that were there before: a take-over from AIM Engine, or an upgrade, restarts nothing. Where
 * our rules are richer than those that an InferenceService was made by, it stays as it is until the service's
 * own generation changes (spec/README "Which line wins", core.md "The applier").
 */

import type { AIMService } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/cluster/objects.ts";
import { equalJson } from "../../../lib/kube/equal.ts";
import { marksOfTools } from "../../../lib/operator/naming/labels.ts";
import type { Context } from "../context.ts";

/** A field of the pod template by AIM Engine's rule and by ours; `live` is what stands there now. */
export interface Alternatives<T> {
  readonly live: unknown;
  readonly plain: T;
  readonly rich: T;
}

/**
 * Which of the two to want. The plain one only where it is what stands there, and the user has not changed the
 * service since its status was written last.
 */
export function chooseFor<T>(service: AIMService, { live, plain, rich }: Alternatives<T>): T {
  const { observedGeneration } = service.status ?? {};
  const unchanged = observedGeneration === undefined || observedGeneration === service.metadata.generation;
  return unchanged && equalJson(live, plain) ? plain : rich;
}

/**
 * Labels of GitOps tools that the InferenceService has from the service. They are propagated no more (§10), but
 * KServe writes labels into the pod template, so they stay for as long as the pods do.
 */
export function standingMarks(
  { service, propagation }: Context,
  live: InferenceService | undefined,
): Record<string, string> {
  const marks = Object.entries(marksOfTools(service.metadata.labels, propagation));
  const standing = Object.fromEntries(
    marks.filter(([key, value]) => live?.metadata?.labels?.[key] === value),
  );
  return chooseFor(service, { live: standing, plain: standing, rich: {} });
}
