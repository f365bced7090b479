import assert from "node:assert/strict";
import fc from "fast-check";
import { ManualClock } from "../core/clock_fixture.ts";
import { Deadlines } from "./deadlines.ts";

function setup() {
  const clock = new ManualClock();
  const due: string[] = [];
  const deadlines = new Deadlines<string>(clock, (key) => due.push(key));
  const start = clock.now();
  return { clock, due, deadlines, start };
}

Deno.test("keys wake in the order of their moments, and once", () => {
  const { clock, due, deadlines, start } = setup();
  deadlines.set("late", start + 30);
  deadlines.set("early", start + 10);
  deadlines.set("middle", start + 20);
  clock.advanceTo(start + 9);
  assert.deepEqual(due, []);
  clock.advanceTo(start + 20);
  assert.deepEqual(due, ["early", "middle"]);
  clock.advanceTo(start + 100);
  assert.deepEqual(due, ["early", "middle", "late"]);
  assert.equal(deadlines.size, 0);
});

Deno.test("of several moments of one key the earliest counts", () => {
  const { clock, due, deadlines, start } = setup();
  deadlines.set("a", start + 20);
  deadlines.set("a", start + 10);
  deadlines.set("a", start + 30);
  clock.advanceTo(start + 10);
  assert.deepEqual(due, ["a"]);
  clock.advanceTo(start + 100);
  assert.deepEqual(due, ["a"]);
});

Deno.test("a moment in the past wakes at once", () => {
  const { clock, due, deadlines, start } = setup();
  deadlines.set("a", start - 5);
  clock.advanceTo(start);
  assert.deepEqual(due, ["a"]);
});

Deno.test("after it is cleared a key sleeps until it has a new moment, even a later one", () => {
  const { clock, due, deadlines, start } = setup();
  deadlines.set("a", start + 10);
  deadlines.clear("a");
  deadlines.set("a", start + 20);
  clock.advanceTo(start + 15);
  assert.deepEqual(due, []);
  assert.equal(deadlines.next(), start + 20);
  clock.advanceTo(start + 20);
  assert.deepEqual(due, ["a"]);
});

Deno.test("a key may set its next moment while it wakes", () => {
  const clock = new ManualClock();
  const woken: number[] = [];
  const start = clock.now();
  const deadlines = new Deadlines<string>(clock, (key) => {
    woken.push(clock.now() - start);
    if (woken.length < 3) deadlines.set(key, clock.now() + 10);
  });
  deadlines.set("a", start + 10);
  clock.advanceTo(start + 100);
  assert.deepEqual(woken, [10, 20, 30]);
});

Deno.test("stopped means that nobody wakes and no timer is left or set again", () => {
  const { clock, due, deadlines, start } = setup();
  deadlines.set("a", start + 10);
  deadlines.stop();
  deadlines.set("b", start + 5);
  assert.equal(clock.timers, 0);
  clock.advanceTo(start + 100);
  assert.deepEqual(due, []);
});

const step = fc.record({
  key: fc.constantFrom("a", "b", "c"),
  at: fc.nat(50),
  how: fc.constantFrom("set", "clear", "wait"),
});

Deno.test("whatever is set and cleared, exactly the earliest moment of each key counts", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { clock, due, deadlines, start } = setup();
    const model = new Map<string, number>();
    const expected: string[] = [];
    for (const { key, at, how } of steps) {
      if (how === "clear") {
        deadlines.clear(key);
        model.delete(key);
      } else if (how === "set") {
        const moment = clock.now() + at;
        deadlines.set(key, moment);
        model.set(key, Math.min(moment, model.get(key) ?? Infinity));
      } else {
        const until = clock.now() + at;
        clock.advanceTo(until);
        const fallen = [...model].filter(([, moment]) => moment <= until);
        for (const [name, moment] of fallen.sort((a, b) => a[1] - b[1])) {
          expected.push(`${name} ${moment - start}`);
          model.delete(name);
        }
      }
      assert.equal(deadlines.size, model.size);
      assert.equal(deadlines.next(), model.size === 0 ? undefined : Math.min(...model.values()));
    }
    assert.deepEqual(due.sort(), expected.map((text) => text[0]).sort());
  }));
});

Deno.test("what counts no more takes no room: a key that waits for next month and runs often", () => {
  const { clock, deadlines, start } = setup();
  const month = 30 * 86_400_000;
  for (let i = 0; i < 10_000; i++) {
    deadlines.clear("a");
    deadlines.set("a", start + month + i);
  }
  assert.ok(deadlines.held < 100, `${deadlines.held} moments are held for one key`);
  clock.advanceTo(start + month + 9_999);
  assert.equal(deadlines.size, 0);
});

Deno.test("keys that are gone are not held by their moments, whether or not another comes after", () => {
  const { deadlines, start } = setup();
  for (let i = 0; i < 10_000; i++) deadlines.set(`gone ${i}`, start + 60_000 + i);
  deadlines.set("stays", start + 1_000);
  for (let i = 0; i < 10_000; i++) deadlines.clear(`gone ${i}`);
  assert.ok(deadlines.held < 100, `${deadlines.held} moments are held for one key`);
  assert.equal(deadlines.next(), start + 1_000);
});
