import assert from "node:assert/strict";
import type { AIMArtifact, AIMArtifactStatus } from "../../lib/api/mod.ts";
import type { Job, Pod } from "../../lib/cluster/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  artifact,
  claim,
  claimName,
  desired,
  event,
  failedPod,
  job,
  jobName,
  pass,
  pod,
  reporting,
  runtimeConfig,
  verifiedStatus,
} from "./artifact_fixture.ts";

const waitingPod = (reason: string, message: string) =>
  pod({
    phase: "Pending",
    containerStatuses: [{ name: "model-download", state: { waiting: { reason, message } } }],
  });
const runningPod = pod({ phase: "Running" });
const progressed = (percentage: number, displayPercentage = `${percentage} %`): AIMArtifactStatus => ({
  progress: { percentage, displayPercentage },
});

/** `status | Ready's reason | conditions other than RuntimeConfigReady and Ready`. */
function line(subject: AIMArtifact, others: readonly KubeObject[]): string {
  const { status, conditions } = pass(subject, [...reporting(), ...others]);
  const ready = conditions.find((text) => text.startsWith("Ready "))!;
  const rest = conditions.filter((text) => !/^(Ready|RuntimeConfigReady) /.test(text)).sort();
  return [status?.status, ready.split(" ").slice(1).join(" "), rest.join(", ")].join(" | ");
}

Deno.test("§5.11: the normal sequence, step by step", () => {
  const rows: [string, AIMArtifact, KubeObject[], string][] = [
    [
      "1 nothing there",
      artifact(),
      [],
      "Progressing | False Progressing | CachePvcReady False ResourceNotReady, " +
      "DownloadJobReady False ResourceNotReady",
    ],
    [
      "2 volume",
      artifact(),
      [claim("Pending")],
      "Progressing | False Progressing | CachePvcReady False PvcPending, " +
      "DownloadJobReady False ResourceNotReady",
    ],
    [
      "3 pod pending",
      artifact(),
      [claim("Pending"), job(), pod({ phase: "Pending" })],
      "Pending | False Progressing | CachePvcReady False PvcPending, DownloadComplete False Downloading, " +
      "DownloadJobPodsReady False PodsPending, DownloadJobReady False JobRunning",
    ],
    [
      "4 pod running",
      artifact({}, progressed(40)),
      [claim(), job(), runningPod],
      "Progressing | False Progressing | CachePvcReady True Ready, DownloadComplete False Downloading, " +
      "DownloadJobPodsReady False PodsStarting, DownloadJobReady False JobRunning",
    ],
    [
      "5 all downloaded",
      artifact({}, progressed(100)),
      [claim(), job(), runningPod],
      "Progressing | False Progressing | CachePvcReady True Ready, DownloadComplete True Verifying, " +
      "DownloadJobPodsReady False PodsStarting, DownloadJobReady False JobRunning",
    ],
    [
      "6 Job complete",
      artifact({}, progressed(100)),
      [claim(), job({ ended: { type: "Complete" } })],
      "Ready | True AllComponentsReady | CachePvcReady True Ready, DownloadComplete True Verified",
    ],
    [
      "7 Job gone",
      artifact({}, verifiedStatus()),
      [claim()],
      "Ready | True AllComponentsReady | CachePvcReady True Ready, DownloadComplete True Verified",
    ],
  ];
  for (const [step, subject, others, wanted] of rows) assert.equal(line(subject, others), wanted, step);
});

