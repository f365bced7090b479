/** §5.2 with Better, §6.3: how a source is measured, and what becomes of what it says. */

import assert from "node:assert/strict";
import type { AIMArtifact } from "../../../lib/api/mod.ts";
import type { Job, Pod } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { sidecarOptOut } from "../../../lib/operator/naming/sidecars.ts";
import {
  after,
  artifact,
  claim,
  claimName,
  desired,
  job,
  pass,
  pod,
  reporting,
  runtimeConfig,
} from "../artifact_fixture.ts";

const name = "test-hf-check-size-16b81fda";
const sizeless = (spec: Partial<AIMArtifact["spec"]> = {}) => artifact({ size: "0", ...spec });
const check = (ended?: Parameters<typeof job>[0] & object): Job => {
  const made = job(ended);
  return { ...made, metadata: { ...made.metadata, name, uid: "job-uid" } };
};
const complete = check({ ended: { type: "Complete" } });
const made = `Job ${name}`;
const removed = `- Job ${name}`;

const finished = (message: string | undefined, exitCode = 0): Pod =>
  pod({
    phase: exitCode === 0 ? "Succeeded" : "Failed",
    containerStatuses: [{ name: "check-size", state: { terminated: { exitCode, reason: "x", message } } }],
  }, "p1");
const around = (...more: KubeObject[]) => [...reporting(), ...more];

