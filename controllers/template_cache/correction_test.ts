/** spec/README: what a service corrects reaches the artifacts of its cache. */

import assert from "node:assert/strict";
import type { AIMArtifact } from "../../lib/api/mod.ts";
import { artifact, cache, pass, qwen, template } from "./cache_fixture.ts";

const env = [{ name: "HF_TOKEN", value: "good" }];
const frozen = { "aim.eai.amd.com/reconciliation-paused": "true" };
const made = (of = "c", spec: Partial<AIMArtifact["spec"]> = {}, metadata: object = {}) => ({
  metadata: {
    labels: {
      "app.kubernetes.io/managed-by": "aim-template-cache-controller",
      "aim.eai.amd.com/template-cache.name": of,
    },
    ...metadata,
  },
  spec,
});
const edits = (there: AIMArtifact, spec: Parameters<typeof cache>[0] = { env }) =>
  pass(cache(spec), [template([qwen]), there]).plan.edits ?? [];

Deno.test("an artifact that has failed gets what its caches want; one that has not is its maker's alone", () => {
  const rows: [string, AIMArtifact, boolean][] = [
    ["its own, failed", artifact(qwen, "Failed", made()), true],
    ["its own, on its way", artifact(qwen, "Pending", made()), true],
    ["its own, Ready", artifact(qwen, "Ready", made()), false],
    ["its own, and it agrees", artifact(qwen, "Failed", made("c", { env })), false],
    ["another's, failed", artifact(qwen, "Failed", made("other")), true],
    ["another's, on its way", artifact(qwen, "Pending", made("other")), false],
    ["made by hand", artifact(qwen, "Failed"), false],
    ["its own, failed and paused", artifact(qwen, "Failed", made("c", {}, { annotations: frozen })), false],
  ];
  for (const [what, there, corrected] of rows) {
    const found = edits(there);
    assert.deepEqual(found.map(({ ref }) => ref.name), corrected ? [there.metadata.name] : [], what);
    const wanted = { env, runtimeConfigName: null, imagePullSecrets: null };
    if (corrected) assert.deepEqual(found[0].patch.spec, wanted, what);
  }
});

Deno.test("what a source wants itself counts, and pull secrets and runtime config, too", () => {
  const source = { ...qwen, env: [{ name: "AWS_ENDPOINT_URL", value: "x" }] };
  const spec = { env, imagePullSecrets: [{ name: "reg" }], runtimeConfigName: "default" };
  const { plan } = pass(cache(spec), [template([source]), artifact(qwen, "Failed", made())]);
  assert.deepEqual(plan.edits?.[0].patch.spec, { ...spec, env: [...env, ...source.env] });
});

Deno.test("the headroom of the cache reaches an artifact that has failed; without one what stands there is left", () => {
  const key = "aim.eai.amd.com/pvc-headroom-percent";
  const annotated = (of: string | undefined, has: string | undefined) => {
    const metadata = has === undefined ? {} : { annotations: { [key]: has } };
    const there = artifact(qwen, "Failed", made("c", {}, metadata));
    const subject = cache({}, of === undefined ? {} : { annotations: { [key]: of } });
    const [edit] = pass(subject, [template([qwen]), there]).plan.edits ?? [];
    return (edit?.patch.metadata as { annotations: Record<string, string> } | undefined)?.annotations[key];
  };
  assert.equal(annotated("50", undefined), "50");
  assert.equal(annotated("50", "35"), "50");
  assert.equal(annotated("50", "50"), undefined);
  assert.equal(annotated(undefined, "35"), undefined);
});

Deno.test("an artifact in another class is none of the cache's: a new one is made", () => {
  const there = artifact(qwen, "Failed", made());
  const seen = pass(cache({ storageClassName: "nfs" }), [template([qwen]), there]);
  assert.deepEqual(seen.plan.edits, []);
  assert.deepEqual(seen.made.map(({ spec }) => spec?.storageClassName), ["nfs"]);
});
