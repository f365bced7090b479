import assert from "node:assert/strict";
import { CachedKind } from "./cached_kind.ts";
import type { KubeObject, Live } from "../object.ts";
import { type Change, Store } from "./store.ts";

interface Box extends KubeObject {
  spec?: { color?: string; weight?: number };
}

const resource = { group: "test", version: "v1", kind: "Box", plural: "boxes", namespaced: true };
const boxes = new CachedKind<Box, false>({
  resource,
  optional: false,
  project: ({ spec }) => ({ spec: { color: spec?.color } }),
});
const byColor = boxes.index("color", ({ spec }) => spec?.color === undefined ? [] : [spec.color]);
const shiftBoxes = new CachedKind<Box, false>({
  resource,
  optional: false,
  selectors: [{ labelSelector: "shift=day" }, { labelSelector: "shift=night" }],
});

function box(
  name: string,
  version: number,
  color?: string,
  more: Partial<Live<Box>["metadata"]> = {},
): Live<Box> {
  const metadata = { name, namespace: "ns", uid: `uid-${name}`, resourceVersion: String(version), ...more };
  return { apiVersion: "test/v1", kind: "Box", metadata, spec: { color, weight: version } };
}

function storeOf(kind: CachedKind<Box, false>) {
  const changes: Change<Box>[] = [];
  const states: string[] = [];
  const store = new Store<Box>(kind, (change) => changes.push(change), (it) => states.push(it.state));
  const names = () => [...store.keys()].map((key) => key.slice(3)).sort();
  /** What was heard since the last call, as `name: before → after`. */
  const heard = () =>
    changes.splice(0).map(({ key, before, after }) =>
      `${key.slice(3)}: ${before?.metadata.uid ?? "-"} → ${after?.metadata.uid ?? "-"}`
    );
  return { store, changes, states, names, heard };
}

Deno.test("a store has synced once every selector's list is in, and is uninstalled once all say so", () => {
  const { store, states } = storeOf(shiftBoxes);
  store.sink(0).replaced([], "1");
  assert.equal(store.state, "syncing");
  store.sink(1).replaced([], "1");
  assert.equal(store.state, "synced");
  store.sink(0).uninstalled();
  assert.equal(store.state, "synced");
  store.sink(1).uninstalled();
  assert.deepEqual(states, ["synced", "uninstalled"]);
});

Deno.test("what a stream tells of an own write is held once its answer is in, once", () => {
  const { store, names, heard } = storeOf(boxes);
  const sink = store.sink(0);
  sink.replaced([], "1");
  store.put(box("a", 5));
  assert.deepEqual([sink.holds!("5"), sink.holds!("5"), sink.holds!("4")], [true, false, false]);
  // The stream has it: what it deletes is gone.
  sink.removed(box("a", 6));
  assert.deepEqual(names(), []);
  // What the stream told before the answer came it does not tell again.
  sink.put(box("b", 7));
  store.put(box("b", 7));
  assert.equal(sink.holds!("7"), false);
  // A list tells everything: what comes after it is read.
  store.put(box("b", 9));
  sink.replaced([box("b", 9)], "9");
  assert.equal(sink.holds!("9"), false);
  // One that is gone meanwhile is not held.
  store.put(box("c", 10));
  store.forget("ns", "c", "uid-c");
  assert.equal(sink.holds!("10"), false);
  assert.deepEqual(heard(), ["a: - → uid-a", "a: uid-a → -", "b: - → uid-b", "c: - → uid-c", "c: uid-c → -"]);
});

Deno.test("of several streams none knows which of them tells an own write", () => {
  const { store } = storeOf(shiftBoxes);
  store.sink(0).replaced([], "1");
  store.sink(1).replaced([], "1");
  store.put(box("a", 5, undefined, { labels: { shift: "day" } }));
  assert.equal(store.sink(0).holds!("5"), false);
});

Deno.test("a version not newer than the stored one is ignored, whichever way it comes", () => {
  const { store, heard } = storeOf(boxes);
  const sink = store.sink(0);
  sink.put(box("a", 9, "red"));
  sink.put(box("a", 10, "blue"));
  heard();
  sink.put(box("a", 9, "red"));
  store.put(box("a", 10, "green"));
  sink.removed(box("a", 9, "red"));
  sink.replaced([box("a", 9, "red")], "10");
  assert.deepEqual(heard(), []);
  assert.equal(store.get("ns", "a")?.spec?.color, "blue");
});

Deno.test("versions are compared as numbers of any length", () => {
  const { store } = storeOf(boxes);
  store.put(box("a", 9, "red"));
  store.put(box("a", 10, "blue"));
  const huge = box("a", 0, "green", { resourceVersion: "90071992547409931" });
  store.put(huge);
  store.put({ ...box("a", 0, "red"), metadata: { ...huge.metadata, resourceVersion: "90071992547409930" } });
  assert.equal(store.get("ns", "a")?.spec?.color, "green");
});