Deno.test("§5.11: every row of volume and pods", () => {
  const rows: [string, KubeObject[], string, string][] = [
    ["lost volume", [claim("Lost"), job(), runningPod], "Degraded", "CachePvcReady False PvcLost"],
    [
      "volume that cannot grow",
      [{
        ...claim("Pending"),
        status: {
          phase: "Pending",
          conditions: [{ type: "Resizing", status: "False", reason: "ProvisioningFailed" }],
        },
      } as KubeObject],
      "Degraded",
      "CachePvcReady False PvcProvisioningFailed",
    ],
    ["no pods", [claim(), job()], "Progressing", "DownloadJobPodsReady False NoPods"],
    [
      "pod ready",
      [
        claim(),
        job(),
        pod({ phase: "Running", conditions: [{ type: "Ready", status: "True" }] }),
      ],
      "Progressing",
      "DownloadJobPodsReady True PodsReady",
    ],
    [
      "pod succeeded, Job not yet",
      [claim(), job(), pod({ phase: "Succeeded" })],
      "Progressing",
      "DownloadJobPodsReady True PodsReady",
    ],
    ["pod running", [claim(), job(), runningPod], "Progressing", "DownloadJobPodsReady False PodsStarting"],
    [
      "unschedulable",
      [
        claim(),
        job(),
        pod({
          phase: "Pending",
          conditions: [{
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: "no node",
          }],
        }),
      ],
      "Pending",
      "DownloadJobPodsReady False FailedScheduling",
    ],
    [
      "mount fails",
      [
        claim(),
        job(),
        pod({ phase: "Pending" }),
        event(pod({ phase: "Pending" }), "FailedMount", "no such volume"),
      ],
      "Pending",
      "DownloadJobPodsReady False FailedMount",
    ],
    [
      "image is being pulled",
      [
        claim(),
        job(),
        pod({ phase: "Pending" }),
        event(pod({ phase: "Pending" }), "Pulling", "pulling"),
      ],
      "Progressing",
      "DownloadJobPodsReady False Pulling",
    ],
    [
      "pods refused",
      [claim(), job(), event(job(), "FailedCreate", "violates PodSecurity")],
      "Failed",
      "DownloadJobPodsReady False FailedCreate",
    ],
  ];
  for (const [what, others, word, condition] of rows) {
    const { status, conditions } = pass(artifact(), [...reporting(), ...others]);
    assert.equal(status?.status, word, what);
    assert.ok(conditions.includes(condition), `${what}: ${conditions.join(", ")}`);
  }
});

Deno.test("§5.11: a failed Job, by its reason", () => {
  const rows: [string, string, string, string][] = [
    ["BackoffLimitExceeded", "JobBackoffLimitExceeded", "Failed", "InvalidSpec"],
    ["DeadlineExceeded", "JobDeadlineExceeded", "Failed", "InvalidSpec"],
    ["Evicted", "JobEvicted", "Degraded", "JobEvicted"],
    ["Other", "JobFailed", "Failed", "InvalidSpec"],
  ];
  for (const [reason, wanted, word, readyReason] of rows) {
    const others = [...reporting(), claim(), job({ ended: { type: "Failed", reason } })];
    const { status, conditions } = pass(artifact(), others);
    assert.equal(status?.status, word);
    assert.ok(conditions.includes(`DownloadJobReady False ${wanted}`));
    assert.ok(conditions.includes(`Ready False ${readyReason}`), conditions.join());
  }
});

