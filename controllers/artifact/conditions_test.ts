import assert from "node:assert/strict";
import type { AIMArtifact, AIMArtifactStatus } from "../../lib/api/mod.ts";
import type { Pod } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { toldCode } from "../../lib/operator/status/progress_conditions.ts";
import {
  artifact,
  claim,
  event,
  failedPod,
  job,
  pass,
  pod,
  reporting,
  verified,
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

/** `status | Ready's reason | the other conditions`, without what repeats `Ready` for kstatus. */
function line(subject: AIMArtifact, others: readonly KubeObject[]): string {
  const { status, conditions } = pass(subject, [...reporting(), ...others]);
  const ready = conditions.find((text) => text.startsWith("Ready "))!;
  const rest = conditions.filter((text) => !/^(Ready|RuntimeConfigReady|Reconciling|Stalled) /.test(text))
    .sort();
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
      verified(),
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
    ["DeadlineExceeded", "JobDeadlineExceeded", "Failed", "JobDeadlineExceeded"],
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

Deno.test("a failed Job has the cause that its pods told, also once both are gone", () => {
  const told = ({ status }: ReturnType<typeof pass>) => toldCode(status?.conditions);
  const ended = job({ ended: { type: "Failed", reason: "BackoffLimitExceeded" } });
  const crowded = failedPod(1, "Error", "429 Client Error: Too Many Requests for url");
  const failed = pass(artifact(), [...reporting(), claim(), ended, crowded]);
  assert.equal(told(failed), "AIM-0324");
  const { annotations } = failed.plan.edits![0].patch.metadata as { annotations: Record<string, string> };
  assert.equal(told(pass(artifact({}, undefined, { annotations }), [...reporting(), claim()])), "AIM-0324");
  assert.equal(told(pass(artifact(), [...reporting(), claim(), ended])), "AIM-0331", "no pod tells");
  assert.equal(told(pass(artifact(), [...reporting(), claim(), job(), crowded])), "AIM-0324", "it goes on");
});
