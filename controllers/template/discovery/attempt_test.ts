import assert from "node:assert/strict";
import fc from "fast-check";
import type { DiscoveryState } from "../../../lib/api/mod.ts";
import { counted, nextAttemptAt, succeeded, text } from "./attempt.ts";

const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
const failure = { createdAt: at("10:00:00"), failedAt: at("10:00:30"), reason: "why" };
const once: DiscoveryState = {
  attempts: 1,
  lastAttemptTime: "2026-01-01T10:00:30Z",
  lastFailureReason: "why",
  specHash: "h",
};

// models-and-templates.md §5.7 "Attempt accounting"
const accounting: [what: string, stored: DiscoveryState | undefined, wanted: DiscoveryState][] = [
  ["the first failure", undefined, once],
  ["a record without a time", { attempts: 0 }, once],
  ["a record of a success", { attempts: 0, specHash: "h" }, once],
  ["a Job that is counted already", once, once],
  ["a Job made before the last failure", { ...once, lastAttemptTime: "2026-01-01T10:00:10Z" }, {
    ...once,
    lastAttemptTime: "2026-01-01T10:00:10Z",
  }],
  ["a Job made after the last failure", { ...once, lastAttemptTime: "2026-01-01T09:59:59Z" }, {
    ...once,
    attempts: 2,
  }],
  ["another spec: the count begins anew", { ...once, attempts: 7, specHash: "other" }, once],
  ["AIM Engine's record without a hash goes on", { attempts: 3 }, { ...once, attempts: 4 }],
];
for (const [what, stored, wanted] of accounting) {
  Deno.test(`attempts: ${what}`, () => {
    const record = counted(stored, "h", failure);
    assert.deepEqual(record, wanted);
    assert.deepEqual(counted(record, "h", failure), record, "once");
  });
}

Deno.test("an attempt that seems to have failed before it was made is counted once", () => {
  const skewed = { ...failure, failedAt: at("09:00:00") };
  const record = counted(undefined, "h", skewed);
  assert.deepEqual(counted(record, "h", skewed), record);
  assert.equal(record.lastAttemptTime, "2026-01-01T10:00:00Z");
});

// §5.7: min(60 s · 2^(attempts−1), 3600 s)
const waits: [attempts: number, seconds: number][] = [
  [1, 60],
  [2, 120],
  [3, 240],
  [4, 480],
  [5, 960],
  [6, 1920],
  [7, 3600],
  [8, 3600],
  [60, 3600],
  [2000, 3600],
];
for (const [attempts, seconds] of waits) {
  Deno.test(`after ${attempts} failures the next attempt begins ${seconds} s later`, () => {
    assert.equal(nextAttemptAt({ ...once, attempts }, "h", false), at("10:00:30") + seconds * 1000);
  });
}

const immediately: [what: string, record: DiscoveryState | undefined][] = [
  ["no record", undefined],
  ["no failure", { attempts: 0, specHash: "h" }],
  ["another hash", { ...once, specHash: "other" }],
  ["no hash", { ...once, specHash: undefined }],
  ["no time", { attempts: 1, specHash: "h" }],
];
for (const [what, record] of immediately) {
  Deno.test(`an attempt may begin at once with ${what}`, () => {
    assert.equal(nextAttemptAt(record, "h", false), undefined);
  });
}

Deno.test("over any history of failures the count grows by one a Job, and the wait never shrinks", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 40 }), (lasting) => {
      let record: DiscoveryState | undefined;
      let now = at("00:00:00");
      let before = 0;
      for (const [n, seconds] of lasting.entries()) {
        const job = { createdAt: now, failedAt: now + seconds * 1000, reason: `${n}` };
        record = counted(counted(record, "h", job), "h", job);
        assert.equal(record.attempts, n + 1);
        assert.equal(record.lastFailureReason, `${n}`);
        const next = nextAttemptAt(record, "h", false)!;
        const wait = next - job.failedAt;
        assert.ok(wait >= before && wait <= 3_600_000, `${wait}`);
        [before, now] = [wait, next];
      }
    }),
  );
});

Deno.test("a success starts the count anew and records what for", () => {
  assert.deepEqual(succeeded("h"), { attempts: 0, specHash: "h" });
  assert.equal(succeeded(undefined), undefined);
});

Deno.test("times are whole seconds, never earlier than they were", () => {
  assert.equal(text(at("10:00:00")), "2026-01-01T10:00:00Z");
  assert.equal(text(at("10:00:00") + 1), "2026-01-01T10:00:01Z");
});