Deno.test("what the projection leaves out wakes nobody, but its version is kept", () => {
  const { store, heard } = storeOf(boxes);
  store.put(box("a", 1, "red"));
  heard();
  store.put(box("a", 2, "red"));
  assert.deepEqual(heard(), []);
  assert.equal(store.get("ns", "a")?.metadata.resourceVersion, "2");
});

Deno.test("what was deleted does not come back with a late answer, only with a newer version", () => {
  const { store, names } = storeOf(boxes);
  store.sink(0).put(box("a", 5));
  store.sink(0).removed(box("a", 7));
  store.put(box("a", 6));
  assert.deepEqual(names(), []);
  store.sink(0).put(box("a", 8));
  assert.deepEqual(names(), ["a"]);
});

Deno.test("an answer that comes after a list without its object brings nothing back", () => {
  const { store, names } = storeOf(boxes);
  store.sink(0).replaced([], "9");
  store.put(box("late", 7));
  assert.deepEqual(names(), []);
  store.put(box("new", 10));
  assert.deepEqual(names(), ["new"]);
});

Deno.test("a deletion that is heard of first counts for the answer that comes after", () => {
  const { store, names } = storeOf(boxes);
  store.sink(0).removed(box("a", 7));
  store.put(box("a", 6));
  assert.deepEqual(names(), []);
});

Deno.test("a list removes what it lacks, but not what is newer than it", () => {
  const { store, names } = storeOf(boxes);
  store.sink(0).replaced([box("old", 3), box("kept", 4)], "5");
  store.put(box("own", 8));
  store.sink(0).replaced([box("kept", 4)], "7");
  assert.deepEqual(names(), ["kept", "own"]);
  store.sink(0).replaced([box("kept", 4)], "8");
  assert.deepEqual(names(), ["kept"]);
});

for (const how of ["a watch event", "a list"]) {
  Deno.test(`the same name with another UID in ${how} is a deletion and an addition`, () => {
    const { store, heard } = storeOf(boxes);
    store.sink(0).put(box("a", 1, "red", { uid: "first" }));
    heard();
    const second = box("a", 4, "red", { uid: "second" });
    if (how === "a list") store.sink(0).replaced([second], "5");
    else store.sink(0).put(second);
    assert.deepEqual(heard(), ["a: first → -", "a: - → second"]);
  });
}

Deno.test("a 404 about one UID does not remove its successor", () => {
  const { store, names } = storeOf(boxes);
  store.put(box("a", 1, "red", { uid: "second" }));
  store.forget("ns", "a", "first");
  assert.deepEqual(names(), ["a"]);
  store.forget("ns", "a", "second");
  assert.deepEqual(names(), []);
});

Deno.test("an index value is touched when left, entered or kept, and told empty or not", () => {
  const { store, changes } = storeOf(boxes);
  const touched = () =>
    changes.splice(0).flatMap((change) => change.touched).map(({ value, emptiness }) => ({
      value,
      emptiness,
    }));
  store.put(box("a", 1, "red"));
  assert.deepEqual(touched(), [{ value: "red", emptiness: true }]);
  store.put(box("b", 2, "red"));
  assert.deepEqual(touched(), [{ value: "red", emptiness: false }]);
  store.put(box("b", 3, "blue"));
  assert.deepEqual(touched(), [{ value: "red", emptiness: false }, { value: "blue", emptiness: true }]);
  store.put(box("a", 4, "red", { labels: { x: "y" } }));
  assert.deepEqual(touched(), [{ value: "red", emptiness: false }]);
  store.sink(0).removed(box("a", 5));
  assert.deepEqual(touched(), [{ value: "red", emptiness: true }]);
  assert.equal(store.any(byColor, "red"), false);
  assert.deepEqual(store.list(byColor, "blue").map(({ metadata }) => metadata.name), ["b"]);
});

Deno.test("a list by index is sorted by key", () => {
  const { store } = storeOf(boxes);
  for (const name of ["c", "a", "b"]) store.put(box(name, 1, "red"));
  assert.deepEqual(store.list(byColor, "red").map(({ metadata }) => metadata.name), ["a", "b", "c"]);
});

Deno.test("objects are frozen", () => {
  const { store } = storeOf(boxes);
  store.put(box("a", 1, "red"));
  assert.throws(() => store.get("ns", "a")!.spec!.color = "blue", TypeError);
});

