import assert from "node:assert/strict";
import type { Job, PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { sidecarOptOut } from "../../lib/operator/naming/sidecars.ts";
import {
  artifact,
  claim,
  claimName,
  desired,
  job,
  jobName,
  pass,
  reporting,
  runtimeConfig,
  uid,
} from "./artifact_fixture.ts";

const owner = {
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMArtifact",
  name: "test-hf",
  uid,
  controller: true,
};

Deno.test("§5.1: first the rights to report and the volume, then the Job", () => {
  const rights = [
    "RoleBinding aim-engine-artifact-status-updater",
    "ServiceAccount aim-engine-artifact-downloader",
  ];
  const volume = `PersistentVolumeClaim ${claimName}`;
  assert.deepEqual(pass(artifact()).wants, [volume, ...rights]);
  // The volume need not be bound: classes that wait for a first consumer work.
  const withJob = pass(artifact(), [claim("Pending"), ...reporting()]);
  assert.deepEqual(withJob.wants, [`Job ${jobName}`, volume, ...rights]);
  assert.ok(withJob.plan.children.every(({ how }) => how === "create"));
  assert.deepEqual(pass(artifact(), [claim("Pending"), ...reporting(), job()]).wants, [volume, ...rights]);
});

Deno.test("no Job before account and binding are there, nor on a volume that is being deleted", () => {
  assert.ok(!pass(artifact(), [claim()]).wants.includes(`Job ${jobName}`));
  assert.ok(!pass(artifact(), [claim(), reporting()[0]]).wants.includes(`Job ${jobName}`));
  const leaving = claim("Bound", { deletionTimestamp: "2025-12-31T23:00:00Z" });
  const seen = pass(artifact(), [leaving, ...reporting()]);
  assert.ok(!seen.wants.includes(`Job ${jobName}`));
  assert.ok(seen.conditions.includes("CachePvcReady False ResourceNotReady"));
});

Deno.test("§3.2: what the volume carries", () => {
  const fromTemplate = artifact({}, undefined, {
    labels: {
      "template-created": "true",
      "aim.eai.amd.com/service.name": "svc",
      "aim.eai.amd.com/template": "tpl",
      team: "nlp",
      other: "no",
    },
  });
  const propagation = runtimeConfig({ labelPropagation: { enabled: true, match: ["team"] } });
  const volume = desired<PersistentVolumeClaim>(pass(fromTemplate, [propagation]), "PersistentVolumeClaim");
  assert.deepEqual(volume, {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: claimName,
      namespace: "ml",
      labels: {
        "aim.eai.amd.com/cache.name": "test-hf",
        "aim.eai.amd.com/cache.type": "template-cache",
        "aim.eai.amd.com/source-model": "qwen_qwen3-32b",
        "aim.eai.amd.com/service.name": "svc",
        "aim.eai.amd.com/artifact.name": "test-hf",
        "app.kubernetes.io/managed-by": "aim-artifact-controller",
        team: "nlp",
      },
      ownerReferences: [owner],
    },
    spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "2Gi" } } },
  });
  const byHand = desired<PersistentVolumeClaim>(pass(artifact()), "PersistentVolumeClaim");
  assert.equal(byHand.metadata?.labels?.["aim.eai.amd.com/cache.type"], undefined);
});

Deno.test("§3.1 Better: the volume of the status is the volume, whatever its name", () => {
  const subject = artifact({}, { persistentVolumeClaim: "of-old" });
  assert.ok(pass(subject).wants.includes("PersistentVolumeClaim of-old"));
  const old = claim("Bound", { name: "of-old" });
  const made = desired<Job>(pass(subject, [old, ...reporting()]), "Job");
  assert.deepEqual(made.spec?.template?.spec?.volumes?.[0], {
    name: "cache",
    persistentVolumeClaim: { claimName: "of-old" },
  });
});

