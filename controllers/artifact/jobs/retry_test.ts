/** §5.12 Better: retries by the operator, with growing delay, ended at once by a change. */

import assert from "node:assert/strict";
import { unreadableSecret } from "../../../lib/facts/secret_version.ts";
import type { Job } from "../../../lib/operator/objects.ts";
import {
  after,
  artifact,
  claim,
  desired,
  failedPod,
  job,
  jobName,
  pass,
  pod,
  reporting,
  runtimeConfig,
} from "../artifact_fixture.ts";

const around = [claim(), ...reporting()];
const made = `Job ${jobName}`;
const removed = `- Job ${jobName}`;
const inputs = desired<Job>(pass(artifact(), around), "Job").metadata!.annotations!["aim.eai.amd.com/inputs"];

/** A Job that failed at 00:00:00, as that attempt. */
const failed = (attempt: number) =>
  job({
    attempt,
    inputs,
    ended: { type: "Failed", reason: "BackoffLimitExceeded", at: "2026-01-01T00:00:00Z" },
  });
/** The artifact after a pass that saw it. */
const left = (attempt: number, others = [failedPod(1, "Error", "Traceback")]) =>
  after(artifact(), pass(artifact(), [...around, failed(attempt), ...others]));
const attemptOf = (seen: ReturnType<typeof pass>) =>
  desired<Job>(seen, "Job").metadata!.annotations!["aim.eai.amd.com/attempt"];

Deno.test("a failed Job stays until the next attempt is due, and the message says when that is", () => {
  const early = pass(artifact(), [...around, failed(1)], "2026-01-01T00:00:59Z");
  assert.deepEqual(early.wants.filter((want) => want.includes("Job ")), []);
  assert.match(early.messages.DownloadComplete, /attempt 1 failed at 2026-01-01T00:00:00Z/);
  assert.match(early.messages.DownloadComplete, /next begins at 2026-01-01T00:01:00Z/);
  const due = pass(artifact(), [...around, failed(1)], "2026-01-01T00:01:00Z");
  assert.deepEqual(due.wants.filter((want) => want.includes("Job ")), [removed]);
  assert.equal(attemptOf(pass(after(artifact(), due), around, "2026-01-01T00:01:00Z")), "2");
});

Deno.test("a failed Job that its time to live has removed is not made again before its time", () => {
  const subject = left(5);
  const early = pass(subject, around, "2026-01-01T00:15:59Z");
  assert.ok(!early.wants.includes(made));
  assert.deepEqual(early.status, subject.status, "the status stays as it is once the Job is gone");
  const due = pass(subject, around, "2026-01-01T00:16:00Z");
  assert.equal(attemptOf(due), "6");
  assert.match(due.messages.DownloadComplete, /attempt 6 has not begun/);
});

Deno.test("the pods of a failed Job may be gone before it: what they told stays", () => {
  const subject = left(1, [failedPod(1, "Error", "Cannot access gated repo: a/b")]);
  assert.equal(subject.status!.conditions!.find(({ type }) => type === "Ready")!.reason, "AuthError");
  assert.deepEqual(pass(subject, [...around, failed(1)]).status, subject.status);
  assert.deepEqual(pass(subject, around).status, subject.status);
});

Deno.test("what is remembered is read from no message: reworded ones change nothing", () => {
  const subject = left(5);
  const conditions = subject.status!.conditions!.map((each) => ({ ...each, message: "said otherwise" }));
  const reworded = { ...subject, status: { ...subject.status, conditions } };
  assert.deepEqual(pass(reworded, around).status, subject.status);
  assert.equal(attemptOf(pass(reworded, around, "2026-01-01T00:16:00Z")), "6");
});

Deno.test("what does not pass by itself is tried again after an hour", () => {
  const rows: [string, string][] = [
    ["Traceback", "2026-01-01T00:01:00Z"],
    ["Cannot access gated repo: a/b", "2026-01-01T01:00:00Z"],
    ["Repository Not Found: a/b", "2026-01-01T01:00:00Z"],
    ["no space left on device", "2026-01-01T01:00:00Z"],
  ];
  for (const [log, retryAt] of rows) {
    const { message } = left(1, [failedPod(1, "Error", log)]).status!.conditions!
      .find(({ type }) => type === "DownloadComplete")!;
    assert.ok(message!.includes(`next begins at ${retryAt}`), message);
  }
});

Deno.test("a change of artifact or runtime config begins the next attempt at once, and counts anew", () => {
  const changes: [string, object, ReturnType<typeof runtimeConfig>[]][] = [
    ["artifact", { env: [{ name: "HF_TOKEN", value: "t" }] }, []],
    ["runtime config", {}, [runtimeConfig({ env: [{ name: "HTTPS_PROXY", value: "p" }] })]],
  ];
  for (const [what, spec, config] of changes) {
    const replaced = pass(artifact(spec), [...around, failed(3), ...config]);
    assert.ok(replaced.wants.includes(removed), what);
    const gone = pass({ ...left(3), spec: artifact(spec).spec }, [...around, ...config]);
    assert.equal(attemptOf(gone), "1", what);
  }
});

