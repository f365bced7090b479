/** Health of a volume claim (conventions.md §6.7 "PVC"). */

import type { Event, PersistentVolumeClaim } from "../objects.ts";
import { type About, type ComponentHealth, failing, missing, ready } from "../status/health.ts";
import { eventReasons } from "./causes.ts";
import { eventsAbout, newest } from "./events.ts";

const unbound = eventReasons("PersistentVolumeClaim", "unbound");

/** Health of a claim of ours; while it is pending, its own events say why. */
export function inspectClaim(
  claim: PersistentVolumeClaim | undefined,
  about: About,
  events: readonly Event[] = [],
): ComponentHealth {
  const child: About = { ...about, role: "child" };
  if (claim === undefined) return missing({ ...child, dependency: "Downstream" }, "The volume claim");
  const { phase, conditions } = claim.status ?? {};
  if (phase === "Bound") return ready(child, "Ready", "The volume claim is bound");
  if (phase === "Lost") {
    return failing(child, {
      category: "Infrastructure",
      reason: "PvcLost",
      message: "The volume behind the claim is gone",
    });
  }
  const resizing = conditions?.find(({ type, status, reason }) =>
    type === "Resizing" && status === "False" && reason === "ProvisioningFailed"
  );
  if (resizing !== undefined) {
    const message = resizing.message || "The volume could not be made larger";
    return failing(child, { category: "Infrastructure", reason: "PvcProvisioningFailed", message });
  }
  const cause = unboundCause(claim, events);
  const message = `The volume claim is pending${cause === undefined ? "" : `: ${cause}`}`;
  return { ...child, state: "Progressing", reason: "PvcPending", message };
}

/** Why the claim is not bound: its newest event that says what is wrong, else the newest that tells what goes on. */
export function unboundCause(claim: PersistentVolumeClaim, events: readonly Event[]): string | undefined {
  const about = eventsAbout(claim, events);
  const event = newest(about, unbound.wrong) ?? newest(about, unbound.telling);
  return event && `${event.reason}: ${event.message ?? ""}`;
}
