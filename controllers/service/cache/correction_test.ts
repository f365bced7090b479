/** spec/README "A service that finds a Failed Shared cache of its template". */

import assert from "node:assert/strict";
import type { AIMServiceSpec, AIMTemplateCache } from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import type { Edit } from "../../../lib/operator/core/plan.ts";
import { cache, config, model, pass, service, template } from "../service_sample.ts";

const labels = {
  "app.kubernetes.io/managed-by": "aim-service-controller",
  "aim.eai.amd.com/service.name": "first",
};
const failed = (
  spec: Partial<AIMTemplateCache["spec"]> = {},
  status = "Failed",
  metadata: object = { labels },
) => cache({ metadata, spec, status: { status: status as "Failed" } });

function edits(spec: Partial<AIMServiceSpec>, there: KubeObject, ...others: KubeObject[]): readonly Edit[] {
  const result = pass(service({ spec }), [model(), template(), there, ...others]);
  assert.ok(
    !result.children.some((child) => child.includes("AIMTemplateCache")),
    "joins it, makes none beside it",
  );
  return result.plan.edits ?? [];
}

/** What a correction says for a service that says nothing. */
const nothingSaid = { env: null, imagePullSecrets: null, storageClassName: null, runtimeConfigName: null };
const token = { env: [{ name: "HF_TOKEN", value: "good" }] };

Deno.test("what a service wants otherwise reaches a cache that has failed", () => {
  const rows: [string, Partial<AIMServiceSpec>, KubeObject[], object][] = [
    ["env", token, [], { ...nothingSaid, env: token.env }],
    [
      "pull secrets",
      { imagePullSecrets: [{ name: "reg" }] },
      [],
      { ...nothingSaid, imagePullSecrets: [{ name: "reg" }] },
    ],
    [
      "storage class",
      { storage: { defaultStorageClassName: "nfs" } },
      [],
      { ...nothingSaid, storageClassName: "nfs" },
    ],
    [
      "the runtime config's storage class",
      {},
      [config({ storage: { defaultStorageClassName: "nfs" } })],
      { ...nothingSaid, storageClassName: "nfs" },
    ],
    [
      "runtime config",
      { runtimeConfigName: "rc" },
      [config({}, "rc")],
      { ...nothingSaid, runtimeConfigName: "rc" },
    ],
  ];
  for (const [what, spec, others, wanted] of rows) {
    const [edit, ...more] = edits(spec, failed(), ...others);
    assert.deepEqual(edit?.patch.spec, wanted, what);
    assert.equal(edit.ref.name, "t1-e2c6bafc");
    assert.equal(more.length, 0);
  }
});

Deno.test("the headroom of a service, where it says one, reaches the cache as an annotation", () => {
  const key = "aim.eai.amd.com/pvc-headroom-percent";
  const annotated = (spec: Partial<AIMServiceSpec>, annotations?: Record<string, string>) => {
    const [edit] = edits(spec, failed({}, "Failed", { labels, annotations }));
    return (edit?.patch.metadata as { annotations: Record<string, string> } | undefined)?.annotations[key];
  };
  assert.equal(annotated({ storage: { pvcHeadroomPercent: 50 } }), "50");
  assert.equal(annotated({ storage: { pvcHeadroomPercent: 50 } }, { [key]: "35" }), "50");
  assert.equal(annotated({ storage: { pvcHeadroomPercent: 50 } }, { [key]: "50" }), undefined, "it agrees");
  // The schema's default, or nothing: what stands there is left.
  assert.equal(annotated({ storage: { pvcHeadroomPercent: 10 } }, { [key]: "35" }), undefined);
  assert.equal(annotated(token, { [key]: "35" }), undefined);
});

Deno.test("what is taken away goes, too", () => {
  const there = failed({ env: [{ name: "HF_ENDPOINT", value: "x" }], storageClassName: "slow" });
  assert.deepEqual(edits({}, there)[0].patch.spec, nothingSaid);
});

Deno.test("no correction of a cache that is in order or on its way, that nobody but its owner may change, or that agrees", () => {
  const owner = { apiVersion: "aim.eai.amd.com/v1alpha1", kind: "AIMServiceTemplate", name: "t1", uid: "t" };
  const rows: [string, KubeObject][] = [
    ["Ready", failed({}, "Ready")],
    ["on its way", failed({}, "Progressing")],
    ["made by hand", failed({}, "Failed", {})],
    ["a template's own", failed({}, "Failed", { labels: {}, ownerReferences: [owner] })],
    ["that agrees", failed(token)],
    [
      "paused",
      failed({}, "Failed", { labels, annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } }),
    ],
  ];
  for (const [what, there] of rows) assert.deepEqual(edits(token, there), [], what);
});

Deno.test("a trouble that no waiting cures is corrected, too, though nothing has failed", () => {
  const at = "2025-12-31T23:00:00Z";
  const told = (type: string, reason: string) =>
    ({ type, reason, status: "False", message: reason, lastTransitionTime: at }) as const;
  const rows: [string, ReturnType<typeof told>[], boolean][] = [
    ["a size check that does not end", [told("CheckSizeJobReady", "JobRunning")], true],
    ["a Secret that is not there", [told("DownloadJobPodsReady", "CreateContainerConfigError")], true],
    ["a node that is full", [told("DownloadJobPodsReady", "FailedScheduling")], false],
    ["a download under way", [told("DownloadJobReady", "JobRunning")], false],
  ];
  for (const [what, conditions, corrected] of rows) {
    const artifact = {
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMArtifact",
      metadata: { name: "a", namespace: "ns", uid: "uid-a" },
      spec: { sourceUri: "hf://org/m" },
      status: { status: "Progressing", conditions },
    } as KubeObject;
    const artifacts = { a: { name: "a", uid: "uid-a", model: "org/m", status: "Progressing" } } as const;
    const there = cache({ metadata: { labels }, status: { status: "Progressing", artifacts } });
    assert.equal(edits(token, there, artifact).length, corrected ? 1 : 0, what);
  }
});

Deno.test("not while another service that is Ready stands on it, by a consistent list", () => {
  const { unless } = edits(token, failed())[0];
  const resolvedTemplate = { name: "t1", scope: "Namespace" } as const;
  const other = (status: object, metadata: object = { name: "o", uid: "o" }) =>
    service({ metadata, status: { resolvedTemplate, ...status } });
  assert.equal(unless?.inUse([other({ status: "Running" })]), true);
  assert.equal(unless?.inUse([other({ status: "Degraded" })]), false);
  assert.equal(unless?.inUse([other({ status: "Running", resolvedTemplate: { name: "t2" } })]), false);
  assert.equal(unless?.inUse([other({ status: "Running" }, {})]), false, "itself");
});

Deno.test("each service has its turn once", () => {
  const { patch } = edits(token, failed())[0];
  const { annotations } = patch.metadata as { annotations: Record<string, string> };
  const tried = failed({ env: token.env }, "Failed", { labels, annotations });
  assert.deepEqual(edits(token, tried), []);
  assert.deepEqual(edits({}, tried), [], "what stood there before has failed, too");
  assert.equal(edits({ env: [{ name: "HF_TOKEN", value: "better" }] }, tried).length, 1);
});
