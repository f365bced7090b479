import assert from "node:assert/strict";
import { Queue, type Queued } from "./queue.ts";

interface Key extends Queued {
  readonly name: string;
}

function key(name: string, kindName = "k", namespace = "ns"): Key {
  return { name, kindName, namespace };
}

/** Takes everything, charging each pass the same time. */
function order(queue: Queue<Key>, milliseconds = 1): string[] {
  const names: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    names.push(next.name);
    queue.charge(next, milliseconds);
  }
  return names;
}

Deno.test("first come, first served, each once", () => {
  const queue = new Queue<Key>();
  const a = key("a");
  for (const each of [a, key("b"), a, key("c")]) queue.add(each, "interactive");
  assert.equal(queue.size, 3);
  assert.deepEqual(order(queue), ["a", "b", "c"]);
  assert.equal(queue.size, 0);
});

Deno.test("what is interactive does not wait for the bulk, and the bulk does not starve", () => {
  const queue = new Queue<Key>();
  for (let i = 0; i < 5_000; i++) queue.add(key(`bulk${i}`), "bulk");
  queue.add(key("own"), "interactive");
  const at = Array.from({ length: 5_001 }, () => queue.take()!.name).indexOf("own");
  assert.ok(at <= 1, `${at} bulk keys came before it`);

  for (let i = 0; i < 100; i++) queue.add(key(`own${i}`), "interactive");
  queue.add(key("bulk"), "bulk");
  assert.ok(order(queue).indexOf("bulk") <= 8);
});

Deno.test("a key waits in one lane; interactive wins", () => {
  const queue = new Queue<Key>();
  const a = key("a");
  queue.add(a, "bulk");
  queue.add(a, "interactive");
  queue.add(a, "bulk");
  assert.equal(queue.size, 1);
  assert.deepEqual(order(queue), ["a"]);
});

Deno.test("namespaces take turns, however many keys one of them has", () => {
  const queue = new Queue<Key>();
  for (let i = 0; i < 3; i++) queue.add(key(`big${i}`, "k", "big"), "bulk");
  queue.add(key("small", "k", "small"), "bulk");
  assert.deepEqual(order(queue), ["big0", "small", "big1", "big2"]);
});

Deno.test("a kind whose passes take long gets fewer of them", () => {
  const queue = new Queue<Key>();
  for (let i = 0; i < 4; i++) {
    queue.add(key(`slow${i}`, "slow"), "interactive");
    queue.add(key(`fast${i}`, "fast"), "interactive");
  }
  const names: string[] = [];
  for (let i = 0; i < 5; i++) {
    const next = queue.take()!;
    names.push(next.name);
    queue.charge(next, next.kindName === "slow" ? 9 : 3);
  }
  assert.deepEqual(names, ["slow0", "fast0", "fast1", "fast2", "slow1"]);
});

Deno.test("a kind that was idle has no credit for it", () => {
  const queue = new Queue<Key>();
  queue.add(key("idle0", "idle"), "interactive");
  order(queue, 1);
  for (let i = 0; i < 20; i++) queue.add(key(`busy${i}`, "busy"), "interactive");
  for (let i = 0; i < 10; i++) queue.charge(queue.take()!, 10);
  for (let i = 1; i < 4; i++) queue.add(key(`idle${i}`, "idle"), "interactive");
  const next = Array.from({ length: 4 }, () => {
    const taken = queue.take()!;
    queue.charge(taken, 10);
    return taken.kindName;
  });
  assert.deepEqual(next.filter((kind) => kind === "idle").length, 2);
});

Deno.test("while the bulk may not run, only interactive keys come", () => {
  const queue = new Queue<Key>();
  queue.add(key("bulk"), "bulk");
  assert.deepEqual([queue.holds(true), queue.holds(false), queue.take(false)], [true, false, undefined]);
  for (let i = 0; i < 20; i++) queue.add(key(`own${i}`), "interactive");
  for (let i = 0; i < 20; i++) assert.equal(queue.take(false)?.name, `own${i}`);
  assert.equal(queue.take(false), undefined);
  assert.equal(queue.take(true)?.name, "bulk");
});
