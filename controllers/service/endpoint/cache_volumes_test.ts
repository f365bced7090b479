/** The volumes of an InferenceService (services.md §8.5). */

import assert from "node:assert/strict";
import type { AIMTemplateCacheStatus } from "../../../lib/api/mod.ts";
import { liveObject } from "../../../lib/operator/runner/view_fixture.ts";
import { cacheVolumes, everyArtifactHasClaim, mountsCache } from "./cache_volumes.ts";
import { cache, inferenceService, model, pass, service, template } from "../service_sample.ts";

type Artifact = NonNullable<AIMTemplateCacheStatus["artifacts"]>[string];
const artifact = (parts: Partial<Artifact>): Artifact => ({
  name: "a",
  uid: "uid",
  model: "org/m",
  status: "Ready",
  persistentVolumeClaim: "pvc",
  ...parts,
});
const cacheOf = (...artifacts: Partial<Artifact>[]) =>
  liveObject(
    cache({
      status: { artifacts: Object.fromEntries(artifacts.map((each, i) => [`k${i}`, artifact(each)])) },
    }),
  );
const pathOf = (parts: Partial<Artifact>) => cacheVolumes(cacheOf(parts), undefined)[0]?.mountPath;

const paths: [Partial<Artifact>, string][] = [
  [{ model: "Qwen/Qwen3-32B" }, "/workspace/cache/Qwen/Qwen3-32B"],
  [{ mountPoint: "/weights" }, "/weights"],
  [{ mountPoint: "" }, "/workspace/cache/org/m"],
  [{ model: "../../etc/x" }, "/workspace/cache/etc/x"],
  [{ model: "a//./b/" }, "/workspace/cache/a/b"],
  [{ model: ".." }, "/workspace/cache/a"],
  [{ model: "." }, "/workspace/cache/a"],
  [{ model: "" }, "/workspace/cache/a"],
  [{ model: undefined, name: "My.Artifact" }, "/workspace/cache/my-artifact"],
];
for (const [parts, path] of paths) {
  Deno.test(`mounted at ${path}: ${JSON.stringify(parts)}`, () => assert.equal(pathOf(parts), path));
}

Deno.test("the volume is named after the artifact, sanitized", () => {
  const [volume] = cacheVolumes(cacheOf({ name: "HF.Org_model" }), undefined);
  assert.equal(volume.name, "hf-org-model");
  assert.equal(volume.claimName, "pvc");
});

Deno.test("only Ready artifacts with a claim", () => {
  const artifacts = [
    { name: "a" },
    { name: "b", status: "Progressing" },
    { name: "c", persistentVolumeClaim: "" },
    { name: "d", persistentVolumeClaim: undefined },
  ] as const;
  assert.deepEqual(cacheVolumes(cacheOf(...artifacts), undefined).map(({ name }) => name), ["a"]);
});

Deno.test("Better §8.5: ordered by the artifact's name", () => {
  assert.deepEqual(
    cacheVolumes(cacheOf({ name: "b" }, { name: "c" }, { name: "a" }), undefined).map(({ name }) => name),
    ["a", "b", "c"],
  );
});

const live = liveObject(inferenceService());

/** An endpoint that mounts these claims, in this order. */
function mounting(...volumes: [name: string, claim: string, path: string][]) {
  return liveObject(inferenceService({
    spec: {
      predictor: {
        containers: [{
          name: "kserve-container",
          volumeMounts: [
            { name: "dshm", mountPath: "/dev/shm" },
            ...volumes.map(([name, , mountPath]) => ({ name, mountPath })),
          ],
        }],
        volumes: [
          { name: "dshm", emptyDir: {} },
          ...volumes.map(([name, claimName]) => ({ name, persistentVolumeClaim: { claimName } })),
        ],
      },
    },
  }));
}

Deno.test("Better §8.5: an equal set keeps its live order, so that nothing rolls", () => {
  const both = cacheOf(
    { name: "a", model: "org/a", persistentVolumeClaim: "pa" },
    { name: "b", model: "org/b", persistentVolumeClaim: "pb" },
  );
  const reversed = mounting(
    ["b", "pb", "/workspace/cache/org/b"],
    ["a", "pa", "/workspace/cache/org/a"],
  );
  assert.deepEqual(cacheVolumes(both, reversed).map(({ name }) => name), ["b", "a"]);
});

Deno.test("Better §8.5: a recreated cache has new claims, and they replace the old ones", () => {
  const renewed = cacheOf({ persistentVolumeClaim: "pvc-2" });
  assert.deepEqual(cacheVolumes(renewed, live), [
    { name: "a", claimName: "pvc-2", mountPath: "/workspace/cache/org/m" },
  ]);
  const moved = cacheOf({ persistentVolumeClaim: "pvc-1", mountPoint: "/elsewhere" });
  assert.equal(cacheVolumes(moved, live)[0].mountPath, "/elsewhere");
});

Deno.test("Better §8.5: while the cache is not Ready or missing, the live volumes stay", () => {
  const mounted = [{ name: "a", claimName: "pvc-1", mountPath: "/workspace/cache/org/m" }];
  const progressing = liveObject(cache({ status: { status: "Progressing", artifacts: {} } }));
  assert.deepEqual(cacheVolumes(progressing, live), mounted);
  assert.deepEqual(cacheVolumes(undefined, live), mounted);
  assert.deepEqual(cacheVolumes(undefined, undefined), []);
});

Deno.test("an endpoint stands on its cache if it has a claim beside the shared memory", () => {
  assert.equal(mountsCache(live), true);
  assert.equal(mountsCache(mounting()), false);
  assert.equal(mountsCache(undefined), false);
});

Deno.test("no endpoint starts on half its weights (caching-and-artifacts.md §7)", () => {
  const half = cacheOf({ name: "a" }, { name: "b", persistentVolumeClaim: undefined });
  assert.equal(everyArtifactHasClaim(half), false);
  assert.equal(everyArtifactHasClaim(cacheOf({ name: "a" })), true);
  assert.deepEqual(pass(service(), [model(), template(), half]).children, []);
});
