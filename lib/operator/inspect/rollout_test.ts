import type { PodSpec, ReplicaSet } from "../objects.ts";
import assert from "node:assert/strict";
import { rolloutOf } from "./rollout.ts";

const wanted: Partial<PodSpec> = {
  serviceAccountName: "runner",
  imagePullSecrets: [{ name: "regcred" }],
  containers: [{
    name: "kserve-container",
    image: "reg.io/m:2",
    env: [{ name: "A", value: "1" }, { name: "EMPTY" }, { name: "NAME", value: "{{.Name}}" }],
    resources: { limits: { memory: "1Gi", "amd.com/gpu": "1" }, requests: { cpu: "1000m" } },
  }],
  volumes: [{ name: "dshm" }, { name: "weights", persistentVolumeClaim: { claimName: "pvc-1" } }],
};

/** As KServe and the API server make it of that: canonical amounts, what they add, what they fill in. */
const made: Partial<PodSpec> = {
  ...wanted,
  containers: [{
    name: "kserve-container",
    image: "reg.io/m:2",
    env: [
      { name: "A", value: "1" },
      { name: "EMPTY", value: "" },
      { name: "NAME", value: "s-e2c6bafc" },
      { name: "HTTP_PROXY", value: "of a webhook" },
    ],
    resources: { limits: { memory: "1024Mi", "amd.com/gpu": "1" }, requests: { cpu: "1", memory: "1Gi" } },
  }, { name: "proxy" }],
};

const replicaSet = (hash: string, revision: number, spec: Partial<PodSpec>, owner = "d"): ReplicaSet => ({
  metadata: {
    name: `s-${hash}`,
    labels: { "pod-template-hash": hash },
    annotations: { "deployment.kubernetes.io/revision": String(revision) },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "s", uid: owner, controller: true }],
  },
  spec: { template: { spec } },
});
const podOf = (hash: string) => ({ metadata: { labels: { "pod-template-hash": hash } } });

Deno.test("the newest revision is the one with the highest number, also where an old one is taken up again", () => {
  const sets = [replicaSet("a", 12, made), replicaSet("b", 9, made), replicaSet("c", 11, made)];
  const { isNewest } = rolloutOf(wanted, sets)!;
  assert.deepEqual(["a", "b", "c"].map((hash) => isNewest(podOf(hash))), [true, false, false]);
  assert.equal(rolloutOf(wanted, []), undefined);

  const two = rolloutOf(wanted, [...sets, replicaSet("worker", 1, { containers: [] }, "other")])!;
  assert.equal(two.isNewest(podOf("worker")), true, "each Deployment has its own");
  assert.equal(two.behind, undefined);
});

const container = (parts: object): Partial<PodSpec> => ({
  ...made,
  containers: [{ ...made.containers![0], ...parts }],
});
const rows: [string, Partial<PodSpec>, behind: string | undefined][] = [
  ["all of it", made, undefined],
  // Policies write such images into a Deployment: a tag is pinned, a registry is put before or replaced.
  ["the image by its digest", container({ image: `reg.io/m:2@sha256:${"a".repeat(64)}` }), undefined],
  ["the image of a mirror", container({ image: "mirror.example/reg.io/m:2" }), undefined],
  ["the image in another registry", container({ image: "mirror.example/m:2" }), undefined],
  [
    "another tag in another registry",
    container({ image: "mirror.example/m:1" }),
    "image reg.io/m:2 of container kserve-container",
  ],
  ["another image", container({ image: "reg.io/m:1" }), "image reg.io/m:2 of container kserve-container"],
  [
    "another value",
    container({ env: [{ name: "A", value: "0" }] }),
    "variable A of container kserve-container",
  ],
  ["no variable", container({ env: [] }), "variable A of container kserve-container"],
  [
    "another limit",
    container({ resources: { limits: { memory: "2Gi", "amd.com/gpu": "1" } } }),
    "resources.limits memory of container kserve-container",
  ],
  [
    "no request",
    container({ resources: { limits: made.containers![0].resources!.limits } }),
    "resources.requests cpu of container kserve-container",
  ],
  ["no container", { ...made, containers: [] }, "all of container kserve-container"],
  [
    "another claim",
    { ...made, volumes: [{ name: "weights", persistentVolumeClaim: { claimName: "pvc-0" } }] },
    "volume weights",
  ],
  ["no pull secret", { ...made, imagePullSecrets: [] }, "pull secret regcred"],
  ["another account", { ...made, serviceAccountName: "default" }, "service account runner"],
];
for (const [what, spec, behind] of rows) {
  Deno.test(`a newest revision with ${what}: ${behind ?? "nothing"} is missing`, () => {
    assert.equal(rolloutOf(wanted, [replicaSet("a", 1, made), replicaSet("b", 2, spec)])!.behind, behind);
  });
}
