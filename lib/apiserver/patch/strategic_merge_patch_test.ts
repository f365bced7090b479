import assert from "node:assert/strict";
import type { JsonObject } from "../json.ts";
import { schemaOfBuiltIn } from "../schema/mod.ts";
import { PatchError, strategicMergePatch } from "./mod.ts";

const [pod, deployment] = [schemaOfBuiltIn("", "v1", "Pod")!, schemaOfBuiltIn("apps", "v1", "Deployment")!];

/** A pod's spec, the patch of it, the spec after, by the rules of the API conventions. */
const cases: readonly (readonly [string, JsonObject, JsonObject, JsonObject])[] = [
  ["a scalar", { nodeName: "a", hostNetwork: true }, { nodeName: "b" }, { nodeName: "b", hostNetwork: true }],
  ["null deletes", { nodeName: "a" }, { nodeName: null }, {}],
  ["a null within what is new goes", {}, { securityContext: { runAsUser: 1, runAsGroup: null } }, {
    securityContext: { runAsUser: 1 },
  }],
  ["maps are merged", { nodeSelector: { a: "1" } }, { nodeSelector: { b: "2" } }, {
    nodeSelector: { a: "1", b: "2" },
  }],
  [
    "$patch: replace of a map",
    { nodeSelector: { a: "1" } },
    { nodeSelector: { $patch: "replace", b: "2" } },
    {
      nodeSelector: { b: "2" },
    },
  ],
  ["$patch: delete of a map leaves it empty", { nodeSelector: { a: "1" } }, {
    nodeSelector: { $patch: "delete" },
  }, {
    nodeSelector: {},
  }],
  ["$patch: delete of what is not there", {}, { nodeSelector: { $patch: "delete" } }, {}],
  ["a list without merge key is replaced", { tolerations: [{ key: "a" }] }, { tolerations: [{ key: "b" }] }, {
    tolerations: [{ key: "b" }],
  }],
  [
    "a list by key is merged",
    { containers: [{ name: "a", image: "1" }, { name: "b", image: "1" }] },
    { containers: [{ name: "b", image: "2" }] },
    { containers: [{ name: "a", image: "1" }, { name: "b", image: "2" }] },
  ],
  [
    "a new item comes before those that the patch does not name",
    { containers: [{ name: "a" }] },
    { containers: [{ name: "b" }] },
    { containers: [{ name: "b" }, { name: "a" }] },
  ],
  [
    "$patch: delete of an item",
    { containers: [{ name: "a" }, { name: "b" }] },
    { containers: [{ name: "a", $patch: "delete" }] },
    { containers: [{ name: "b" }] },
  ],
  [
    "$patch: replace of a list",
    { containers: [{ name: "a" }, { name: "b" }] },
    { containers: [{ name: "c" }, { $patch: "replace" }] },
    { containers: [{ name: "c" }] },
  ],
  [
    "lists in items of lists",
    { containers: [{ name: "a", env: [{ name: "X", value: "1" }, { name: "Y", value: "1" }], args: ["1"] }] },
    { containers: [{ name: "a", env: [{ name: "Y", value: "2" }], args: ["2"] }] },
    { containers: [{ name: "a", env: [{ name: "X", value: "1" }, { name: "Y", value: "2" }], args: ["2"] }] },
  ],
  [
    "$setElementOrder orders what is there",
    { containers: [{ name: "a" }, { name: "b" }, { name: "c" }] },
    { "$setElementOrder/containers": [{ name: "c" }, { name: "a" }] },
    { containers: [{ name: "b" }, { name: "c" }, { name: "a" }] },
  ],
  [
    "$setElementOrder orders what is merged",
    { containers: [{ name: "a" }, { name: "b" }] },
    {
      "$setElementOrder/containers": [{ name: "a" }, { name: "n" }, { name: "b" }],
      containers: [{ name: "n", image: "1" }],
    },
    { containers: [{ name: "a" }, { name: "n", image: "1" }, { name: "b" }] },
  ],
  [
    "$setElementOrder of a list that is new",
    {},
    { "$setElementOrder/containers": [{ name: "a" }], containers: [{ name: "a" }] },
    { containers: [{ name: "a" }] },
  ],
  ["a volume keeps its source", { volumes: [{ name: "v", emptyDir: {} }] }, { volumes: [{ name: "v" }] }, {
    volumes: [{ name: "v", emptyDir: {} }],
  }],
  [
    "$retainKeys takes the source away that it does not name",
    { volumes: [{ name: "v", emptyDir: {} }] },
    { volumes: [{ $retainKeys: ["name", "configMap"], name: "v", configMap: { name: "c" } }] },
    { volumes: [{ name: "v", configMap: { name: "c" } }] },
  ],
];

