/**
 * What the API server's refusals of children mean (services.md §2.3, conventions.md §5), in its own words: each is
 * provoked.
 */
import assert from "node:assert/strict";
import { jobs, persistentVolumeClaims } from "../../lib/cluster/kinds.ts";
import type { AnyKind } from "../../lib/kube/cache/cached_kind.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { kubeconfigAccess } from "../../lib/kube/access/kubeconfig.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { KubeWriter } from "../../lib/operator/apply/kube_writer.ts";
import { applyFailure } from "../../lib/operator/status/apply_failures.ts";
import { classifyRejection } from "../../lib/operator/errors/classify.ts";
import type { Rejected } from "../../lib/operator/core/plan.ts";
import { summarize } from "../../lib/operator/status/status.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { until } from "../control_plane/until.ts";
import { startScenarioServer } from "../e2e/half.ts";

const claim = (namespace: string, spec: object = {}): KubeObject & Record<string, unknown> => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "weights", namespace },
  spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "10Gi" } }, ...spec },
});

const job = (namespace: string): KubeObject & Record<string, unknown> => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "download", namespace },
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
});

const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

const quota = (namespace: string, hard: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "small", namespace },
  spec: { hard },
});

const policyApi = "admissionregistration.k8s.io/v1";
const around: readonly object[] = [
  ...["counted", "sized", "ranged", "ruled", "going", "plain"].map(namespace),
  quota("counted", { "count/jobs.batch": "0" }),
  quota("sized", { "requests.storage": "5Gi" }),
  {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "volumes", namespace: "ranged" },
    spec: { limits: [{ type: "PersistentVolumeClaim", max: { storage: "1Gi" } }] },
  },
  {
    apiVersion: policyApi,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "owners" },
    spec: {
      matchConstraints: {
        resourceRules: [{
          apiGroups: ["batch"],
          apiVersions: ["v1"],
          operations: ["CREATE"],
          resources: ["jobs"],
        }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ruled" } },
      },
      validations: [{ expression: "false", message: "every Job needs the label owner", reason: "Forbidden" }],
    },
  },
  {
    apiVersion: policyApi,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "owners" },
    spec: { policyName: "owners", validationActions: ["Deny"] },
  },
];

interface Row {
  readonly title: string;
  readonly kind: AnyKind;
  readonly object: KubeObject;
  /** Category and reason. */
  readonly means: string;
  /** What the message must quote. */
  readonly says: RegExp;
  /** Overall word, and reason of `Ready`, of an object whose child is refused so. */
  readonly shown: string;
}

const claimKind = persistentVolumeClaims as AnyKind;
const jobKind = jobs as AnyKind;
const rows: readonly Row[] = [
  {
    title: "a quota on the number of Jobs",
    kind: jobKind,
    object: job("counted"),
    means: "ResourceExhaustion QuotaExceeded",
    says: /exceeded quota: small, requested: count\/jobs\.batch=1, used: .*=0, limited: .*=0/,
    shown: "Failed QuotaExceeded",
  },
  {
    title: "a quota on the size of claims",
    kind: claimKind,
    object: claim("sized"),
    means: "ResourceExhaustion QuotaExceeded",
    says: /exceeded quota: small, requested: requests\.storage=10Gi/,
    shown: "Failed QuotaExceeded",
  },
  {
    title: "a namespace that is being deleted",
    kind: claimKind,
    object: claim("going"),
    means: "MissingDownstream NamespaceTerminating",
    says: /in namespace going because it is being terminated/,
    shown: "Progressing Progressing",
  },
  {
    title: "a LimitRange",
    kind: claimKind,
    object: claim("ranged"),
    means: "InvalidSpec Forbidden",
    says: /maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 10Gi/,
    shown: "Failed InvalidSpec",
  },
  {
    title: "a policy",
    kind: jobKind,
    object: job("ruled"),
    means: "InvalidSpec Forbidden",
    says: /every Job needs the label owner/,
    shown: "Failed InvalidSpec",
  },
  {
    title: "validation",
    kind: claimKind,
    object: claim("plain", { accessModes: [] }),
    means: "InvalidSpec Invalid",
    says: /spec\.accessModes: Required value/,
    shown: "Failed InvalidSpec",
  },
  {
    title: "a namespace that is not there",
    kind: claimKind,
    object: claim("nowhere"),
    means: "MissingDownstream NotFound",
    says: /namespaces "nowhere" not found/,
    shown: "Progressing Progressing",
  },
];

/** Without a controller manager nobody counts: what a quota allows and what is used is put there. */
const countedBy = {
  counted: { hard: { "count/jobs.batch": "0" }, used: { "count/jobs.batch": "0" } },
  sized: { hard: { "requests.storage": "5Gi" }, used: { "requests.storage": "0" } },
};

/** What refuses in the end is in force before the rows are asked. */
async function prepare(plane: Cluster): Promise<void> {
  await plane.apply(around);
  for (const [where, status] of Object.entries(countedBy)) {
    const path = `/api/v1/namespaces/${where}/resourcequotas/small/status`;
    await plane.request("PATCH", path, { status }, "application/merge-patch+json");
  }
  await plane.request("DELETE", "/api/v1/namespaces/going");
}

Deno.test("refusals of children by the API server", async (t) => {
  const plane = await startScenarioServer();
  try {
    await prepare(plane);
    const writer = new KubeWriter(new HttpTransport(await kubeconfigAccess([plane.adminKubeconfig])), []);
    for (const { title, kind, object, means, says, shown } of rows) {
      await t.step(title, async () => {
        // Quotas and policies are known to admission a moment after they are stored.
        const error = await until(`refused: ${title}`, () =>
          writer.apply(kind.resource, object, "aim").then(
            async ({ metadata: { namespace, name, uid, resourceVersion } }) => {
              await writer.delete(kind.resource, namespace, name, { uid, resourceVersion });
              return undefined;
            },
            (refusal) => refusal,
          ));
        const { category, reason, message } = classifyRejection(error);
        assert.equal(`${category} ${reason}`, means);
        assert.match(message, says);

        const outcome: Rejected = { result: "rejected", category, reason, message };
        const ref = { kind, namespace: object.metadata!.namespace, name: object.metadata!.name! };
        const { status, conditions, failing } = summarize({
          components: [{ component: "Child", dependency: "Downstream", state: "Progressing" }],
          applyFailures: [applyFailure("Child", { ref, outcome })],
          reached: () => true,
        });
        const ready = conditions.at(-1)!;
        assert.equal(`${status} ${ready.reason}`, shown);
        assert.match(ready.message, says);
        // Only what a user can mend is worth a Warning.
        assert.equal(failing.size > 0, status === "Failed");
      });
    }
  } finally {
    await plane.stop();
  }
});
