/** Of several artifacts of one source and storage class one downloads; the others stand back for it (issue "Single flight"). */

import assert from "node:assert/strict";
import type { AIMArtifact } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { artifact, namespace, pass, uid } from "./artifact_fixture.ts";

const apiVersion = "aim.eai.amd.com/v1alpha1";
const labels = { "app.kubernetes.io/managed-by": "aim-template-cache-controller" };
const own = (status?: AIMArtifact["status"], metadata: object = {}) =>
  artifact({}, status, { labels, creationTimestamp: "2026-01-01T00:00:10Z", ...metadata });
const other = (
  { metadata, spec, status }: { metadata?: object; spec?: object; status?: AIMArtifact["status"] } = {},
): AIMArtifact =>
  artifact(spec, status, {
    name: "other",
    uid: "other",
    labels,
    creationTimestamp: "2026-01-01T00:00:00Z",
    ...metadata,
  });
const listing = (name: string, of: string): KubeObject => ({
  apiVersion,
  kind: "AIMTemplateCache",
  metadata: { name: "c", namespace },
  spec: { templateName: "tpl", templateScope: "Namespace" },
  status: { artifacts: { [name]: { uid: of, name, model: "m", status: "Pending" } } },
} as KubeObject);

const whole = [["DownloadComplete", "Verified"], ["CachePvcReady", "PvcBound"]].map(([type, reason]) => ({
  type,
  status: "True" as const,
  reason,
  message: "",
  lastTransitionTime: "2026-01-01T00:00:00Z",
}));
const bytes: AIMArtifact["status"] = { status: "Progressing", progress: { downloadedBytes: 1 } };
const rows: [what: string, own: AIMArtifact, other: AIMArtifact, standsBack: boolean][] = [
  ["an older one", own(), other(), true],
  ["an older one, made by hand", own(), other({ metadata: { labels: {} } }), true],
  ["a younger one", own(), other({ metadata: { creationTimestamp: "2026-01-01T00:00:20Z" } }), false],
  [
    "one of the same age, first by name",
    own(),
    other({ metadata: { creationTimestamp: "2026-01-01T00:00:10Z" } }),
    true,
  ],
  [
    "a younger one that has bytes",
    own(),
    other({ status: bytes, metadata: { creationTimestamp: "2026-01-01T00:00:20Z" } }),
    true,
  ],
  ["an older one, while this one has bytes", own(bytes), other({ status: bytes }), false],
  ["an older one that has failed", own(), other({ status: { status: "Failed" } }), false],
  ["one that is Ready", own(), other({ status: { status: "Ready" } }), true],
  [
    "a younger one that is Ready",
    own(),
    other({ status: { status: "Ready" }, metadata: { creationTimestamp: "2026-01-01T00:00:20Z" } }),
    true,
  ],
  [
    "one that has failed since, with its weights",
    own(),
    other({ status: { status: "Failed", conditions: whole } }),
    true,
  ],
  [
    "one that is paused",
    own(),
    other({ metadata: { annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } } }),
    false,
  ],
  ["one that is going", own(), other({ metadata: { deletionTimestamp: "2026-01-01T00:00:05Z" } }), false],
  ["another source", own(), other({ spec: { sourceUri: "hf://a/b" } }), false],
  ["another class", own(), other({ spec: { storageClassName: "fast" } }), false],
  ["a Dedicated one", own(), other({ metadata: { ownerReferences: [{ uid: "c" }] } }), false],
  [
    "one that has bytes, while a backup brought back the volume of this one",
    own(undefined, { annotations: { "aim.eai.amd.com/verified-claim-uid": "before" } }),
    other({ status: bytes }),
    false,
  ],
  ["an older one, and this one was made by hand", own(undefined, { labels: {} }), other(), false],
];

Deno.test("which artifact stands back for which", () => {
  for (const [what, subject, older, standsBack] of rows) {
    const { wants, conditions } = pass(subject, [older, listing("test-hf", uid)]);
    const told = conditions.includes("DownloadJobReady False DownloadedByAnother");
    assert.equal(told, standsBack, what);
    assert.equal(wants.length === 0, standsBack, `${what}: ${wants}`);
  }
});

Deno.test("one that stands back goes once no cache lists it, by a consistent list", () => {
  const { plan } = pass(own({ status: "Pending" }), [other(), listing("other", "other")]);
  const [{ ref, unless }] = plan.removals;
  assert.equal(ref.name, "test-hf");
  assert.equal(unless?.inUse([listing("test-hf", uid)]), true);
  assert.equal(unless?.inUse([listing("test-hf", "of that name, before")]), false);
  const going = listing("test-hf", uid);
  going.metadata!.deletionTimestamp = "2026-01-01T00:00:00Z";
  assert.equal(unless?.inUse([going]), false, "a cache that goes itself");
});
