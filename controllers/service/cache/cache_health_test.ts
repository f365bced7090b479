/** What `CacheReady` says (services.md §11.3 "Cache", spec/README "Cache health of a service"). */

import assert from "node:assert/strict";
import { artifactController } from "../../artifact/reconcile.ts";
import { templateCacheController } from "../../template_cache/reconcile.ts";
import type { AIMArtifact } from "../../../lib/api/mod.ts";
import { watchedKinds } from "../../../lib/cluster/kinds.ts";
import type {
  Event,
  InferenceService,
  Job,
  PersistentVolumeClaim,
  Pod,
} from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { artifactChildName } from "../../../lib/operator/naming/object_names.ts";
import type { Controller } from "../../../lib/operator/core/controller.ts";
import { liveObject, onView, outcomesOf } from "../../../lib/operator/runner/view_fixture.ts";
import {
  cache,
  cacheName,
  endpoint,
  inferenceService,
  model,
  pass,
  pod as predictorPod,
  service,
  template,
} from "../service_sample.ts";

const named = (name: string, status: string) =>
  cache({ metadata: { name }, status: { status: status as "Ready" } });

const rows: [status: string | undefined, condition: string, message: string, overall: string][] = [
  ["Ready", "True CacheReady", "Template cache is ready: t1-e2c6bafc (artifacts a)", "Starting"],
  ["Progressing", "False CacheNotReady", "Template cache is progressing: t1-e2c6bafc", "Starting"],
  ["Failed", "False CacheFailed", "Template cache failed: t1-e2c6bafc", "Failed"],
  ["", "False CacheCreating", "Template cache status:  (t1-e2c6bafc)", "Starting"],
  ["Pending", "False CacheCreating", "Template cache status: Pending (t1-e2c6bafc)", "Starting"],
  ["Degraded", "False CacheCreating", "Template cache status: Degraded (t1-e2c6bafc)", "Starting"],
  ["NotAvailable", "False CacheCreating", "Template cache status: NotAvailable (t1-e2c6bafc)", "Starting"],
  [undefined, "False CacheCreating", "Creating template cache", "Starting"],
];
for (const [status, condition, message, overall] of rows) {
  Deno.test(`without an endpoint, a cache that is ${status === undefined ? "not there" : status || "without status"}`, () => {
    const caches = status === undefined ? [] : [named(cacheName, status)];
    const result = pass(service(), [model(), template(), ...caches]);
    assert.equal(result.condition("CacheReady"), condition);
    assert.equal(result.message("CacheReady"), message);
    assert.equal(result.status.status, overall);
  });
}

Deno.test("the Shared cache was deleted under a running endpoint: lost, made again, the volumes stay", () => {
  const result = pass(service(), [model(), template(), inferenceService(), predictorPod()]);
  assert.equal(result.condition("CacheReady"), "False CacheLost");
  assert.equal(
    result.message("CacheReady"),
    "Shared template cache was deleted but InferenceService still references cached storage volumes",
  );
  assert.deepEqual(result.children, [
    `create AIMTemplateCache ${cacheName}`,
    `apply InferenceService ${endpoint}`,
  ]);
});

Deno.test("an endpoint that mounts nothing has lost nothing", () => {
  const volumes = [{ name: "dshm", emptyDir: {} }];
  const bare = inferenceService({ spec: { predictor: { containers: [], volumes } } });
  assert.equal(pass(service(), [model(), template(), bare]).condition("CacheReady"), "False CacheCreating");
});

Deno.test("Better §11.3: a failed cache under a Ready endpoint degrades; its own message is appended", () => {
  const conditions = [{
    type: "Ready",
    status: "False" as const,
    reason: "PVCNotBound",
    message: "no storage class",
    lastTransitionTime: "2025-12-31T00:00:00Z",
  }];
  const broken = cache({ status: { status: "Failed", conditions } });
  const serving = pass(service(), [model(), template(), broken, inferenceService(), predictorPod()]);
  assert.equal(serving.condition("CacheReady"), "False CacheFailed");
  assert.equal(serving.message("CacheReady"), "Template cache failed: t1-e2c6bafc: no storage class");
  assert.equal(serving.status.status, "Degraded");

  const unready = inferenceService({ status: { conditions: [{ type: "Ready", status: "False" }] } });
  assert.equal(pass(service(), [model(), template(), broken, unready]).status.status, "Failed");
  assert.equal(pass(service(), [model(), template(), broken]).status.status, "Failed");
});

Deno.test("spec/README: CacheReady names the cache and its artifacts, since its label names only its creator", () => {
  const artifacts = {
    x: { name: "b", model: "org/b", status: "Ready", persistentVolumeClaim: "pvc-b", uid: "b" },
    y: { name: "a", model: "org/a", status: "Ready", persistentVolumeClaim: "pvc-a", uid: "a" },
  } as const;
  const result = pass(service(), [model(), template(), cache({ status: { artifacts } })]);
  assert.equal(result.message("CacheReady"), "Template cache is ready: t1-e2c6bafc (artifacts a, b)");
});