Deno.test("§5.3 and §5.4: class and headroom, from the artifact to the defaults", () => {
  const size = (spec: object, config: object | undefined, annotations?: Record<string, string>) => {
    const others = config === undefined ? [] : [runtimeConfig(config)];
    const subject = artifact({ size: "10Gi", ...spec }, undefined, { annotations });
    const volume = desired<PersistentVolumeClaim>(pass(subject, others), "PersistentVolumeClaim");
    return `${volume.spec?.storageClassName ?? "-"} ${volume.spec?.resources?.requests?.storage}`;
  };
  const headroom = { "aim.eai.amd.com/pvc-headroom-percent": "50" };
  const none = { "aim.eai.amd.com/pvc-headroom-percent": "0" };
  const rows: [object, object | undefined, Record<string, string> | undefined, string][] = [
    [{}, undefined, undefined, "- 11Gi"],
    [{ storageClassName: "own" }, { storage: { defaultStorageClassName: "rc" } }, undefined, "own 11Gi"],
    [{}, { storage: { defaultStorageClassName: "rc" } }, undefined, "rc 11Gi"],
    [{}, { defaultStorageClassName: "old" }, undefined, "old 11Gi"],
    [{}, { storage: { defaultStorageClassName: "" }, defaultStorageClassName: "old" }, undefined, "- 11Gi"],
    [{ storageClassName: "" }, { storage: { defaultStorageClassName: "rc" } }, undefined, "rc 11Gi"],
    [{}, { storage: { pvcHeadroomPercent: 20 } }, undefined, "- 12Gi"],
    [{}, { pvcHeadroomPercent: 30 }, undefined, "- 13Gi"],
    [{}, { storage: { pvcHeadroomPercent: 20 }, pvcHeadroomPercent: 30 }, undefined, "- 12Gi"],
    [{}, { storage: { pvcHeadroomPercent: 0 } }, undefined, "- 10Gi"],
    [{}, { storage: { pvcHeadroomPercent: 20 } }, headroom, "- 15Gi"],
    [{}, { storage: { pvcHeadroomPercent: 20 } }, none, "- 10Gi"],
  ];
  for (const [spec, config, annotations, wanted] of rows) {
    assert.equal(size(spec, config, annotations), wanted, JSON.stringify([spec, config, annotations]));
  }
});

Deno.test("a headroom that is no whole number of percent makes no volume, and is told with its remedy", () => {
  for (const said of ["50%", "1.5", "-1", "", "5000000", "fifty"]) {
    const annotations = { "aim.eai.amd.com/pvc-headroom-percent": said };
    const { plan, status, messages } = pass(artifact({}, undefined, { annotations }));
    assert.ok(!plan.children.some(({ ref }) => ref.kind.resource.kind === "PersistentVolumeClaim"), said);
    assert.equal(status?.status, "Failed", said);
    assert.match(
      messages.Ready,
      /annotation aim\.eai\.amd\.com\/pvc-headroom-percent is ".*"; set it to a whole/,
      said,
    );
  }
});

Deno.test("§5.9: who may report, in every namespace; a binding that is there is not changed", () => {
  const seen = pass(artifact());
  assert.deepEqual(desired<KubeObject>(seen, "RoleBinding"), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: {
      name: "aim-engine-artifact-status-updater",
      namespace: "ml",
      labels: {
        "aim.eai.amd.com/artifact.name": "test-hf",
        "app.kubernetes.io/managed-by": "aim-artifact-controller",
      },
    },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "aim-engine-artifact-status-updater",
    },
    subjects: [{ kind: "ServiceAccount", name: "aim-engine-artifact-downloader", namespace: "ml" }],
  });
  assert.equal(desired<KubeObject>(seen, "ServiceAccount").metadata?.ownerReferences, undefined);
  const account = (subject: string) =>
    desired<Job>(pass(artifact(), [claim(), ...reporting(subject)]), "Job").spec?.template?.spec
      ?.serviceAccountName;
  assert.equal(account("aim-engine-artifact-downloader"), "aim-engine-artifact-downloader");
  // Left by AIM Engine: its Jobs run under `default`, and so do ours there.
  assert.equal(account("default"), "default");
});

Deno.test("config §12: what all artifacts of a namespace share carries no user label of the first one's", () => {
  const labels = { team: "nlp", "aim.eai.amd.com/service.name": "svc" };
  const propagation = runtimeConfig({ labelPropagation: { enabled: true, match: ["*", "*/*"] } });
  const seen = pass(artifact({}, undefined, { labels }), [propagation]);
  for (const kind of ["RoleBinding", "ServiceAccount"]) {
    assert.deepEqual(desired<KubeObject>(seen, kind).metadata?.labels, {
      "aim.eai.amd.com/artifact.name": "test-hf",
      "aim.eai.amd.com/service.name": "svc",
      "app.kubernetes.io/managed-by": "aim-artifact-controller",
    });
  }
});

