import assert from "node:assert/strict";
import { events } from "./kinds.ts";

/** The kinds and reasons of events whose texts a status quotes (conventions.md §6.7, services.md §11.3). */
const quoted: readonly (readonly [kind: string, reason: string])[] = [
  ["Pod", "FailedScheduling"],
  ["Pod", "FailedMount"],
  ["Pod", "FailedAttachVolume"],
  ["Pod", "FailedCreatePodSandBox"],
  ["Pod", "Pulling"],
  ["InferenceService", "InternalError"],
  ["InferenceService", "ServerlessModeRejected"],
  ["Job", "FailedCreate"],
  ["PersistentVolumeClaim", "ProvisioningFailed"],
  ["PersistentVolumeClaim", "FailedBinding"],
  ["PersistentVolumeClaim", "WaitForFirstConsumer"],
];

Deno.test("every event that a status quotes is watched, and no others", () => {
  const event = (kind: string, reason: string) =>
    ({ metadata: { name: "e" }, involvedObject: { kind }, reason }) as never;
  for (const [kind, reason] of quoted) {
    assert.notEqual(events.selectedBy(event(kind, reason)), 0, `${kind} ${reason}`);
  }
  assert.equal(events.selectors.length, quoted.length);
});