// The chain: the real passes of artifact, cache and service, one after the other, over what stands around them.

const artifact: AIMArtifact = {
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMArtifact",
  metadata: { name: "a", namespace: "ns", uid: "uid-a" },
  spec: { sourceUri: "hf://org/m", size: "1Gi" },
};
const claimName = artifactChildName("a", "cache", "uid-a");
const jobName = artifactChildName("a", "download", "uid-a");

/** The object with the status that a pass of its controller gives it. */
function judged<T extends KubeObject>(
  // deno-lint-ignore no-explicit-any
  controller: Controller<T, any>,
  object: T,
  around: readonly KubeObject[],
): T {
  const { result } = onView(
    [object, ...around],
    { kinds: watchedKinds },
    (view) => controller.reconcile(liveObject(object), view),
  );
  return { ...object, status: result.status!(outcomesOf(result)) };
}

/** What the service says of its cache when these things stand around its artifact. */
function told(
  around: readonly KubeObject[],
  { spec = {}, live = [], now, since, account, progress }: {
    progress?: object;
    spec?: object;
    account?: string;
    live?: readonly KubeObject[];
    now?: string;
    since?: string;
  } = {},
) {
  const status = progress === undefined ? {} : { status: { progress } };
  const source: AIMArtifact = { ...artifact, spec: { ...artifact.spec!, ...spec }, ...status };
  const weights = judged(artifactController, source, around);
  // The runner stamps transitions; a pass alone does not.
  for (const condition of weights.status?.conditions ?? []) {
    if (since !== undefined) condition.lastTransitionTime = since;
  }
  const { status: _, ...bare } = cache();
  const whole = judged(templateCacheController, bare, [template(), weights]);
  const subject = service({ spec: account === undefined ? {} : { serviceAccountName: account } });
  const result = pass(subject, [model(), template(), whole, weights, ...around, ...live], { now });
  return {
    cache: result.condition("CacheReady"),
    says: result.message("CacheReady") ?? "",
    ready: result.message("Ready") ?? "",
    reason: result.condition("Ready"),
    word: result.status.status,
  };
}

const claim = (phase: string): PersistentVolumeClaim => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: claimName, namespace: "ns", uid: "claim", creationTimestamp: "2025-12-31T23:58:00Z" },
  spec: { resources: { requests: { storage: "2Gi" } } },
  status: { phase },
});
const job = (failed?: string): Job => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: {
    name: jobName,
    namespace: "ns",
    uid: "job",
    annotations: { "aim.eai.amd.com/claim-uid": "claim" },
  },
  status: {
    conditions: failed === undefined ? [] : [{
      type: "Failed",
      status: "True",
      reason: failed,
      message: failed,
      lastTransitionTime: "2025-12-31T23:59:30Z",
    }],
  },
});
const pod = (status: Pod["status"]): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "p1",
    namespace: "ns",
    ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: jobName, uid: "job", controller: true }],
  },
  status,
});
const ended = (message: string) =>
  pod({
    phase: "Failed",
    containerStatuses: [{
      name: "model-download",
      state: { terminated: { exitCode: 1, reason: "Error", message } },
    }],
  });
const event = (about: KubeObject, reason: string, message: string, type = "Warning"): Event => ({
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: `${about.metadata!.name}.${reason}`, namespace: "ns" },
  type,
  reason,
  message,
  involvedObject: { kind: about.kind, name: about.metadata!.name, uid: liveObject(about).metadata.uid },
  lastTimestamp: "2025-12-31T23:59:00Z",
});

const unbound = claim("Pending");
const taint = "0/1 nodes are available: 1 node(s) had untolerated taint {gpu: only}";
const unscheduled = pod({
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: taint }],
});

