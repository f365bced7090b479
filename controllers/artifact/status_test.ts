import assert from "node:assert/strict";
import type { AIMArtifact, AIMArtifactStatus } from "../../lib/api/mod.ts";
import type { Job } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  artifact,
  claim,
  claimName,
  desired,
  failedPod,
  job,
  pass,
  pod,
  reporting,
  runtimeConfig,
  verified,
} from "./artifact_fixture.ts";

const runningPod = pod({ phase: "Running" });
const progressed = (percentage: number, displayPercentage = `${percentage} %`): AIMArtifactStatus => ({
  progress: { percentage, displayPercentage },
});

Deno.test("§5.10: DownloadComplete and what becomes of progress, case by case", () => {
  const complete = job({ ended: { type: "Complete" } });
  const failed = job({ ended: { type: "Failed", reason: "BackoffLimitExceeded" } });
  const full = { percentage: 100, displayPercentage: "100 %", downloadedBytes: 2 ** 30, totalBytes: 2 ** 30 };
  const rows: [string, AIMArtifactStatus | undefined, KubeObject[], string, object | undefined][] = [
    ["complete", { progress: { percentage: 7 } }, [complete], "True Verified", full],
    ["failed at 100", progressed(100), [failed], "False VerificationFailed", {
      percentage: 100,
      displayPercentage: "N/A",
    }],
    ["failed before", progressed(99), [failed], "False Downloading", {
      percentage: 99,
      displayPercentage: "N/A",
    }],
    ["failed unseen", undefined, [failed], "False Downloading", { displayPercentage: "N/A" }],
    ["a pod failed, the Job goes on", progressed(12), [job(), failedPod(1, "Error")], "False Downloading", {
      percentage: 12,
      displayPercentage: "12 %",
    }],
    ["100 reported", progressed(100), [job(), runningPod], "True Verifying", {
      percentage: 100,
      displayPercentage: "100 %",
    }],
    [
      "100 of the attempt before",
      progressed(100, "N/A"),
      [job({ attempt: 2 }), runningPod],
      "False Downloading",
      {
        percentage: 100,
        displayPercentage: "N/A",
      },
    ],
    ["running", progressed(40), [job(), runningPod], "False Downloading", {
      percentage: 40,
      displayPercentage: "40 %",
    }],
    ["no Job yet", undefined, [], "", undefined],
  ];
  for (const [what, before, others, condition, progress] of rows) {
    const seen = pass(artifact({}, before), [...reporting(), claim(), ...others]);
    const found = seen.conditions.find((text) => text.startsWith("DownloadComplete ")) ?? "";
    assert.equal(found.replace("DownloadComplete ", ""), condition, what);
    assert.deepEqual(seen.status?.progress, progress, what);
  }
});

Deno.test("§5.10: what the pod writes about its protocol stays, and ends in Complete", () => {
  const download = {
    protocol: "XET",
    attempt: 1,
    totalAttempts: 2,
    protocolSequence: "XET,HTTP",
    message: "x",
  };
  const others = (ended?: "Complete") => [
    ...reporting(),
    claim(),
    job(ended === undefined ? {} : { ended: { type: ended } }),
  ];
  assert.deepEqual(pass(artifact({}, { download }), others()).status?.download, download);
  assert.deepEqual(pass(artifact({}, { download }), others("Complete")).status?.download, {
    ...download,
    message: "Complete",
  });
  assert.equal(pass(artifact(), others("Complete")).status?.download, undefined);
});

Deno.test("§5.10: the other fields of the status", () => {
  const fields = (subject: AIMArtifact, others: readonly KubeObject[] = []) => {
    const { status: _, conditions: __, progress: ___, ...rest } = pass(subject, others).status!;
    return rest;
  };
  const config = runtimeConfig({ storage: { pvcHeadroomPercent: 25 } });
  assert.deepEqual(fields(artifact({ size: "2.2Gi" })), {
    observedGeneration: 3,
    mode: "Shared",
    displaySize: "2.2 GiB",
  });
  assert.deepEqual(fields(artifact(), [claim(), config]), {
    observedGeneration: 3,
    mode: "Shared",
    displaySize: "1 GiB",
    persistentVolumeClaim: claimName,
    allocatedSize: "2Gi",
    headroomPercent: 25,
  });
  const once = { persistentVolumeClaim: claimName, allocatedSize: "7Gi", headroomPercent: 5 };
  const owned = { ownerReferences: [{ apiVersion: "v1", kind: "Any", name: "o", uid: "o" }] };
  assert.deepEqual(
    fields(artifact({ size: "500M" }, { ...once, lastUsed: "2025-01-01T00:00:00Z" }, owned), [claim()]),
    {
      ...once,
      observedGeneration: 3,
      mode: "Dedicated",
      displaySize: "477 MiB",
      lastUsed: "2025-01-01T00:00:00Z",
    },
  );
  // AIM Engine writes a zero before it knows.
  assert.equal(pass(artifact({}, { allocatedSize: "0" }), [claim()]).status?.allocatedSize, "2Gi");
  assert.deepEqual(fields(artifact({ size: "0" }, { discoveredSizeBytes: 9_094_593_249 })), {
    observedGeneration: 3,
    mode: "Shared",
    displaySize: "8.5 GiB",
    discoveredSizeBytes: 9_094_593_249,
  });
});

