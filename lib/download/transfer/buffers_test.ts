import assert from "node:assert/strict";
import { Buffers, rangeBytes } from "./buffers.ts";

Deno.test("no more is lent than there is, in the order of asking, and full pieces are used again", async () => {
  const buffers = new Buffers(2 * rangeBytes);
  const first = await buffers.take(rangeBytes);
  const second = await buffers.take(rangeBytes);
  const order: string[] = [];
  const third = buffers.take(rangeBytes).then((loan) => (order.push("third"), loan));
  const small = buffers.take(10).then((loan) => (order.push("small"), loan));
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(order, []);
  first.giveBack();
  first.giveBack(); // a second time does nothing
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(order, ["third"], "the small wish came later, and waits");
  assert.equal((await third).bytes, first.bytes);
  second.giveBack();
  assert.equal((await small).bytes.length, 10);
});

Deno.test("a large wish is not overtaken by small ones that would have room", async () => {
  const buffers = new Buffers(10);
  const first = await buffers.take(8);
  const came: string[] = [];
  const large = buffers.take(8).then((loan) => (came.push("large"), loan));
  const small = buffers.take(1).then((loan) => (came.push("small"), loan));
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(came, []);
  first.giveBack();
  await Promise.all([large, small]);
  assert.deepEqual(came, ["large", "small"]);
});
