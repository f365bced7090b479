import assert from "node:assert/strict";
import fc from "fast-check";
import { noReads, type Reader, Reads } from "./reads.ts";

const reader = (): Reader => ({ reads: noReads });

function readersOf(reads: Reads<Reader>, name: string): Reader[] {
  return [...reads.readersOf(name) ?? []];
}

Deno.test("a pass replaces what the pass before it had read", () => {
  const reads = new Reads<Reader>();
  const [a, b] = [reader(), reader()];
  reads.replace(a, new Set(["x", "y"]));
  reads.replace(b, new Set(["y"]));
  reads.replace(a, new Set(["y", "z"]));
  assert.deepEqual(readersOf(reads, "x"), []);
  assert.deepEqual(readersOf(reads, "y"), [a, b]);
  assert.deepEqual(reads.namesOf(a), ["y", "z"]);
});

Deno.test("a pass that threw keeps the old reads beside the new ones", () => {
  const reads = new Reads<Reader>();
  const a = reader();
  reads.replace(a, new Set(["x", "y"]));
  reads.replace(a, new Set(["z"]), true);
  assert.deepEqual(reads.namesOf(a).sort(), ["x", "y", "z"]);
  assert.deepEqual(readersOf(reads, "x"), [a]);
});

Deno.test("passes that throw one after another keep the reads of the last one that did not", () => {
  const reads = new Reads<Reader>();
  const a = reader();
  reads.replace(a, new Set(["x"]));
  for (const name of ["y", "z", "u"]) reads.replace(a, new Set([name]), true);
  assert.deepEqual(reads.namesOf(a).sort(), ["u", "x"]);
  assert.equal(reads.size, 2);
});

Deno.test("the last reader's leaving is told once, and leaves nothing behind", () => {
  const told: string[] = [];
  const reads = new Reads<Reader>((name) => told.push(name));
  const [a, b] = [reader(), reader()];
  reads.replace(a, new Set(["x", "y"]));
  reads.replace(b, new Set(["x"]));
  reads.drop(a);
  assert.deepEqual(told, ["y"]);
  reads.drop(b);
  reads.drop(b);
  assert.deepEqual(told, ["y", "x"]);
  assert.equal(reads.size, 0);
});

Deno.test("a read that is kept is never told as unread", () => {
  const told: string[] = [];
  const reads = new Reads<Reader>((name) => told.push(name));
  const a = reader();
  reads.replace(a, new Set(["x"]));
  reads.replace(a, new Set(["x"]));
  assert.deepEqual(told, []);
});

const step = fc.record({
  who: fc.nat(3),
  names: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 4 }),
  how: fc.constantFrom("replace" as const, "keep" as const, "drop" as const),
});

Deno.test("both directions always say the same as two plain maps", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const reads = new Reads<Reader>();
    const readers = [reader(), reader(), reader(), reader()];
    const model = readers.map(() => new Set<string>());
    /** The reads of each one's last pass that did not throw. */
    const settled = readers.map(() => new Set<string>());
    for (const { who, names, how } of steps) {
      if (how === "drop") {
        reads.drop(readers[who]);
        settled[who] = model[who] = new Set();
        continue;
      }
      reads.replace(readers[who], new Set(names), how === "keep");
      if (how === "replace") settled[who] = new Set(names);
      model[who] = new Set([...settled[who], ...names]);
    }
    for (const name of ["a", "b", "c", "d", "e"]) {
      const expected = readers.filter((_, i) => model[i].has(name));
      assert.deepEqual(new Set(reads.readersOf(name)), new Set(expected));
    }
    for (let i = 0; i < readers.length; i++) {
      assert.deepEqual(reads.namesOf(readers[i]).sort(), [...model[i]].sort());
    }
    assert.equal(reads.size, new Set(model.flatMap((names) => [...names])).size);
  }));
});
