import assert from "node:assert/strict";
import type { KubeObject, Live } from "../../kube/object.ts";
import type { Sink } from "../../kube/cache/sink.ts";
import { Together } from "./together.ts";

const object = (name: string, version: number): Live<KubeObject> => ({
  metadata: { namespace: "ml", name, uid: name, resourceVersion: `${version}` },
});

const text = ({ metadata }: Live<KubeObject>) => `${metadata.name}@${metadata.resourceVersion}`;

/** Two informers, and what is handed on of them. */
function two() {
  const told: string[] = [];
  const inner = (who: string): Sink<KubeObject> => ({
    replaced: (items, version) => told.push(`${who}: ${items.map(text).join(" ")} at ${version}`),
    put: (each) => told.push(`${who}: put ${text(each)}`),
    removed: (each) => told.push(`${who}: removed ${text(each)}`),
    uninstalled: () => told.push(`${who}: uninstalled`),
  });
  const together = new Together();
  return { told, a: together.sink(inner("a")), b: together.sink(inner("b")) };
}

Deno.test("nothing is handed on before each has its list; then what there is, as of its last event", () => {
  const { told, a, b } = two();
  a.replaced([object("x", 1), object("y", 2)], "10");
  a.put(object("x", 11));
  a.put(object("z", 12));
  a.removed(object("y", 13));
  assert.deepEqual(told, []);
  b.replaced([], "9");
  assert.deepEqual(told, ["a: x@11 z@12 at 13", "b:  at 9"]);
});

Deno.test("afterwards each goes on by itself", () => {
  const { told, a, b } = two();
  a.uninstalled();
  b.replaced([], "9");
  told.length = 0;
  a.replaced([object("x", 1)], "10");
  a.put(object("x", 11));
  b.removed(object("y", 12));
  b.uninstalled();
  assert.deepEqual(told, ["a: x@1 at 10", "a: put x@11", "b: removed y@12", "b: uninstalled"]);
});

Deno.test("of two lists before the others' the last counts, and a kind may come and go meanwhile", () => {
  const { told, a, b } = two();
  a.replaced([object("x", 1)], "10");
  a.put(object("y", 11));
  a.replaced([object("z", 12)], "20");
  b.replaced([], "9");
  assert.deepEqual(told, ["a: z@12 at 20", "b:  at 9"]);

  const other = two();
  other.a.replaced([object("x", 1)], "10");
  other.a.uninstalled();
  other.a.put(object("y", 11)); // of no list
  other.b.uninstalled();
  assert.deepEqual(other.told, ["a: uninstalled", "b: uninstalled"]);
});

Deno.test("however long one keeps the others waiting, what is handed on is what there is", () => {
  const { told, a, b } = two();
  a.replaced([], "1");
  for (let version = 2; version < 100_000; version += 2) {
    a.put(object(`pod-${version}`, version));
    a.removed(object(`pod-${version}`, version + 1));
  }
  a.put(object("last", 100_000));
  b.replaced([], "1");
  assert.deepEqual(told, ["a: last@100000 at 100000", "b:  at 1"]);
});
