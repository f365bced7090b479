import assert from "node:assert/strict";
import { DrivenClock, timestamp } from "./clock.ts";

Deno.test("a driven clock makes the calls that are due in the order of their moments", () => {
  const clock = new DrivenClock(0);
  const made: string[] = [];
  clock.after(30, () => made.push(`third at ${clock.now()}`));
  clock.after(10, () => {
    made.push(`first at ${clock.now()}`);
    clock.after(10, () => made.push(`second at ${clock.now()}`));
  });
  clock.after(5, () => made.push("never"))();
  clock.advance(25);
  assert.deepEqual(made, ["first at 10", "second at 20"]);
  assert.equal(clock.next(), 30);
  clock.advance(5);
  assert.deepEqual(made.at(-1), "third at 30");
  assert.equal(clock.next(), undefined);
});

Deno.test("times are written in whole seconds", () => {
  assert.equal(timestamp(Date.UTC(2024, 0, 2, 3, 4, 5, 678)), "2024-01-02T03:04:05Z");
});
