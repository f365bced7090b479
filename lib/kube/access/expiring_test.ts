import assert from "node:assert/strict";
import { type Obtained, untilExpiry } from "./expiring.ts";

/** A source under a clock of its own; `answers` are given one by one, an Error is thrown. */
function sourceOf(...answers: (Obtained | Error)[]) {
  const clock = { now: 1_000_000, runs: 0 };
  const source = untilExpiry(async () => {
    const answer = answers[clock.runs++];
    await Promise.resolve();
    if (answer instanceof Error) throw answer;
    assert.ok(answer, "obtained once too often");
    return answer;
  }, () => clock.now);
  const token = async (fresh?: boolean) => (await source(fresh)).bearerToken;
  return { clock, source, token };
}

const lasting = (bearerToken: string, expiresAt?: number) => ({ credential: { bearerToken }, expiresAt });

Deno.test("one credential for all who ask, until 30 s before its end", async () => {
  const { clock, source, token } = sourceOf(lasting("a", 1_000_000 + 600_000), lasting("b"));
  const all = await Promise.all([source(), source(), source(true)]);
  assert.equal(new Set(all).size, 1);
  clock.now += 569_999;
  assert.equal(await token(), "a");
  clock.now += 1;
  assert.equal(await token(), "b");
  clock.now += 1e12;
  assert.equal(await token(), "b", "without an end it is kept");
  assert.equal(clock.runs, 2);
});

Deno.test("a short-lived credential is used for nine tenths of its life", async () => {
  const { clock, token } = sourceOf(lasting("a", 1_000_000 + 10_000), lasting("b"));
  await token();
  clock.now += 8_999;
  assert.equal(await token(), "a");
  clock.now += 1;
  assert.equal(await token(), "b");
});

Deno.test("a refused credential is replaced, but not every one within 5 s", async () => {
  const { clock, token } = sourceOf(lasting("a"), lasting("b"), lasting("c"));
  assert.deepEqual([await token(), await token(true)], ["a", "b"]);
  clock.now += 4_999;
  assert.equal(await token(true), "b", "many requests are refused at once");
  clock.now += 1;
  assert.equal(await token(true), "c");
});

Deno.test("the same content again is the same object", async () => {
  const { clock, source } = sourceOf(lasting("a", 1_100_000), lasting("a", 2_000_000), lasting("b"));
  const first = await source();
  clock.now = 1_099_000;
  assert.equal(await source(), first);
  clock.now = 1_900_000;
  assert.equal(await source(), first, "its end is the later one");
  assert.equal(clock.runs, 2);
});

Deno.test("a renewal that fails leaves what still holds; after its end the error comes", async () => {
  const answers = [
    lasting("a", 1_100_000),
    new Error("one"),
    new Error("two"),
    new Error("three"),
    lasting("b"),
  ];
  const { clock, token } = sourceOf(...answers);
  await token();
  clock.now = 1_095_000;
  assert.equal(await token(), "a");
  assert.equal(await token(), "a");
  assert.equal(clock.runs, 2, "not tried again at once");
  clock.now = 1_100_000;
  await assert.rejects(token(), /two/);
  clock.now += 4_999;
  await assert.rejects(token(), /two/);
  assert.equal(clock.runs, 3);
  clock.now += 1;
  await assert.rejects(token(), /three/);
  clock.now += 5_000;
  assert.equal(await token(), "b");
});

Deno.test("a refused credential that cannot be replaced is an error, not the old one again", async () => {
  const { token } = sourceOf(lasting("a"), new Error("log in"));
  await token();
  await assert.rejects(token(true), /log in/);
});
