/** spec/README: a Shared artifact that is not Ready goes with its last user. */

import assert from "node:assert/strict";
import type { AIMArtifact } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  artifact,
  claim,
  claimName,
  claimUid,
  namespace,
  pass,
  reporting,
  runtimeConfig,
  uid,
  verifiedStatus,
} from "./artifact_fixture.ts";

const sourceUri = "hf://Qwen/Qwen3-32B";
const byCache = { "app.kubernetes.io/managed-by": "aim-template-cache-controller" };
const subject = (
  status: AIMArtifact["status"] = { status: "Progressing" },
  metadata: Partial<AIMArtifact["metadata"]> = {},
  spec: Partial<AIMArtifact["spec"]> = {},
) => artifact(spec, status, { labels: byCache, ...metadata });

const apiVersion = "aim.eai.amd.com/v1alpha1";
const template = (
  uri = sourceUri,
  metadata: object = { namespace },
  kind = "AIMServiceTemplate",
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: "tpl", ...metadata },
  spec: { modelName: "m" },
  status: { modelSources: [{ modelId: "m", sourceUri: uri }] },
} as KubeObject);
const other = { x: { uid: "another", name: "another", model: "m", status: "Ready" } };
const cache = (
  spec: object = {},
  metadata: object = {},
  artifacts: object = other,
): KubeObject => ({
  apiVersion,
  kind: "AIMTemplateCache",
  metadata: { name: "c", namespace, ...metadata },
  spec: { templateName: "tpl", templateScope: "Namespace", ...spec },
  status: { artifacts },
} as KubeObject);

/** An endpoint that has a claim among its volumes. */
const mounting = (claimName: string): KubeObject =>
  ({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name: "e", namespace, uid: "e", labels: { "aim.eai.amd.com/service.name": "s" } },
    spec: { predictor: { volumes: [{ name: "w", persistentVolumeClaim: { claimName } }] } },
  }) as KubeObject;