Deno.test("the cause is followed from the service down to claim, Job, pod or event, and its reason repeated", () => {
  const rows: [string, KubeObject[], string, RegExp, string][] = [
    ["nothing there yet", [], "CacheNotReady", /progressing/, "Starting"],
    ["a claim on its way", [unbound], "CacheNotReady", /progressing/, "Starting"],
    [
      "a claim that waits for its first pod",
      [unbound, event(unbound, "WaitForFirstConsumer", "waiting for a pod", "Normal")],
      "CacheNotReady",
      /progressing/,
      "Starting",
    ],
    [
      "a class that is not there",
      [unbound, event(unbound, "ProvisioningFailed", 'storageclass "nfs" not found')],
      "PVCNotBound",
      /artifact a: PersistentVolumeClaim a-cache-\w+ is not bound: ProvisioningFailed: storageclass "nfs" not found/,
      "Starting",
    ],
    [
      "a lost claim",
      [claim("Lost")],
      "PvcLost",
      /artifact a: The volume behind the claim is gone/,
      "Starting",
    ],
    [
      "a taint that no pod tolerates",
      [claim("Bound"), job(), unscheduled],
      "FailedScheduling",
      /artifact a: 0\/1 nodes are available: 1 node\(s\) had untolerated taint/,
      "Starting",
    ],
    [
      "pods that are refused",
      [claim("Bound"), job(), event(job(), "FailedCreate", "violates PodSecurity")],
      "FailedCreate",
      /artifact a: .*violates PodSecurity/,
      "Starting",
    ],
    [
      "a gated repository",
      [claim("Bound"), job(), ended("Cannot access gated repo: org/m")],
      "AuthError",
      /org\/m/,
      "Failed",
    ],
    [
      "no such repository",
      [claim("Bound"), job(), ended("Repository Not Found: org/m")],
      "SourceNotFound",
      /org\/m/,
      "Failed",
    ],
    [
      "a full volume",
      [claim("Bound"), job(), ended("no space left on device")],
      "StorageFull",
      /no space left/,
      "Failed",
    ],
    [
      "a failed Job: what its pod said, and when the next attempt begins",
      [claim("Bound"), job("BackoffLimitExceeded"), ended("Repository Not Found: org/m")],
      "SourceNotFound",
      /attempt 1 failed at .*; the next begins at 2026-01-01T00:59:30Z.*Repository Not Found: org\/m/s,
      "Failed",
    ],
  ];
  for (const [what, around, reason, says, word] of rows) {
    const found = told(around);
    assert.equal(found.cache, `False ${reason}`, what);
    assert.match(found.says, says, what);
    if (!what.startsWith("pods that are refused")) assert.equal(found.word, word, what);
    assert.match(found.ready, says, `${what}: Ready says it, too: ${found.ready}`);
  }
});

Deno.test("how much has arrived is told, in steps of ten percent: between them nothing changes", () => {
  const gibi = 2 ** 30;
  const at = (percentage: number) =>
    told([claim("Bound"), job()], { progress: { percentage, totalBytes: 65 * gibi } }).ready;
  assert.match(at(42), /; artifact a: 40 % of 65 GiB have arrived, 39 GiB are missing$/);
  assert.equal(at(49), at(40));
  assert.match(at(0), /; artifact a: 0 % of 65 GiB have arrived, 65 GiB are missing$/);
  assert.match(at(100), /; artifact a: all of 65 GiB has arrived, checksums are being compared$/);
  assert.doesNotMatch(told([claim("Bound"), job()]).ready, /have arrived/);
  const former = { percentage: 100, displayPercentage: "N/A", totalBytes: 65 * gibi };
  assert.doesNotMatch(
    told([claim("Bound"), job()], { progress: former }).ready,
    /arrived/,
    "of an attempt that failed",
  );
});

Deno.test("of a download that has failed it is told what is missing, and when the next begins", () => {
  const progress = { percentage: 60, downloadedBytes: 3 * 2 ** 30, totalBytes: 5 * 2 ** 30 };
  const around = [claim("Bound"), job("BackoffLimitExceeded"), ended("Repository Not Found: org/m")];
  assert.match(
    told(around, { progress }).ready,
    /artifact a: .*the next begins at 2026-01-01T00:59:30Z.*; 3 GiB of 5 GiB have arrived, 2 GiB are missing/s,
  );
});

Deno.test("a claim that nobody provisions: an external provisioner is given a minute", () => {
  const around = [unbound, event(unbound, "ExternalProvisioning", "waiting for example.com/nfs", "Normal")];
  assert.equal(told(around, { now: "2025-12-31T23:58:59Z" }).cache, "False CacheNotReady");
  assert.equal(told(around, { now: "2025-12-31T23:59:00Z" }).cache, "False PVCNotBound");
});

Deno.test("under an endpoint that serves, what is wrong with its cache is Degraded with its cause", () => {
  const mounting = (name: string): InferenceService => {
    const it = inferenceService();
    it.spec!.predictor!.volumes![1].persistentVolumeClaim!.claimName = name;
    return it;
  };
  const stopped = { ...mounting(claimName), status: { conditions: [{ type: "Ready", status: "False" }] } };
  const on = (around: KubeObject[], ...live: KubeObject[]) => {
    const { cache, word } = told(around, { live });
    return `${cache} ${word}`;
  };
  assert.equal(on([claim("Lost")], mounting(claimName), predictorPod()), "False PvcLost Degraded");
  assert.equal(on([claim("Lost")], stopped), "False PvcLost Starting");
  // The claim was deleted: a new one of its name is being filled, on which the next pod cannot stand yet.
  assert.equal(
    on([claim("Bound"), job()], mounting(claimName), predictorPod()),
    "False CacheNotReady Degraded",
  );
  // A source that has come to the template since: the endpoint does not stand on it.
  assert.equal(
    on([claim("Bound"), job()], mounting("another"), predictorPod()).split(" ")[1],
    "CacheNotReady",
  );
  assert.equal(
    on([claim("Bound"), job()], mounting("another"), predictorPod()),
    "False CacheNotReady Starting",
  );
});

