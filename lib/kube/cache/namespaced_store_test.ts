/** A store of which some namespaces count, each read by informers of its own (scoped mode). */
import assert from "node:assert/strict";
import { CachedKind } from "./cached_kind.ts";
import type { KubeObject, Live } from "../object.ts";
import { Store } from "./store.ts";

const boxes = new CachedKind<KubeObject, false>({
  resource: { group: "test", version: "v1", kind: "Box", plural: "boxes", namespaced: true },
  optional: false,
  selectors: [{ labelSelector: "shift=day" }, { labelSelector: "shift=night" }],
});
const all = boxes.index("all", () => [""]);

function box(namespace: string, name: string, version: number, shift = "day"): Live<KubeObject> {
  return {
    apiVersion: "test/v1",
    kind: "Box",
    metadata: {
      namespace,
      name,
      uid: `${namespace}-${name}`,
      resourceVersion: `${version}`,
      labels: { shift },
    },
  };
}

function storeOf(...namespaces: string[]) {
  const states: string[] = [];
  const store = new Store(boxes, () => {}, ({ state }) => states.push(state), namespaces);
  const names = () => store.list(all, "").map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const sync = (namespace: string, ...items: Live<KubeObject>[]) => {
    store.sink(0, namespace).replaced(items, "10");
    store.sink(1, namespace).replaced([], "10");
  };
  return { store, states, names, sync };
}

Deno.test("it has synced once every selector's list of every namespace is in", () => {
  const { store, sync } = storeOf("a", "b");
  sync("a");
  assert.equal(store.state, "syncing");
  sync("b");
  assert.equal(store.state, "synced");
});

Deno.test("a list of one namespace removes nothing of another", () => {
  const { store, names, sync } = storeOf("a", "b");
  sync("a", box("a", "x", 1));
  sync("b", box("b", "x", 1));
  store.sink(0, "b").replaced([], "20");
  assert.deepEqual(names(), ["a/x"]);
});

Deno.test("more namespaces than an integer has bits: each is told apart", () => {
  const namespaces = Array.from({ length: 40 }, (_, n) => `n${n + 10}`);
  const { store, names, sync } = storeOf(...namespaces);
  for (const namespace of namespaces) sync(namespace, box(namespace, "x", 1));
  assert.equal(names().length, 40);
  store.sink(0, "n10").replaced([], "20");
  assert.deepEqual(names(), namespaces.slice(1).map((each) => `${each}/x`));
});

Deno.test("a namespace that cannot be read holds nobody up, and its objects leave", () => {
  const { store, states, names, sync } = storeOf("a", "b");
  store.unreadable("b");
  sync("a", box("a", "x", 1));
  assert.equal(store.state, "synced");
  sync("b", box("b", "y", 2));
  assert.deepEqual(names(), ["a/x", "b/y"]);
  store.unreadable("b");
  assert.deepEqual(names(), ["a/x"]);
  store.unreadable("a");
  assert.deepEqual(states, ["synced", "unreadable"]);
  sync("b", box("b", "y", 2));
  assert.deepEqual(names(), ["b/y"], "as it was");
});

Deno.test("a kind is uninstalled once all namespaces that can be read say so", () => {
  const { store, states } = storeOf("a", "b");
  store.unreadable("b");
  for (const selector of [0, 1]) store.sink(selector, "a").uninstalled();
  assert.deepEqual(states, ["uninstalled"]);
});

Deno.test("the answer of an own write is missed by the list of its namespace, not by that of another", () => {
  const { store, names, sync } = storeOf("a", "b");
  sync("a");
  sync("b");
  store.put(box("a", "x", 15));
  store.sink(0, "b").replaced([], "20");
  assert.deepEqual(names(), ["a/x"]);
  store.sink(0, "a").replaced([], "20");
  assert.deepEqual(names(), []);
  // Late: the list at 20 would have carried it.
  store.put(box("a", "x", 16));
  assert.deepEqual(names(), []);
});

Deno.test("nothing that comes late brings an object back into a namespace that cannot be read any more", () => {
  const { store, states, names, sync } = storeOf("a", "b");
  sync("a");
  sync("b", box("b", "x", 5));
  store.unreadable("b");
  assert.equal(store.put(box("b", "x", 12)), undefined, "the answer of a write that was under way");
  store.sink(0, "b").put(box("b", "x", 13));
  assert.deepEqual(names(), []);
  store.put(box("a", "y", 14));
  assert.deepEqual(names(), ["a/y"], "the other one goes on");
  sync("b", box("b", "x", 5));
  assert.equal(store.put(box("b", "x", 12))?.metadata.resourceVersion, "12", "it is read again");
  store.sink(0, "b").put(box("b", "x", 13));
  assert.equal(store.get("b", "x")?.metadata.resourceVersion, "13");
  assert.deepEqual(states, ["synced"]);
});

Deno.test("nothing that comes late brings back an object of a kind that is not served any more", () => {
  const { store, names, sync } = storeOf("a");
  sync("a", box("a", "x", 5));
  for (const selector of [0, 1]) store.sink(selector, "a").uninstalled();
  assert.equal(store.put(box("a", "x", 12)), undefined);
  store.sink(0, "a").put(box("a", "x", 13));
  assert.deepEqual(names(), []);
});

Deno.test("an object of another namespace never enters", () => {
  const { store, names, sync } = storeOf("a");
  sync("a");
  assert.equal(store.put(box("z", "x", 15)), undefined);
  assert.deepEqual(names(), []);
});