Deno.test("an artifact that a cache has made goes by itself once no cache needs it", () => {
  const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };
  const owned = { ownerReferences: [{ apiVersion, kind: "AIMTemplateCache", name: "c", uid: "c" }] };
  const clusterTemplate = template(sourceUri, {}, "AIMClusterServiceTemplate");
  const fast = runtimeConfig({ storage: { defaultStorageClassName: "fast" } });
  const [earlier, later] = ["2025-12-31T00:00:00Z", "2025-12-31T00:00:01Z"];
  const verifiedHere = { "aim.eai.amd.com/verified-claim-uid": claimUid };
  const verifiedOn = { "aim.eai.amd.com/verified-claim-uid": "before" };
  const rows: [string, AIMArtifact, KubeObject[], boolean][] = [
    ["no cache", subject(), [], true],
    ["no cache; failed", subject({ status: "Failed" }), [], true],
    ["no cache; too new to tell", artifact({}, undefined, { labels: byCache }), [], false],
    ["no cache; made by hand", artifact({}, { status: "Failed" }), [], false],
    ["no cache; owned", subject(undefined, { ...owned }), [], false],
    ["no cache; Ready", subject(verifiedStatus), [claim()], false],
    ["a cache of a template with its source", subject(), [template(), cache()], false],
    ["one that is going", subject(), [template(), cache({}, going)], true],
    ["one with a volume of its own", subject(), [template(), cache({ mode: "Dedicated" })], true],
    ["one of a template without its source", subject(), [template("hf://a/b"), cache()], true],
    ["one in another namespace", subject(), [template(), cache({}, { namespace: "other" })], true],
    [
      "one with its source of its own",
      subject(),
      [cache({ modelSources: [{ modelId: "m", sourceUri }] })],
      false,
    ],
    ["one of a cluster template", subject(), [clusterTemplate, cache({ templateScope: "Cluster" })], false],
    ["one that wants another class", subject(), [template(), cache({ storageClassName: "fast" })], true],
    ["one that wants its class", subject(), [template(), cache({ storageClassName: "fast" }), fast], false],
    [
      "one that lists it, whatever its template says now",
      subject(),
      [cache({}, {}, { x: { uid, name: "test-hf", model: "m", status: "Failed" } })],
      false,
    ],
    ["one that knows no sources yet", subject(), [cache({}, {}, {})], false],
    ["the same, and it is going", subject(), [cache({}, going, {})], true],
    [
      "one of a namespace's template, where only a cluster's of that name has its source",
      subject(),
      [clusterTemplate, cache()],
      true,
    ],
    [
      "one of its class, while its volume of another is going",
      subject({ status: "Progressing", persistentVolumeClaim: claimName }),
      [template(), cache({ storageClassName: "fast" }), fast, claim("Bound", going)],
      false,
    ],
    [
      "no cache; its weights were verified on a volume that a backup brought back",
      subject({ status: "Progressing", persistentVolumeClaim: claimName }, {
        annotations: verifiedOn,
        creationTimestamp: later,
      }),
      [claim("Bound", { creationTimestamp: earlier })],
      false,
    ],
    [
      "no cache; verified, though its status does not say so yet",
      subject({ status: "Progressing", persistentVolumeClaim: claimName }, { annotations: verifiedHere }),
      [claim()],
      false,
    ],
    [
      "no cache; verified, and what its volume stood on is gone",
      subject({ status: "Progressing", persistentVolumeClaim: claimName }, { annotations: verifiedHere }),
      [claim("Lost")],
      true,
    ],
    [
      "no cache; as old as the volume that a backup brought back",
      subject({ status: "Progressing", persistentVolumeClaim: claimName }, {
        annotations: verifiedOn,
        creationTimestamp: earlier,
      }),
      [claim("Bound", { creationTimestamp: earlier })],
      false,
    ],
    ["no cache, but an endpoint waits for its volume", subject(), [mounting(claimName)], false],
    ["no cache, and an endpoint waits for another", subject(), [mounting("another")], true],
    [
      "no cache; the volume that a backup brought back is going",
      subject({ status: "Progressing", persistentVolumeClaim: claimName }, {
        annotations: verifiedOn,
        creationTimestamp: later,
      }),
      [claim("Bound", { creationTimestamp: earlier, ...going })],
      true,
    ],
  ];
  for (const [what, it, others, goes] of rows) {
    const { plan } = pass(it, [...reporting(), ...others]);
    assert.deepEqual(plan.removals.map(({ ref }) => ref.name), goes ? ["test-hf"] : [], what);
    assert.equal(plan.status === undefined, goes, what);
  }
});

Deno.test("caches are listed once more before it goes", () => {
  const { unless } = pass(subject(), [template()]).plan.removals[0];
  assert.equal(unless?.kind.resource.kind, "AIMTemplateCache");
  assert.equal(unless?.inUse([cache()]), true);
  assert.equal(unless?.inUse([cache({ templateName: "else" })]), false);
});

Deno.test("out of Ready for a reason that has nothing to do with its weights, it stays", () => {
  const left = pass(artifact({ runtimeConfigName: "gone" }, verifiedStatus, { labels: byCache }), [claim()]);
  assert.equal(left.status?.status, "Failed");
  assert.deepEqual(
    pass(subject(left.status, {}, { runtimeConfigName: "gone" }), [claim()]).plan.removals,
    [],
  );
});

Deno.test("an artifact whose volume was there before it stays: somebody kept the weights when he deleted a former one", () => {
  const name = "kept";
  const rows: [what: string, volume: string, made: string, verified: string | undefined, stays: boolean][] = [
    ["older than the artifact", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", undefined, true],
    ["made for it", "2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z", undefined, false],
    ["made for it in the same second", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", undefined, false],
    ["restored in the same second", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "before", true],
  ];
  for (const [what, volume, made, verified, stays] of rows) {
    const annotations: Record<string, string> = verified === undefined
      ? {}
      : { "aim.eai.amd.com/verified-claim-uid": verified };
    const status = { status: "Progressing", persistentVolumeClaim: name } as const;
    const it = subject(status, { creationTimestamp: made, annotations });
    const { plan } = pass(it, [...reporting(), claim("Bound", { name, creationTimestamp: volume })]);
    assert.deepEqual(plan.removals.map(({ ref }) => ref.name), stays ? [] : ["test-hf"], what);
  }
});
