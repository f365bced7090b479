/**
 * InferenceServices that were there before: a take-over from AIM Engine, or an upgrade, restarts nothing. Where
 * our rules are richer than those that an InferenceService was made by, it stays as it is until the service's
 * own generation changes (spec/README "Which line wins", core.md "The applier").
 */

import type { AIMService } from "../../../lib/api/mod.ts";
import { equalJson } from "../../../lib/kube/equal.ts";

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