Deno.test("a mended Secret begins the next attempt, though nothing of the artifact changes", () => {
  const users: [string, object][] = [
    ["token", { env: [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } }] }],
    ["pull secret", { imagePullSecrets: [{ name: "hf" }] }],
  ];
  for (const [what, spec] of users) {
    const subject = artifact(spec);
    const seen = (secrets: Record<string, string>, ...others: Parameters<typeof pass>[1] & object) =>
      pass(subject, [...around, ...others], undefined, secrets);
    assert.ok(!seen({}).wants.includes(made), `${what}: not before it is known what the Job is made of`);
    const [first, mended] = ["1", "2"].map((version) =>
      desired<Job>(seen({ hf: version }), "Job").metadata!.annotations!["aim.eai.amd.com/inputs"]
    );
    assert.notEqual(first, mended, what);
    const job1 = job({ ended: { type: "Failed", at: "2026-01-01T00:00:00Z" }, inputs: first });
    const denied = failedPod(1, "Error", "Cannot access gated repo: a/b");
    assert.ok(!seen({ hf: "1" }, job1, denied).wants.includes(removed), what);
    assert.ok(!seen({}, job1, denied).wants.includes(removed), `${what}: still being asked for`);
    assert.ok(seen({ hf: "2" }, job1, denied).wants.includes(removed), what);
    const [absent, unreadable] = ["", unreadableSecret].map((version) =>
      desired<Job>(seen({ hf: version }), "Job").metadata!.annotations!["aim.eai.amd.com/inputs"]
    );
    assert.equal(unreadable, absent, `${what}: a right that is taken away is no change of it`);
    const gone = pass(after(subject, seen({ hf: "1" }, job1, denied)), around, undefined, { hf: "2" });
    assert.equal(attemptOf(gone), "1", what);
  }
});

Deno.test("a Job that goes on is left alone whatever changes, unless its pods cannot start", () => {
  const changed = artifact({ imagePullSecrets: [{ name: "new" }] });
  const stuck = pod({
    phase: "Pending",
    containerStatuses: [{
      name: "model-download",
      state: { waiting: { reason: "ImagePullBackOff", message: "unauthorized" } },
    }],
  });
  const wants = (...others: Parameters<typeof pass>[1] & object) =>
    pass(changed, [...around, ...others]).wants;
  assert.ok(!wants(job({ inputs }), pod({ phase: "Running" })).includes(removed));
  assert.ok(!wants(job({ inputs }), failedPod(1, "Error", "Traceback")).includes(removed));
  assert.ok(wants(job({ inputs }), stuck).includes(removed));
  assert.ok(wants(job({ inputs }), pod({ phase: "Pending" })).includes(removed));
  assert.ok(!pass(artifact(), [...around, job({ inputs }), stuck]).wants.includes(removed));
});

Deno.test("a Job of AIM Engine, which says nothing about itself, is tried again like any other", () => {
  const theirs = failed(1);
  delete theirs.metadata!.annotations;
  const early = pass(artifact(), [...around, theirs], "2026-01-01T00:00:30Z");
  assert.ok(!early.wants.includes(removed));
  assert.ok(pass(artifact(), [...around, theirs], "2026-01-01T00:01:00Z").wants.includes(removed));
  // What it was made of is taken to be what was wanted when it was first seen to have failed.
  const subject = after(artifact(), early);
  assert.ok(!pass(subject, [...around, theirs]).wants.includes(removed));
  const changed = { ...subject, spec: artifact({ env: [{ name: "A", value: "1" }] }).spec };
  assert.ok(pass(changed, [...around, theirs]).wants.includes(removed));
});

Deno.test("the account that a Job reports under is no input: another binding begins no new attempt", () => {
  const theirs = [claim(), ...reporting("default")];
  const under = desired<Job>(pass(artifact(), theirs), "Job");
  assert.equal(under.spec?.template?.spec?.serviceAccountName, "default");
  assert.equal(under.metadata!.annotations!["aim.eai.amd.com/inputs"], inputs);
});

Deno.test("pods of a former Job of the same name say nothing about this one", () => {
  const former = failedPod(1, "Error", "Cannot access gated repo: a/b");
  former.metadata!.ownerReferences![0].uid = "former-job-uid";
  const { status, conditions } = pass(artifact(), [...around, job({ attempt: 2 }), former]);
  assert.equal(status?.status, "Progressing");
  assert.ok(conditions.includes("DownloadJobPodsReady False NoPods"));
});
