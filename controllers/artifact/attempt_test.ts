import assert from "node:assert/strict";
import fc from "fast-check";
import { MESSAGE_LIMIT, messageText } from "../../lib/operator/status/conditions.ts";
import { type Failure, failureIn, failureText, retryTime, verifiedClaimIn, verifiedText } from "./attempt.ts";

const time = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().replace(/\.\d+Z$/, "Z"));
const failures: fc.Arbitrary<Failure> = fc.record({
  attempt: fc.integer({ min: 1, max: 10_000 }),
  at: time,
  retryAt: time,
  inputs: fc.stringMatching(/^[0-9a-f]{8}$/),
}, { noNullPrototype: true });

Deno.test("a failure is read back from its text, whatever follows and however much of it is cut", () => {
  fc.assert(fc.property(failures, fc.string({ maxLength: 3 * MESSAGE_LIMIT }), (failure, detail) => {
    assert.deepEqual(failureIn(messageText(failureText(failure, detail))), failure);
  }));
});

Deno.test("other texts tell of no failure", () => {
  const texts = [
    undefined,
    "",
    "Download attempt 2 is running",
    "Download attempt 1 failed at noon; the next begins at one, or once artifact or runtime config change (inputs 00000000): x",
  ];
  for (const text of texts) assert.equal(failureIn(text), undefined);
});

Deno.test("the claim that was verified is read back by its UID", () => {
  assert.equal(verifiedClaimIn(verifiedText({ name: "a-cache-1", uid: "u-1" })), "u-1");
  assert.equal(verifiedClaimIn("Download completed and verified"), undefined);
  assert.equal(verifiedClaimIn(undefined), undefined);
});

Deno.test("§5.12 Better: attempts follow after a minute, doubling to half an hour; stubborn causes after an hour", () => {
  const at = "2026-01-01T00:00:00Z";
  const rows: [number, Parameters<typeof retryTime>[2], string][] = [
    [1, "PodFailed", "2026-01-01T00:01:00Z"],
    [2, "PodFailed", "2026-01-01T00:02:00Z"],
    [3, "PodOOMKilled", "2026-01-01T00:04:00Z"],
    [5, "JobFailed", "2026-01-01T00:16:00Z"],
    [6, "JobFailed", "2026-01-01T00:30:00Z"],
    [400, "JobFailed", "2026-01-01T00:30:00Z"],
    [1, "AuthError", "2026-01-01T01:00:00Z"],
    [9, "SourceNotFound", "2026-01-01T01:00:00Z"],
    [1, "StorageFull", "2026-01-01T01:00:00Z"],
    [1, "ImagePullAuthFailure", "2026-01-01T01:00:00Z"],
    [1, "ImageNotFound", "2026-01-01T01:00:00Z"],
  ];
  for (const [attempt, reason, wanted] of rows) assert.equal(retryTime(attempt, at, reason), wanted);
});
