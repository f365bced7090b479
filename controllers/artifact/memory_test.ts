import assert from "node:assert/strict";
import fc from "fast-check";
import { reasons } from "../../lib/operator/errors/reasons.ts";
import { liveObject } from "../../lib/operator/runner/view_fixture.ts";
import { after, artifact, pass } from "./artifact_fixture.ts";
import { type Memory, memoryAnnotation, memoryOf, remember, retryTime } from "./memory.ts";

const time = fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString().replace(/\.\d+Z$/, "Z"));
const told = fc.record({
  category: fc.constantFrom("Auth", "InvalidSpec", "Infrastructure", "ResourceExhaustion"),
  reason: fc.constantFrom(...Object.keys(reasons)),
  message: fc.string({ unit: "binary" }),
}, { noNullPrototype: true });
const memories = fc.record({
  verified: fc.uuid(),
  failure: fc.record({
    attempt: fc.integer({ min: 1, max: 10_000 }),
    at: time,
    retryAt: time,
    inputs: fc.stringMatching(/^[0-9a-f]{8}$/),
    complete: fc.boolean(),
    job: told,
    pods: told,
  }, { requiredKeys: ["attempt", "at", "retryAt", "inputs", "complete", "job"], noNullPrototype: true }),
}, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Memory>;

Deno.test("what is remembered is read back, and written once", () => {
  fc.assert(fc.property(memories, memories, (first, second) => {
    let subject = artifact();
    for (const memory of [first, second]) {
      const edits = remember(liveObject(subject), memory);
      subject = after(subject, { ...pass(subject), plan: { children: [], removals: [], edits } });
      assert.deepEqual(memoryOf(subject), memory);
      assert.deepEqual(remember(liveObject(subject), memory), []);
    }
  }));
});

Deno.test("an annotation that says nothing of use counts as none", () => {
  const whole = { attempt: 1, at: "2026-01-01T00:00:00Z", retryAt: "2026-01-01T00:00:00Z", inputs: "x" };
  const texts = [
    "",
    "{",
    "null",
    "[]",
    "{}",
    JSON.stringify(whole),
    JSON.stringify({ ...whole, at: "noon" }),
  ];
  for (const text of texts) {
    const annotations = { [memoryAnnotation.failure]: text };
    assert.deepEqual(memoryOf(artifact({}, undefined, { annotations })), {}, text);
  }
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