Deno.test("§5.12: pods in trouble while the Job goes on", () => {
  const told = (cause: string, message: string) =>
    failedPod(1, "Error", JSON.stringify({ class: cause, message }));
  const rows: [string, Pod, string][] = [
    [
      "no rights for the image",
      waitingPod("ImagePullBackOff", "403 Forbidden"),
      "Failed AuthError ImagePullAuthFailure AuthValid",
    ],
    [
      "no such image",
      waitingPod("ErrImagePull", "manifest unknown"),
      "Failed ReferenceNotFound ImageNotFound ConfigValid",
    ],
    [
      "image not now",
      waitingPod("ErrImagePull", "i/o timeout"),
      "Degraded ImagePullBackOff ImagePullBackOff DependenciesReachable",
    ],
    [
      "log: no such repository",
      failedPod(1, "Error", "Repository Not Found: a/b"),
      "Failed InvalidSpec SourceNotFound ConfigValid",
    ],
    [
      "log: gated",
      failedPod(1, "Error", "Cannot access gated repo: a/b"),
      "Failed AuthError AuthError AuthValid",
    ],
    [
      "log: disk full",
      failedPod(1, "Error", "write: no space left on device"),
      "Failed StorageFull StorageFull -",
    ],
    ["told: auth", told("auth", "no token"), "Failed AuthError AuthError AuthValid"],
    ["told: not found", told("notFound", "a/b"), "Failed InvalidSpec SourceNotFound ConfigValid"],
    ["told: storage full", told("storageFull", "2 GiB short"), "Failed StorageFull StorageFull -"],
    ["told: network", told("network", "reset by peer"), "Progressing Progressing PodFailed -"],
    ["told: other", told("other", "?"), "Progressing Progressing PodFailed -"],
    [
      "rights of the cluster do not hide the cause",
      failedPod(
        1,
        "Error",
        'pods "x" is forbidden: User cannot patch resource\nAccess to model a/b is restricted',
      ),
      "Failed AuthError AuthError AuthValid",
    ],
    ["killed for memory", failedPod(137, "OOMKilled"), "Progressing Progressing PodOOMKilled -"],
    [
      "evicted",
      pod({ phase: "Failed", reason: "Evicted", message: "node is full" }),
      "Progressing Progressing PodEvicted -",
    ],
    [
      "ran too long",
      pod({ phase: "Failed", reason: "DeadlineExceeded" }),
      "Progressing Progressing PodDeadlineExceeded -",
    ],
    ["anything else", failedPod(1, "Error", "Traceback"), "Progressing Progressing PodFailed -"],
  ];
  for (const [what, trouble, wanted] of rows) {
    const { status, conditions } = pass(artifact(), [...reporting(), claim(), job(), trouble]);
    const reasonOf = (type: string) => conditions.find((text) => text.startsWith(`${type} `))?.split(" ")[2];
    const extra = conditions.filter((text) =>
      /^(AuthValid|ConfigValid|DependenciesReachable) False/.test(text)
    )
      .map((text) => text.split(" ")[0]);
    assert.equal(
      [status?.status, reasonOf("Ready"), reasonOf("DownloadJobPodsReady"), extra.join("+") || "-"].join(
        " ",
      ),
      wanted,
      what,
    );
  }
});

Deno.test("§5.12: once the Job has failed its pods' cause is told, and the Job's class is the answer", () => {
  const failed = job({ ended: { type: "Failed", reason: "BackoffLimitExceeded" } });
  const rows: [Pod, string, string][] = [
    [failedPod(1, "Error", "Cannot access gated repo: a/b"), "AuthError", "AuthError"],
    [failedPod(1, "Error", "no space left on device"), "InvalidSpec", "StorageFull"],
    [failedPod(137, "OOMKilled"), "InvalidSpec", "PodOOMKilled"],
    [failedPod(1, "Error", "Traceback"), "InvalidSpec", "PodFailed"],
  ];
  for (const [trouble, ready, pods] of rows) {
    const { status, conditions } = pass(artifact(), [...reporting(), claim(), failed, trouble]);
    assert.equal(status?.status, "Failed");
    assert.ok(conditions.includes(`Ready False ${ready}`), conditions.join());
    assert.ok(conditions.includes(`DownloadJobPodsReady False ${pods}`), conditions.join());
  }
});