Deno.test("§5.5 with Better: the download Job, field by field", () => {
  const config = runtimeConfig({
    env: [{ name: "HTTPS_PROXY", value: "proxy" }, { name: "HF_TOKEN", value: "of the config" }],
  });
  const subject = artifact({
    env: [
      { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } },
      { name: "STALL_TIMEOUT", value: "5" },
      { name: "LAST", value: "1" },
    ],
    imagePullSecrets: [{ name: "reg" }],
  });
  const { metadata, spec, ...kind } = desired<Job>(pass(subject, [claim(), ...reporting(), config]), "Job");
  assert.deepEqual(kind, { apiVersion: "batch/v1", kind: "Job" });
  const common = {
    "aim.eai.amd.com/cache.name": "test-hf",
    "aim.eai.amd.com/cache.type": "artifact",
    "aim.eai.amd.com/component": "download",
    "aim.eai.amd.com/artifact.name": "test-hf",
  };
  const { annotations, ...identity } = metadata!;
  assert.deepEqual(identity, {
    name: jobName,
    namespace: "ml",
    labels: { ...common, "app.kubernetes.io/managed-by": "aim-artifact-controller" },
    ownerReferences: [owner],
  });
  assert.match(annotations!["aim.eai.amd.com/inputs"], /^[0-9a-f]{8}$/);
  assert.equal(annotations!["aim.eai.amd.com/attempt"], "1");
  assert.equal(annotations!["aim.eai.amd.com/claim-uid"], "claim-uid");
  assert.deepEqual(spec, {
    backoffLimit: 2,
    ttlSecondsAfterFinished: 600,
    // Six hours, and 2^30 bytes at a megabyte a second.
    activeDeadlineSeconds: 22_673,
    template: {
      metadata: { labels: { ...common, ...sidecarOptOut.labels }, annotations: sidecarOptOut.annotations },
      spec: {
        restartPolicy: "Never",
        serviceAccountName: "aim-engine-artifact-downloader",
        imagePullSecrets: [{ name: "reg" }],
        securityContext: {
          runAsUser: 1000,
          runAsGroup: 1000,
          fsGroup: 1000,
          runAsNonRoot: true,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [{
          name: "model-download",
          image: "ghcr.io/silogen/aim-artifact-downloader:0.2.0",
          imagePullPolicy: "IfNotPresent",
          args: ["hf://Qwen/Qwen3-32B"],
          env: [
            { name: "AIM_DOWNLOADER_PROTOCOL", value: "XET,HF_TRANSFER" },
            { name: "TMPDIR", value: "/tmp/" },
            { name: "HF_HOME", value: "/tmp/.hf" },
            { name: "EXPECTED_SIZE_BYTES", value: "1073741824" },
            { name: "MOUNT_PATH", value: "/cache" },
            { name: "ARTIFACT_NAME", value: "test-hf" },
            { name: "ARTIFACT_NAMESPACE", value: "ml" },
            { name: "STALL_TIMEOUT", value: "5" },
            { name: "TARGET_DIR", value: "/cache" },
            { name: "HTTPS_PROXY", value: "proxy" },
            { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } },
            { name: "LAST", value: "1" },
          ],
          resources: { requests: { cpu: "100m", memory: "256Mi" } },
          securityContext: {
            runAsUser: 1000,
            runAsGroup: 1000,
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
          },
          terminationMessagePath: "/tmp/termination-log",
          terminationMessagePolicy: "FallbackToLogsOnError",
          volumeMounts: [{ name: "cache", mountPath: "/cache" }, { name: "tmp", mountPath: "/tmp" }],
        }],
        volumes: [
          { name: "cache", persistentVolumeClaim: { claimName } },
          { name: "tmp", emptyDir: {} },
        ],
      },
    },
  });
});

Deno.test("§5.6: the image, where empty and the schema's default both mean the default", () => {
  const rows: [string | undefined, string][] = [
    [undefined, "ghcr.io/silogen/aim-artifact-downloader:0.2.0"],
    ["", "ghcr.io/silogen/aim-artifact-downloader:0.2.0"],
    ["ghcr.io/silogen/aim-artifact-downloader:0.2.0", "ghcr.io/silogen/aim-artifact-downloader:0.2.0"],
    ["example.com/own:1", "example.com/own:1"],
  ];
  for (const [modelDownloadImage, wanted] of rows) {
    const made = desired<Job>(pass(artifact({ modelDownloadImage }), [claim(), ...reporting()]), "Job");
    assert.equal(made.spec?.template?.spec?.containers[0].image, wanted);
  }
});

Deno.test("names that are no label values still give children that the API server takes", () => {
  const name = "n".repeat(80);
  const made = desired<Job>(
    pass(artifact({}, { persistentVolumeClaim: claimName }, { name }), [claim(), ...reporting()]),
    "Job",
  );
  assert.ok(made.metadata!.labels!["aim.eai.amd.com/cache.name"].length <= 63);
  assert.ok(made.metadata!.name!.length <= 63);
});