for (const [name, spec, patch, wanted] of cases) {
  Deno.test(`strategic merge patch: ${name}`, () => {
    const object = { spec };
    const before = structuredClone(object);
    assert.deepEqual(strategicMergePatch(pod, object, { spec: patch }), { spec: wanted });
    assert.deepEqual(object, before, "the object itself is not changed");
  });
}

/** The same of metadata. */
const ofMetadata: readonly (readonly [string, JsonObject, JsonObject, JsonObject])[] = [
  ["finalizers are a set", { finalizers: ["a", "b"] }, { finalizers: ["b", "c"] }, {
    finalizers: ["a", "b", "c"],
  }],
  [
    "$deleteFromPrimitiveList",
    { finalizers: ["a", "b"] },
    { "$deleteFromPrimitiveList/finalizers": ["a"] },
    { finalizers: ["b"] },
  ],
  [
    "owners are merged by uid",
    { ownerReferences: [{ uid: "1", name: "a" }] },
    { ownerReferences: [{ uid: "1", controller: true }] },
    { ownerReferences: [{ uid: "1", name: "a", controller: true }] },
  ],
  ["a label goes", { labels: { a: "1", b: "2" } }, { labels: { a: null } }, { labels: { b: "2" } }],
];

for (const [name, metadata, patch, wanted] of ofMetadata) {
  Deno.test(`strategic merge patch of metadata: ${name}`, () => {
    assert.deepEqual(strategicMergePatch(pod, { metadata }, { metadata: patch }), { metadata: wanted });
  });
}

/** Patches of a pod's spec that are refused: spec, patch, words, whether the patch itself is wrong. */
const refused: readonly (readonly [JsonObject, JsonObject, string, boolean])[] = [
  [
    { containers: [{ name: "a" }] },
    { containers: [{ image: "1" }] },
    "map: map[image:1] does not contain declared merge key: name",
    false,
  ],
  [
    { nodeSelector: { a: "1" } },
    { nodeSelector: { $patch: "spin" } },
    "unknown patch type: spin in map: map[$patch:spin]",
    false,
  ],
  [{}, { "$setElementOrder/containers": "a" }, "invalid patch format of setElementOrder list", true],
  [
    { volumes: [{ name: "v" }] },
    { volumes: [{ name: "v", $retainKeys: ["name"], emptyDir: {} }] },
    "invalid patch format of retainKeys",
    true,
  ],
  [
    {},
    {
      "$setElementOrder/containers": [{ name: "a" }, { name: "b" }],
      containers: [{ name: "b" }, { name: "a" }],
    },
    "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n",
    false,
  ],
];

for (const [spec, patch, message, malformed] of refused) {
  Deno.test(`strategic merge patch refuses ${JSON.stringify(patch)}`, () => {
    assert.throws(
      () => strategicMergePatch(pod, { spec }, { spec: patch }),
      new PatchError(message, malformed),
    );
  });
}

Deno.test("a rolling update goes when a deployment is told to recreate", () => {
  const object = { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } };
  const patch = { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } };
  assert.deepEqual(strategicMergePatch(deployment, object, patch), {
    spec: { strategy: { type: "Recreate" } },
  });
});