Deno.test("§5.11 Better: a pod that failed before another succeeded keeps nothing from being Ready", () => {
  const others = [
    ...reporting(),
    claim(),
    job({ ended: { type: "Complete" } }),
    failedPod(1, "Error", "Traceback"),
  ];
  const before =
    pass(artifact(), [...reporting(), claim(), job(), failedPod(1, "Error", "Traceback")]).status;
  const { status, conditions } = pass(artifact({}, before), others);
  assert.equal(status?.status, "Ready");
  assert.ok(!conditions.some((text) => text.startsWith("DownloadJob")), conditions.join());
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

Deno.test("without a size the artifact says that it needs one, and makes nothing", () => {
  for (const size of ["0", undefined]) {
    const seen = pass(artifact({ size }));
    assert.deepEqual(seen.wants, []);
    assert.equal(seen.status?.status, "Failed");
    assert.ok(seen.conditions.includes("CheckSizeJobReady False Unsupported"));
    assert.match(seen.messages.CheckSizeJobReady, /set spec\.size/);
    assert.match(seen.messages.Ready, /set spec\.size/);
  }
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

Deno.test("a runtime config that is named and absent stops everything; the default one may be absent", () => {
  const seen = pass(artifact({ runtimeConfigName: "gone" }), [claim(), ...reporting()]);
  assert.deepEqual(seen.wants, []);
  assert.equal(seen.status?.status, "Failed");
  assert.ok(seen.conditions.includes("RuntimeConfigReady False ReferenceNotFound"));
  assert.ok(seen.conditions.includes("ConfigValid False ReferenceNotFound"));
  assert.ok(pass(artifact()).conditions.includes("RuntimeConfigReady True DefaultConfigNotFound"));
  assert.ok(pass(artifact(), [runtimeConfig({})]).conditions.includes("RuntimeConfigReady True ConfigFound"));
});

Deno.test("an excursion out of Ready starts no second download", () => {
  const away = pass(artifact({ runtimeConfigName: "gone" }, verifiedStatus()), [claim(), ...reporting()]);
  assert.equal(away.status?.status, "Failed");
  const back = pass(artifact({}, away.status), [claim(), ...reporting()]);
  assert.deepEqual(back.wants, [`PersistentVolumeClaim ${claimName}`]);
  assert.equal(back.status?.status, "Ready");
});

Deno.test("a volume that is new is empty, though its name and the stored status say otherwise", () => {
  const gone = pass(artifact({}, verifiedStatus()), reporting());
  assert.ok(gone.wants.includes(`PersistentVolumeClaim ${claimName}`));
  assert.equal(gone.status?.status, "Progressing");
  assert.ok(gone.conditions.includes("DownloadComplete False Downloading"));

  // A crash between making the volume and storing that: the stored status still says Verified.
  const anew = pass(artifact({}, verifiedStatus("former-claim")), [claim(), ...reporting()]);
  assert.ok(anew.wants.includes(`Job ${jobName}`));
  assert.equal(anew.status?.status, "Progressing");

  // A complete Job of the former volume proves nothing about this one; it must go first.
  const former = job({ claim: "former-claim", ended: { type: "Complete" } });
  const seen = pass(artifact({}, verifiedStatus("former-claim")), [claim(), former, ...reporting()]);
  assert.ok(seen.wants.includes(`- Job ${jobName}`));
  assert.ok(!seen.wants.includes(`Job ${jobName}`));
  assert.equal(seen.status?.status, "Progressing");
});

Deno.test("a verified download that AIM Engine recorded is believed; its Jobs go by their time", () => {
  const recorded: AIMArtifactStatus = {
    ...verifiedStatus(),
    conditions: verifiedStatus().conditions!.map((each) => ({ ...each, message: "Download verified" })),
  };
  const taken = pass(artifact({}, recorded), [claim(), ...reporting()]);
  assert.equal(taken.status?.status, "Ready");
  assert.deepEqual(taken.wants, [`PersistentVolumeClaim ${claimName}`]);

  const at = (creationTimestamp: string) =>
    job({
      ended: { type: "Complete" },
      metadata: { name: jobName, namespace: "ml", uid: "job-uid", annotations: {}, creationTimestamp },
    });
  const volume = claim("Bound", { creationTimestamp: "2025-12-31T00:00:00Z" });
  assert.equal(pass(artifact(), [volume, at("2025-12-31T00:00:01Z")]).status?.status, "Ready");
  assert.notEqual(pass(artifact(), [volume, at("2025-12-30T23:59:59Z")]).status?.status, "Ready");
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

Deno.test("paused and deleted artifacts are left alone", () => {
  for (
    const metadata of [
      { annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } },
      { deletionTimestamp: "2025-12-31T00:00:00Z" },
    ]
  ) {
    const seen = pass(artifact({}, undefined, metadata));
    assert.deepEqual(seen.wants, []);
    assert.equal(seen.status, undefined);
  }
});

Deno.test("the inputs of a Job are on it, so that a change can be told", () => {
  const inputs = (spec: object) =>
    desired<Job>(pass(artifact(spec), [claim(), ...reporting()]), "Job").metadata!.annotations![
      "aim.eai.amd.com/inputs"
    ];
  assert.equal(inputs({}), inputs({}));
  assert.notEqual(inputs({}), inputs({ env: [{ name: "A", value: "1" }] }));
  assert.notEqual(inputs({}), inputs({ imagePullSecrets: [{ name: "s" }] }));
  assert.notEqual(inputs({}), inputs({ size: "2Gi" }));
});
