import assert from "node:assert/strict";
import { LargeBodies } from "./large_bodies.ts";

const never = new AbortController().signal;

/** Whether a promise is settled already. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true, () => done = true);
  for (let i = 0; i < 5; i++) await null;
  return done;
}

Deno.test("four large answers at once; the next ones come in turn", async () => {
  const bodies = new LargeBodies();
  const frees = await Promise.all([1, 2, 3, 4].map(() => bodies.take(never)));
  const fifth = bodies.take(never);
  const sixth = bodies.take(never);
  assert.equal(await isDone(fifth), false);
  frees[0]();
  assert.equal(await isDone(fifth), true);
  assert.equal(await isDone(sixth), false);
  for (const free of [...frees.slice(1), await fifth]) free();
  (await sixth)();
  await Promise.all([1, 2, 3, 4].map(() => bodies.take(never)));
});

Deno.test("who gives up while waiting takes nobody's turn", async () => {
  const bodies = new LargeBodies();
  const frees = await Promise.all([1, 2, 3, 4].map(() => bodies.take(never)));
  const abort = new AbortController();
  const impatient = bodies.take(abort.signal);
  const patient = bodies.take(never);
  abort.abort(new Error("enough"));
  await assert.rejects(impatient, /enough/);
  frees[0]();
  assert.equal(await isDone(patient), true);
  await assert.rejects(bodies.take(abort.signal), /enough/);
});
