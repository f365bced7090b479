import assert from "node:assert/strict";
import { Exposition } from "./exposition.ts";

/** A source that counts how often it is asked. */
function source(fails = false) {
  let asked = 0;
  return {
    contentType: "text/plain",
    text: () => fails ? Promise.reject(new Error("no")) : Promise.resolve(`asked ${++asked}`),
  };
}

Deno.test("who asks within a second gets the same bytes, later ones newer", async () => {
  let now = 5_000;
  const exposition = new Exposition(source(), () => now);
  const [first, second] = await Promise.all([exposition.bytes(), exposition.bytes()]);
  assert.equal(new TextDecoder().decode(first), "asked 1");
  assert.equal(second, first);
  now += 999;
  assert.equal(await exposition.bytes(), first);
  now += 1;
  assert.equal(new TextDecoder().decode(await exposition.bytes()), "asked 2");
});

Deno.test("what took long to make is kept for fifty times as long, five seconds at most", async () => {
  let now = 0;
  const asked = { contentType: "text/plain", text: () => Promise.resolve(`${now += 40}`) };
  const exposition = new Exposition(asked, () => now);
  const first = await exposition.bytes();
  now = 50 * 40 - 1;
  assert.equal(await exposition.bytes(), first);
  now = 50 * 40;
  assert.notEqual(await exposition.bytes(), first);

  asked.text = () => Promise.resolve(`${now += 1_000}`);
  now = 10_000;
  const slow = await exposition.bytes();
  now = 15_000 - 1;
  assert.equal(await exposition.bytes(), slow);
  now = 15_000;
  assert.notEqual(await exposition.bytes(), slow);
});

Deno.test("a failure is not kept", async () => {
  const failing = source(true);
  const exposition = new Exposition(failing, () => 0);
  await assert.rejects(exposition.bytes(), /no/);
  failing.text = () => Promise.resolve("well");
  assert.equal(new TextDecoder().decode(await exposition.bytes()), "well");
});
