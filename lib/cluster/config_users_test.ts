import assert from "node:assert/strict";
import { type KubeObject } from "../kube/object.ts";
import { ClusterCache } from "../operator/core/cluster_cache.ts";
import { liveObject, onView } from "../operator/runner/view_fixture.ts";
import { API_VERSION } from "../operator/naming/labels.ts";
import { countConfigUses, isConfigUsed } from "./config_users.ts";
import { watchedKinds } from "./kinds.ts";

const object = (kind: string, namespace: string | undefined, name: string, config?: string): KubeObject => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, ...(namespace && { namespace }) },
  spec: config === undefined ? {} : { runtimeConfigName: config },
} as KubeObject);

const objects = [
  object("AIMClusterRuntimeConfig", undefined, "default"),
  object("AIMClusterRuntimeConfig", undefined, "fast"),
  object("AIMRuntimeConfig", "a", "default"),
  object("AIMRuntimeConfig", "b", "fast"),
  object("AIMRuntimeConfig", "b", "unused"),
  object("AIMService", "a", "one"),
  object("AIMService", "a", "two", ""),
  object("AIMService", "b", "three", "fast"),
  object("AIMService", "b", "four", "default"),
  object("AIMModel", "b", "m", "fast"),
  object("AIMClusterModel", undefined, "cm", "fast"),
  object("AIMClusterModelSource", undefined, "source"),
  object("AIMServiceTemplate", "b", "t", "fast"),
  object("AIMClusterServiceTemplate", undefined, "ct", "fast"),
  object("AIMTemplateCache", "e", "cache"),
  object("AIMArtifact", "c", "weights"),
];

Deno.test("an object goes by the configs of its effective name, in its namespace and in the cluster", () => {
  const rows: [namespace: string | undefined, name: string, used: boolean][] = [
    [undefined, "default", true],
    [undefined, "fast", true],
    [undefined, "unused", false],
    ["a", "default", true],
    ["a", "fast", false],
    ["b", "default", true],
    ["b", "fast", true],
    ["b", "unused", false],
    ["c", "default", true],
    ["d", "default", false],
  ];
  for (const [namespace, name, used] of rows) {
    const { result } = onView(
      objects,
      { kinds: watchedKinds },
      (view) => isConfigUsed(view, namespace, name),
    );
    assert.equal(result, used, `${namespace}/${name}`);
  }
});

Deno.test("an object of each of the eight kinds alone makes a config used", () => {
  const consumers: [kind: string, namespace: string | undefined][] = [
    ["AIMService", "a"],
    ["AIMModel", "a"],
    ["AIMClusterModel", undefined],
    ["AIMServiceTemplate", "a"],
    ["AIMClusterServiceTemplate", undefined],
    ["AIMTemplateCache", "a"],
    ["AIMArtifact", "a"],
    ["AIMClusterModelSource", undefined],
  ];
  for (const [kind, namespace] of consumers) {
    const { result } = onView(
      [object(kind, namespace, "one")],
      { kinds: watchedKinds },
      (view) => [undefined, "a", "b"].map((each) => isConfigUsed(view, each, "default")),
    );
    assert.deepEqual(result, [true, namespace !== undefined, false], kind);
  }
});

Deno.test("each config's users are counted by kind", () => {
  const cache = new ClusterCache(watchedKinds);
  for (const store of cache.stores()) {
    const items = objects.filter(({ kind }) => kind === store.kind.resource.kind).map(liveObject);
    store.kind.selectors.forEach((_, source) => store.sink(source).replaced(items, "1000"));
  }
  const told = [...countConfigUses(cache)].map(({ kind, namespace, name, consumer, count }) =>
    `${kind} ${namespace}/${name} ${consumer} ${count}`
  );
  assert.deepEqual(told.sort(), [
    "AIMClusterRuntimeConfig /default AIMArtifact 1",
    "AIMClusterRuntimeConfig /default AIMClusterModelSource 1",
    "AIMClusterRuntimeConfig /default AIMService 3",
    "AIMClusterRuntimeConfig /default AIMTemplateCache 1",
    "AIMClusterRuntimeConfig /fast AIMClusterModel 1",
    "AIMClusterRuntimeConfig /fast AIMClusterServiceTemplate 1",
    "AIMClusterRuntimeConfig /fast AIMModel 1",
    "AIMClusterRuntimeConfig /fast AIMService 1",
    "AIMClusterRuntimeConfig /fast AIMServiceTemplate 1",
    "AIMRuntimeConfig a/default AIMService 2",
    "AIMRuntimeConfig b/fast AIMModel 1",
    "AIMRuntimeConfig b/fast AIMService 1",
    "AIMRuntimeConfig b/fast AIMServiceTemplate 1",
  ]);
});