const checkName = artifactChildName("a", "check-size", "uid-a");
const sizeCheck = (failed?: string): Job => ({
  ...job(failed),
  metadata: { name: checkName, namespace: "ns", uid: "job" },
});

Deno.test("spec/README: StorageSizeError once a size check has failed, or has run for a minute; before that CacheNotReady", () => {
  const measuring = (now: string) =>
    told([sizeCheck()], { spec: { size: "0" }, now, since: "2026-01-01T00:00:00Z" });
  assert.equal(measuring("2026-01-01T00:00:59Z").cache, "False CacheNotReady");
  assert.equal(measuring("2026-01-01T00:01:00Z").cache, "False StorageSizeError");
  const denied = pod({
    phase: "Failed",
    containerStatuses: [{
      name: "check-size",
      state: { terminated: { exitCode: 1, message: '{"class":"auth","message":"org/m is gated"}' } },
    }],
  });
  const failed = told([sizeCheck("BackoffLimitExceeded"), denied], { spec: { size: "0" } });
  assert.equal(failed.cache, "False StorageSizeError");
  assert.equal(failed.word, "Failed");
  assert.match(failed.says, /org\/m is gated/);
  assert.match(failed.ready, /org\/m is gated/);
});

Deno.test("refused credentials of a service that names an account: downloads do not run as that one", () => {
  const refused = [claim("Bound"), job(), ended("Cannot access gated repo: org/m")];
  const full = [claim("Bound"), job(), ended("no space left on device")];
  const remedy =
    /run as ServiceAccount aim-engine-artifact-downloader .* not as spec\.serviceAccountName robot: .*spec\.env/;
  assert.match(told(refused, { account: "robot" }).ready, remedy);
  assert.doesNotMatch(told(refused).ready, /ServiceAccount/, "no account, no word of it");
  assert.doesNotMatch(told(full, { account: "robot" }).ready, /ServiceAccount/, "another trouble");
  const denied = pod({
    phase: "Failed",
    containerStatuses: [{
      name: "check-size",
      state: { terminated: { exitCode: 1, message: '{"class":"auth","message":"org/m is gated"}' } },
    }],
  });
  const measured = [sizeCheck("BackoffLimitExceeded"), denied];
  assert.match(told(measured, { spec: { size: "0" }, account: "robot" }).ready, remedy, "a size check");
  const waiting = { reason: "ImagePullBackOff", message: "401 Unauthorized" };
  const image = pod({
    phase: "Pending",
    containerStatuses: [{ name: "model-download", state: { waiting } }],
  });
  const unpulled = told([claim("Bound"), job(), image], { account: "robot" });
  assert.equal(unpulled.cache, "False ImagePullAuthFailure");
  assert.match(unpulled.ready, remedy, "an image");
});

Deno.test("an artifact that was made anew under a name says nothing of the one that the cache used", () => {
  const progress = { percentage: 40, totalBytes: 2 ** 30 };
  const lost = judged(artifactController, { ...artifact, status: { progress } }, [claim("Lost")]);
  const on = (uid: string) => {
    const artifacts = { a: { name: "a", uid, model: "org/m", status: "Progressing" } } as const;
    const waits = cache({ status: { status: "Progressing", artifacts } });
    return pass(service(), [model(), template(), waits, lost, claim("Lost")]);
  };
  assert.equal(on("uid-a").condition("CacheReady"), "False PvcLost");
  assert.equal(on("former").condition("CacheReady"), "False CacheNotReady");
  assert.doesNotMatch(on("former").message("CacheReady")!, /artifact a/);
});

Deno.test("a size check whose pod finds no place says so at once, and is a StorageSizeError after a minute", () => {
  const measuring = (now: string) =>
    told([sizeCheck(), unscheduled], { spec: { size: "0" }, now, since: "2026-01-01T00:00:00Z" });
  assert.equal(measuring("2026-01-01T00:00:01Z").cache, "False FailedScheduling");
  assert.match(measuring("2026-01-01T00:00:01Z").ready, /untolerated taint/);
  assert.equal(measuring("2026-01-01T00:01:00Z").cache, "False StorageSizeError");
  assert.match(measuring("2026-01-01T00:01:00Z").ready, /still being measured: .*untolerated taint/);
});
