/**
 * InferenceServices that were there before: a take-over from AIM Engine, or an upgrade, restarts nothing. Where
 * our rules are richer than those that an InferenceService was made by, it stays as it is until the service's
 * own generation changes (spec/README "Which line wins", core.md "The applier").
 */

import type { AIMService } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import { equalJson } from "../../../lib/kube/json/equal.ts";
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

/** Labels of GitOps tools that the InferenceService has from the service; they are propagated no more (§10). */
export function marksOf(
  { service, propagation }: Context,
  live: InferenceService | undefined,
): Record<string, string> {
  const marks = Object.entries(marksOfTools(service.metadata.labels, propagation));
  return Object.fromEntries(marks.filter(([key, value]) => live?.metadata?.labels?.[key] === value));
}

/** Those of them that stay: KServe writes labels into the pod template, so taking one away restarts the pods. */
export function standingMarks(context: Context, live: InferenceService | undefined): Record<string, string> {
  const marks = marksOf(context, live);
  return chooseFor(context.service, { live: marks, plain: marks, rich: {} });
}
