/** Events that Kubernetes' own controllers write about pods, claims, Jobs and InferenceServices. */

import type { Event } from "../objects.ts";
import type { KubeObject } from "../../kube/object.ts";

/** When it was last seen, in milliseconds; newer recorders leave `lastTimestamp` empty. */
export function timeOf(event: Event): number {
  const text = event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime ??
    event.metadata?.creationTimestamp;
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? 0 : time;
}

/** The newest event with one of the reasons; the first in the list of those of one time. */
export function newest(events: readonly Event[], reasons: readonly string[]): Event | undefined {
  let found: Event | undefined;
  for (const event of events) {
    if (!reasons.includes(event.reason ?? "")) continue;
    if (found === undefined || timeOf(event) > timeOf(found)) found = event;
  }
  return found;
}

/** Those about this very object, not a former one of its name. */
export function eventsAbout(object: KubeObject, events: readonly Event[]): Event[] {
  const uid = object.metadata?.uid;
  return events.filter((event) => uid !== undefined && event.involvedObject?.uid === uid);
}