Deno.test("what is wrong in the artifact itself is said, and nothing is made of it", () => {
  const annotated = { annotations: { "aim.eai.amd.com/pvc-headroom-percent": "a lot" } };
  const rows: [AIMArtifact, RegExp][] = [
    [artifact({ size: "-5Gi" }), /spec\.size is -5Gi/],
    [artifact({}, undefined, annotated), /pvc-headroom-percent is "a lot"/],
    [{ ...artifact(), spec: undefined }, /spec is missing/],
  ];
  for (const [subject, message] of rows) {
    const seen = pass(subject);
    assert.deepEqual(seen.wants, []);
    assert.equal(seen.status?.status, "Failed");
    assert.ok(seen.conditions.includes("ConfigValid False InvalidSpec"), seen.conditions.join());
    assert.match(seen.messages.Ready, message);
  }
});

Deno.test("a headroom that cannot be read is told while a download waits for it, and of no other", () => {
  const annotated = { annotations: { "aim.eai.amd.com/pvc-headroom-percent": "20%" } };
  const told = (subject: AIMArtifact, around: KubeObject[]) =>
    pass(subject, [claim(), ...reporting(), ...around]).conditions.includes("ConfigValid False InvalidSpec");
  const failed = job({ ended: { type: "Failed", reason: "BackoffLimitExceeded" } });
  assert.equal(told(artifact({}, undefined, annotated), []), true);
  assert.equal(told(artifact({}, undefined, annotated), [failed]), true);
  assert.equal(told(artifact({}, undefined, annotated), [job()]), false);
  const whole = verified();
  const annotations = { ...whole.metadata.annotations, ...annotated.annotations };
  assert.equal(told({ ...whole, metadata: { ...whole.metadata, annotations } }, []), false);
});

Deno.test("a runtime config that is named and absent stops everything; the default one may be absent", () => {
  const seen = pass(artifact({ runtimeConfigName: "gone" }), [claim(), ...reporting()]);
  assert.deepEqual(seen.wants, []);
  assert.equal(seen.status?.status, "Failed");
  assert.ok(seen.conditions.includes("RuntimeConfigReady False ReferenceNotFound"));
  assert.ok(seen.conditions.includes("ConfigValid False ReferenceNotFound"));
  assert.ok(pass(artifact()).conditions.includes("RuntimeConfigReady True DefaultConfigNotFound"));
  assert.ok(pass(artifact(), [runtimeConfig({})]).conditions.includes("RuntimeConfigReady True ConfigFound"));
});

Deno.test("a child that cannot be made shows in the component that stands for it", () => {
  const { plan } = pass(artifact());
  const refused = {
    result: "rejected",
    category: "InvalidSpec",
    reason: "Forbidden",
    message: "exceeded quota",
  } as const;
  const ref = plan.children.find((child) => child.ref.kind.resource.kind === "PersistentVolumeClaim")!.ref;
  const status = plan.status!({
    of: (each) => each === ref ? refused : { result: "sent" },
    troubles: () => [{ ref, outcome: refused }],
  });
  assert.equal(status.status, "Failed");
  const volume = status.conditions?.find(({ type }) => type === "CachePvcReady");
  assert.match(volume!.message!, /exceeded quota/);
});

Deno.test("deleted artifacts are left alone, and paused ones but for saying so", () => {
  const gone = pass(artifact({}, undefined, { deletionTimestamp: "2025-12-31T00:00:00Z" }));
  assert.deepEqual([gone.wants, gone.status], [[], undefined]);
  const frozen = { annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } };
  const paused = pass(artifact({}, undefined, frozen));
  assert.deepEqual([paused.wants, paused.conditions], [[], ["Paused True Paused", "Ready False Paused"]]);
  assert.equal(pass(artifact({}, paused.status, frozen)).status, undefined);
});

Deno.test("the inputs of a Job are on it, so that a change can be told", () => {
  const inputs = (spec: object) =>
    desired<Job>(pass(artifact(spec), [claim(), ...reporting()]), "Job").metadata!.annotations![
      "aim.eai.amd.com/inputs"
    ];
  assert.equal(inputs({}), inputs({}));
  assert.notEqual(inputs({}), inputs({ env: [{ name: "A", value: "1" }] }));
  assert.notEqual(inputs({}), inputs({ imagePullSecrets: [{ name: "reg" }] }));
  assert.notEqual(inputs({}), inputs({ size: "2Gi" }));
});