Deno.test("a kind that goes takes its objects along", () => {
  const { store, names, heard } = storeOf(boxes);
  store.sink(0).replaced([box("a", 1)], "1");
  heard();
  store.sink(0).uninstalled();
  assert.deepEqual(names(), []);
  assert.deepEqual(heard(), ["a: uid-a → -"]);
});

const day = (version: number) => box("a", version, "red", { labels: { shift: "day" } });
const night = (version: number) => box("a", version, "red", { labels: { shift: "night" } });
const off = (version: number) => box("a", version, "red", { labels: { shift: "off" } });

Deno.test("an object that moves from one selector to another stays, in whichever order they tell", () => {
  for (const order of [[0, 1], [1, 0]]) {
    const { store, names } = storeOf(shiftBoxes);
    store.sink(0).put(day(1));
    for (const source of order) {
      if (source === 0) store.sink(0).removed(day(2));
      else store.sink(1).put(night(2));
    }
    assert.deepEqual(names(), ["a"], `order ${order}`);
    store.sink(1).removed(night(3));
    assert.deepEqual(names(), [], `order ${order}`);
  }
});

Deno.test("a late word of the stream that an object has left does not keep it alive", () => {
  const { store, names } = storeOf(shiftBoxes);
  store.sink(0).put(day(1));
  store.sink(1).put(night(2));
  store.sink(1).put(night(3));
  store.sink(0).removed(day(2));
  store.sink(1).removed(night(4));
  assert.deepEqual(names(), []);
});

Deno.test("one list of several removes only what its own stream had", () => {
  const { store, names } = storeOf(shiftBoxes);
  store.sink(0).put(day(1));
  store.sink(1).replaced([], "5");
  assert.deepEqual(names(), ["a"]);
  store.sink(0).replaced([], "5");
  assert.deepEqual(names(), []);
});

Deno.test("what we made and nobody saw is missed by the list that would carry it", () => {
  const { store, names } = storeOf(shiftBoxes);
  store.put(night(4));
  store.sink(0).replaced([], "6");
  assert.deepEqual(names(), ["a"]);
  store.sink(1).replaced([], "6");
  assert.deepEqual(names(), []);
});

Deno.test("an answer about an object that no selector takes is left out, or takes it out", () => {
  const { store, names } = storeOf(shiftBoxes);
  assert.equal(store.put(off(1)), undefined);
  assert.deepEqual(names(), []);
  store.sink(0).put(day(2));
  assert.equal(store.put(off(3)), undefined);
  assert.deepEqual(names(), []);
});

Deno.test("an object of a shape that projection and index do not expect harms nobody but itself", () => {
  const strict = new CachedKind<Box, false>({
    resource,
    optional: false,
    project: ({ spec }) => ({ spec: { color: spec!.color!.trim() } }),
  });
  const initial = strict.index("initial", ({ spec }) => [spec!.color![0]]);
  const { store, names } = storeOf(strict);
  store.sink(0).replaced([box("bad", 1), box("good", 2, "red")], "2");
  assert.deepEqual(names(), ["bad", "good"]);
  assert.deepEqual(store.list(initial, "r").map(({ metadata }) => metadata.name), ["good"]);
  store.sink(0).put(box("bad", 3, "rose"));
  assert.deepEqual(store.list(initial, "r").map(({ metadata }) => metadata.name), ["bad", "good"]);
});

Deno.test("deletions are remembered, the newest longest: a late answer brings back none of them", () => {
  const { store, names } = storeOf(boxes);
  const sink = store.sink(0);
  sink.replaced([], "0");
  const gone = (n: number, version: number) => sink.removed(box(`b${n}`, version));
  gone(0, 1);
  for (let n = 1; n < 4096; n++) gone(n, n + 1);
  // Deleted once more, the first one is the newest; the next one to come pushes out another.
  gone(0, 5000);
  gone(4096, 5001);
  assert.equal(store.sizes.deletions, 4096);
  sink.put(box("b0", 5000));
  sink.put(box("b4095", 4096));
  sink.put(box("b4096", 5001));
  assert.deepEqual(names(), []);
});

Deno.test("a kind that comes back begins anew: versions of its former life say nothing", () => {
  const { store, names } = storeOf(boxes);
  const sink = store.sink(0);
  sink.replaced([box("a", 50)], "50");
  sink.uninstalled();
  sink.replaced([box("a", 7)], "7");
  assert.deepEqual(names(), ["a"]);
});

Deno.test("an index that comes after its store is a mistake of the program: the store would find nothing by it", () => {
  const kind = new CachedKind<KubeObject, false>({
    resource: { group: "", version: "v1", kind: "Late", plural: "lates", namespaced: true },
    optional: false,
  });
  kind.index("early", () => []);
  new Store(kind, () => {}, () => {});
  assert.throws(() => kind.index("late", () => []), /index late of lates comes too late/);
});
