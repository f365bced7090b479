/** Which claim an artifact takes for its own (caching-and-artifacts.md §3.1 Better, docs/operations.md "Backup"). */

import assert from "node:assert/strict";
import type { PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { artifact, claim, claimName, pass, reporting, uid } from "./artifact_fixture.ts";

const labels = { "aim.eai.amd.com/cache.name": "test-hf", "aim.eai.amd.com/source-model": "qwen_qwen3-32b" };
const owner = (of: string) => ({
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMArtifact",
  name: "test-hf",
  uid: of,
});
const left = (metadata: KubeObject["metadata"] = {}): PersistentVolumeClaim =>
  claim("Bound", { name: "left", uid: "left", labels, ...metadata });

const rows: [what: string, there: PersistentVolumeClaim[], taken: string][] = [
  ["nothing is there", [], claimName],
  ["one that nobody owns", [left()], "left"],
  ["one that it owns already", [left({ ownerReferences: [owner(uid)] })], "left"],
  ["one that was deleted with its artifact", [left({ ownerReferences: [owner("former")] })], claimName],
  ["one that is going", [left({ deletionTimestamp: "2026-01-01T00:00:00Z" })], claimName],
  [
    "one of another source",
    [left({ labels: { ...labels, "aim.eai.amd.com/source-model": "a_b" } })],
    claimName,
  ],
  ["its own beside it", [left(), claim()], claimName],
];

Deno.test("a claim that was left is used, and owned from then on", () => {
  for (const [what, there, taken] of rows) {
    const { plan } = pass(artifact(), [...there, ...reporting()]);
    const [volume] = plan.children.filter(({ ref }) => ref.kind.resource.kind === "PersistentVolumeClaim");
    assert.equal(volume.ref.name, taken, what);
    const adopted = (plan.edits ?? []).filter(({ ref }) => ref.kind.resource.kind === "PersistentVolumeClaim")
      .map(({ ref }) => ref.name);
    const isNobodys = there.some(({ metadata }) =>
      metadata?.name === "left" && metadata.ownerReferences === undefined && taken === "left"
    );
    assert.deepEqual(adopted, isNobodys ? ["left"] : [], what);
  }
});
