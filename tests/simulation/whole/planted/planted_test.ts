import assert from "node:assert/strict";
import { faults } from "./faults.ts";
import { faulty } from "./plant.ts";

Deno.test("every planted fault still has its place, and a name of its own", async () => {
  for (const fault of faults) assert.notEqual(await faulty(fault), "");
  assert.equal(new Set(faults.map(({ name }) => name)).size, faults.length);
  assert.ok(faults.length >= 20);
});
