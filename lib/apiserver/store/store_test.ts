import assert from "node:assert/strict";
import { Store } from "./store.ts";

const object = (name: string, more: Record<string, unknown> = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default", uid: name, creationTimestamp: "" },
  ...more,
});

Deno.test("one counter numbers the writes of all resources", () => {
  const store = new Store();
  const versions = [store.put("a", object("x")), store.put("b", object("y")), store.put("a", object("x"))]
    .map(({ metadata }) => Number(metadata.resourceVersion));
  assert.deepEqual(versions, [versions[0], versions[0] + 1, versions[0] + 2]);
});

Deno.test("what is stored cannot be changed, and unchanged parts are shared between versions", () => {
  const store = new Store();
  const first = store.put("a", object("x", { data: { big: ["part"] } }));
  assert.throws(() => (first.data as { big: string[] }).big.push("more"), TypeError);
  const second = store.put("a", { ...first, extra: 1 });
  assert.equal(second.data, first.data);
});

Deno.test("parts that come anew but equal are those of the version before; what differs is not", () => {
  const store = new Store();
  const spec = { replicas: 1, template: { labels: { app: "x" }, args: ["a", { b: 1 }] } };
  const first = store.put("a", object("x", { spec: structuredClone(spec) }));
  const second = store.put("a", object("x", { spec: { ...structuredClone(spec), replicas: 2 } }));
  const [before, now] = [first.spec, second.spec] as (typeof spec)[];
  assert.deepEqual(now, { ...spec, replicas: 2 });
  assert.equal(now.template, before.template);
  const third = store.put("a", object("x", { spec: { replicas: 2, template: { labels: {}, args: ["a"] } } }));
  assert.deepEqual(third.spec, { replicas: 2, template: { labels: {}, args: ["a"] } });
});

Deno.test("a list at an earlier version is as it was then", () => {
  const store = new Store();
  store.put("a", object("kept", { value: 1 }));
  const gone = store.put("a", object("gone"));
  const version = store.version;
  store.put("a", object("kept", { value: 2 }));
  store.remove("a", gone);
  store.put("a", object("late"));
  const then = store.listAt(version, "a")!;
  assert.deepEqual(then.map(({ metadata, value }) => [metadata.name, value]), [["gone", undefined], [
    "kept",
    1,
  ]]);
  assert.deepEqual(store.list("a").map(({ metadata }) => metadata.name), ["kept", "late"]);
});

Deno.test("the history is bounded: what is forgotten is not answered, what is remembered is complete", () => {
  const store = new Store(10);
  const versions: number[] = [];
  for (let i = 0; i < 100; i++) {
    versions.push(Number(store.put("a", object("x", { i })).metadata.resourceVersion));
  }
  assert.equal(store.since("a", versions[0]), undefined);
  assert.equal(store.listAt(versions[0], "a"), undefined);
  const recent = store.since("a", versions[94])!;
  assert.deepEqual(recent.map(({ version }) => version), versions.slice(95));
  store.forget();
  assert.equal(store.since("a", versions[98]), undefined);
  assert.deepEqual(store.since("a", store.version), []);
});

Deno.test("listeners hear each change once, in order, and nothing after they have ended", () => {
  const store = new Store();
  const heard: string[] = [];
  const end = store.listen("a", ({ type, object }) => heard.push(`${type} ${object.metadata.name}`));
  const stored = store.put("a", object("x"));
  store.put("a", stored);
  store.put("b", object("y"));
  store.remove("a", stored);
  end();
  store.put("a", object("z"));
  assert.deepEqual(heard, ["ADDED x", "MODIFIED x", "DELETED x"]);
});
