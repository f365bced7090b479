/** Events that Kubernetes' own controllers write about pods, claims, Jobs and InferenceServices. */

import type { KubeObject } from "../../kube/object.ts";

export interface EventObject extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly lastObservedTime?: string | null } | null;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly uid?: string };
}

/** When it was last seen, in milliseconds; newer recorders leave `lastTimestamp` empty. */
export function timeOf(event: EventObject): number {
  const text = event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime ??
    event.metadata?.creationTimestamp;
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? 0 : time;
}

/** The newest event with one of the reasons; the first in the list of those of one time. */
export function newest(events: readonly EventObject[], reasons: readonly string[]): EventObject | undefined {
  let found: EventObject | undefined;
  for (const event of events) {
    if (!reasons.includes(event.reason ?? "")) continue;
    if (found === undefined || timeOf(event) > timeOf(found)) found = event;
  }
  return found;
}

/** Those about this very object, not a former one of its name. */
export function eventsAbout(object: KubeObject, events: readonly EventObject[]): EventObject[] {
  const uid = object.metadata?.uid;
  return events.filter((event) => uid !== undefined && event.involvedObject?.uid === uid);
}