Deno.test("§5.2 with Better: the check-size Job, field by field", () => {
  const config = runtimeConfig({ env: [{ name: "HTTPS_PROXY", value: "p" }] });
  const subject = sizeless({ env: [{ name: "HF_TOKEN", value: "t" }], imagePullSecrets: [{ name: "reg" }] });
  const { metadata, spec } = desired<Job>(pass(subject, around(config)), "Job");
  const labels = {
    "aim.eai.amd.com/cache.name": "test-hf",
    "aim.eai.amd.com/cache.type": "artifact",
    "aim.eai.amd.com/component": "check-size",
    "aim.eai.amd.com/artifact.name": "test-hf",
  };
  assert.equal(metadata?.name, name);
  assert.deepEqual(metadata?.labels, {
    ...labels,
    "app.kubernetes.io/managed-by": "aim-artifact-controller",
  });
  assert.equal(metadata?.ownerReferences?.[0].kind, "AIMArtifact");
  assert.deepEqual(spec, {
    backoffLimit: 2,
    ttlSecondsAfterFinished: 300,
    activeDeadlineSeconds: 1800,
    template: {
      metadata: { labels: { ...labels, ...sidecarOptOut.labels }, annotations: sidecarOptOut.annotations },
      spec: {
        restartPolicy: "Never",
        serviceAccountName: "aim-engine-artifact-downloader",
        imagePullSecrets: [{ name: "reg" }],
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 1000,
          runAsNonRoot: true,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [{
          name: "check-size",
          command: ["/check-size.sh"],
          env: [{ name: "HTTPS_PROXY", value: "p" }, { name: "HF_TOKEN", value: "t" }],
          image: "ghcr.io/silogen/aim-artifact-downloader:0.2.0",
          imagePullPolicy: "IfNotPresent",
          args: ["hf://Qwen/Qwen3-32B"],
          resources: { requests: { cpu: "100m", memory: "256Mi" } },
          securityContext: {
            runAsUser: 1000,
            runAsGroup: 1000,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
          },
          terminationMessagePath: "/tmp/termination-log",
          terminationMessagePolicy: "FallbackToLogsOnError",
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
        }],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    },
  });
});

Deno.test("§5.1: first the rights, then the measuring; no volume before the size is known", () => {
  const first = pass(sizeless());
  assert.deepEqual(first.wants.map((want) => want.split(" ")[0]).sort(), ["RoleBinding", "ServiceAccount"]);
  const next = pass(sizeless(), around());
  assert.ok(next.wants.includes(made));
  assert.ok(!next.wants.some((want) => want.startsWith("PersistentVolumeClaim")));
  assert.equal(next.status?.status, "Progressing");
  const running = pass(sizeless(), around(check(), pod({ phase: "Running" })));
  assert.ok(!running.wants.includes(made));
  assert.ok(running.conditions.includes("CheckSizeJobReady False JobRunning"));
});

Deno.test("§6.3 Better: the size is read from the termination message, else from the last line of the log", () => {
  const said = JSON.stringify({ url: "hf://a/b", sizeBytes: 2 ** 30, revision: "abc" });
  const told = pass(sizeless(), around(complete, finished(said)));
  assert.equal(told.status?.discoveredSizeBytes, 2 ** 30);
  assert.equal(told.status?.displaySize, "1 GiB");
  assert.ok(told.wants.includes(`PersistentVolumeClaim ${claimName}`), "the volume follows in the same pass");
  assert.ok(!told.conditions.some((text) => text.startsWith("CheckSize")), told.conditions.join());

  const log = `some warning\n${JSON.stringify({ url: "hf://a/b", sizeBytes: 7 })}\n`;
  const read = pass(sizeless(), around(complete, finished(undefined)), undefined, {}, log);
  assert.equal(read.status?.discoveredSizeBytes, 7);
  const pending = pass(sizeless(), around(complete, finished(undefined)), undefined, {}, "pending");
  assert.equal(pending.status?.discoveredSizeBytes, undefined);
  assert.equal(pending.status?.status, "Progressing");
  assert.ok(pending.conditions.includes("CheckSizeOutputReady False SizeUnknown"), pending.conditions.join());
});

Deno.test("§6.4 Better: the revision that was measured is downloaded; what was measured stays once the Job is gone", () => {
  const said = JSON.stringify({ url: "x", sizeBytes: 5, revision: "abc" });
  const measured = after(sizeless(), pass(sizeless(), around(complete, finished(said))));
  const download = desired<Job>(pass(measured, around(claim())), "Job");
  assert.equal(download.metadata?.name, "test-hf-download-16b81fda");
  const env = download.spec!.template!.spec!.containers[0].env!;
  assert.ok(env.some(({ name, value }) => name === "AIM_DOWNLOADER_REVISION" && value === "abc"));
  assert.ok(env.some(({ name, value }) => name === "EXPECTED_SIZE_BYTES" && value === "5"));
});

Deno.test("§5.2 Better: a result that is of no use is a failed attempt: nothing becomes Ready by it, and the next follows", () => {
  const rows: [string, string | undefined, string, string][] = [
    ["no JSON", "du: 5", "InvalidSizeOutput", "Degraded"],
    ["nothing", '{"sizeBytes":0}', "InvalidSizeOutput", "Degraded"],
    ["too much", `{"sizeBytes":${2 ** 50 + 1}}`, "InvalidSizeOutput", "Degraded"],
    ["no number", '{"sizeBytes":"5"}', "InvalidSizeOutput", "Degraded"],
    ["a fraction", '{"sizeBytes":1.5}', "InvalidSizeOutput", "Degraded"],
    ["an empty log", "", "SizeUnknown", "Progressing"],
    ["no log", undefined, "SizeUnknown", "Progressing"],
  ];
  for (const [what, log, reason, word] of rows) {
    const others = around(complete, finished(undefined));
    const early = pass(sizeless(), others, "2025-12-31T00:00:30Z", {}, log);
    assert.equal(early.status?.status, word, what);
    assert.ok(
      early.conditions.includes(`CheckSizeOutputReady False ${reason}`),
      `${what}: ${early.conditions}`,
    );
    assert.ok(!early.wants.includes(removed), what);
    assert.ok(!early.wants.some((want) => want.startsWith("PersistentVolumeClaim")), what);
    const due = pass(sizeless(), others, "2025-12-31T00:01:00Z", {}, log);
    assert.ok(due.wants.includes(removed), what);
    const next = pass(after(sizeless(), due), around(), "2025-12-31T00:01:00Z");
    assert.equal(desired<Job>(next, "Job").metadata?.annotations?.["aim.eai.amd.com/attempt"], "2", what);
  }
});

Deno.test("§5.12: what keeps a source from being measured is told by its class, remembered, and tried again", () => {
  const failed = check({
    ended: { type: "Failed", reason: "BackoffLimitExceeded", at: "2026-01-01T00:00:00Z" },
  });
  const rows: [string, string, string][] = [
    [JSON.stringify({ class: "auth", message: "gated" }), "AuthError", "2026-01-01T01:00:00Z"],
    [JSON.stringify({ class: "notFound", message: "gone" }), "SourceNotFound", "2026-01-01T01:00:00Z"],
    [JSON.stringify({ class: "network", message: "reset" }), "PodFailed", "2026-01-01T00:01:00Z"],
    ["Repository Not Found: a/b", "SourceNotFound", "2026-01-01T01:00:00Z"],
  ];
  for (const [message, reason, retryAt] of rows) {
    const seen = pass(sizeless(), around(failed, finished(message, 1)));
    assert.equal(seen.status?.status, "Failed", reason);
    assert.ok(seen.conditions.includes(`CheckSizeJobPodsReady False ${reason}`), seen.conditions.join());
    assert.match(seen.messages.CheckSizeJobReady, new RegExp(`next begins at ${retryAt}.*spec\\.size`, "s"));
    const later = pass(after(sizeless(), seen), around());
    assert.deepEqual(later.status, seen.status, "the same once Job and pods are gone");
    assert.ok(!later.wants.includes(made));
    const changed = pass({
      ...after(sizeless(), seen),
      spec: sizeless({ env: [{ name: "A", value: "1" }] }).spec,
    }, around());
    assert.ok(changed.wants.includes(made), "a change begins the next at once");
  }
});

Deno.test("a size that is said ends the measuring; one that was measured once is kept", () => {
  const failed = pass(sizeless(), around(check({ ended: { type: "Failed" } }), finished("x", 1)));
  const said = pass({ ...after(sizeless(), failed), spec: artifact({ size: "1Gi" }).spec }, around());
  assert.ok(said.wants.includes(`PersistentVolumeClaim ${claimName}`));
  const known = artifact({ size: "0" }, { discoveredSizeBytes: 2 ** 30 });
  const kept = pass(known, around());
  assert.ok(!kept.wants.includes(made));
  assert.equal(kept.status?.discoveredSizeBytes, 2 ** 30);
});
