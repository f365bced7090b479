import assert from "node:assert/strict";
import { Pace } from "./pace.ts";

const never = new AbortController().signal;

/** Milliseconds that so many turns take. */
async function turns(pace: Pace, count: number): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < count; i++) await pace.turn(never);
  return performance.now() - began;
}

Deno.test("turns are free until the hub refuses, then apart, then nearer to each other", async () => {
  const pace = new Pace();
  assert.ok(await turns(pace, 1000) < 500);
  pace.refused();
  assert.ok(await turns(pace, 2) >= 1890, "a second after the refusal, and a little less after the first");
  assert.ok(await turns(pace, 1) < 1000);
});
