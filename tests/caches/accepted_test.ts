/** What caches and artifacts make, before a real API server; what becomes of it there: real_server_test.ts. */

import assert from "node:assert/strict";
import * as ofArtifact from "../../controllers/artifact/artifact_fixture.ts";
import * as ofCache from "../../controllers/template_cache/cache_fixture.ts";
import type { AIMArtifact, AIMArtifactStatus } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { installCrds } from "../api/installation.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { startScenarioServer } from "../e2e/half.ts";

const namespace = "ml";
const ours = "/apis/aim.eai.amd.com/v1alpha1";
const { artifact, claim, failedPod, job, reporting } = ofArtifact;

/** Path of the collection for each kind that is made. */
const collections: Readonly<Record<string, string>> = {
  AIMArtifact: `${ours}/namespaces/${namespace}/aimartifacts`,
  AIMTemplateCache: `${ours}/namespaces/${namespace}/aimtemplatecaches`,
  PersistentVolumeClaim: `/api/v1/namespaces/${namespace}/persistentvolumeclaims`,
  ServiceAccount: `/api/v1/namespaces/${namespace}/serviceaccounts`,
  Pod: `/api/v1/namespaces/${namespace}/pods`,
  Job: `/apis/batch/v1/namespaces/${namespace}/jobs`,
  RoleBinding: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
};

Deno.test("what caches and artifacts make is accepted, to the letter", async (t) => {
  await using plane = await startScenarioServer();
  await installCrds(plane);
  await plane.apply([
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace },
    },
  ]);
  const create = (object: KubeObject) =>
    plane.request("POST", `${collections[object.kind!]}?fieldValidation=Strict`, object);

  await t.step("every child of an artifact", async () => {
    const subject = artifact({
      storageClassName: "fast",
      imagePullSecrets: [{ name: "reg" }],
      env: [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token", optional: true } } }],
    });
    const { plan } = ofArtifact.pass(subject, [claim(), ...reporting()]);
    const kinds = plan.children.map(({ ref }) => ref.kind.resource.kind).sort();
    assert.deepEqual(kinds, ["Job", "PersistentVolumeClaim", "RoleBinding", "ServiceAccount"]);
    for (const child of plan.children) if (child.how !== "keep") await create(child.desired);
  });

  await t.step("the artifacts of a cache, and its status", async () => {
    const cache = ofCache.cache({ downloadImage: "example.com/d:1", imagePullSecrets: [{ name: "reg" }] });
    const { made, status } = ofCache.pass(cache, [ofCache.template([ofCache.qwen, ofCache.smol])]);
    assert.equal(made.length, 2);
    for (const each of made) await create(each);
    await create(withoutUid(cache));
    await storeStatus(plane, collections.AIMTemplateCache, "c", status);
    const matched = ofCache.pass(cache, [
      ofCache.template([ofCache.qwen]),
      ofCache.artifact(ofCache.qwen, "Ready"),
    ]);
    await storeStatus(plane, collections.AIMTemplateCache, "c", matched.status);
  });

  await t.step("every status of an artifact, unchanged", async () => {
    await create(withoutUid(artifact()));
    const failed = job({ ended: { type: "Failed", reason: "BackoffLimitExceeded" } });
    const around = [claim(), ...reporting()];
    const statuses: [string, AIMArtifact, KubeObject[]][] = [
      ["nothing there", artifact(), []],
      ["running", artifact({}, { progress: { percentage: 3, displayPercentage: "3 %" } }), [
        ...around,
        job(),
      ]],
      ["failed", artifact(), [
        ...around,
        failed,
        failedPod(1, "Error", "no space left on device\n".repeat(99)),
      ]],
      ["verified", ofArtifact.verified(), around],
      ["no size", artifact({ size: "0" }), []],
    ];
    for (const [what, subject, others] of statuses) {
      const { status } = ofArtifact.pass(subject, others);
      const stored = await storeStatus(plane, collections.AIMArtifact, "test-hf", status);
      assert.deepEqual(stored, JSON.parse(JSON.stringify(stamped(status))), what);
    }
  });
});

function withoutUid<T extends KubeObject>(object: T): T {
  const { uid: _, generation: __, ...metadata } = object.metadata!;
  return { ...object, metadata };
}

/** With the transition times that the runner would stamp. */
function stamped(status: object | undefined): AIMArtifactStatus {
  const copy = structuredClone(status) as AIMArtifactStatus;
  for (const condition of copy.conditions!) condition.lastTransitionTime = "2026-01-01T00:00:00Z";
  return copy;
}

/** Replaces the status; returns what is stored. */
async function storeStatus(
  plane: Cluster,
  collection: string,
  name: string,
  status: object | undefined,
): Promise<AIMArtifactStatus> {
  const path = `${collection}/${name}/status`;
  const live = await plane.request("GET", path);
  const stored = await plane.request("PUT", `${path}?fieldValidation=Strict`, {
    ...live,
    status: stamped(status),
  });
  return stored.status;
}
