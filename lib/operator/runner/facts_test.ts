import assert from "node:assert/strict";
import { ManualClock } from "../core/clock_fixture.ts";
import { Facts, type FactSource } from "./facts.ts";
import type { Fact } from "../core/view.ts";

const size: Fact<string, unknown> = { name: "size", keyOf: (arg) => arg };
const read = (arg: string) => `fsize|${arg}`;

/** Facts whose fetches are answered by hand. */
function setup(options: Partial<FactSource<string, unknown>> = {}, random = () => 0.5) {
  const clock = new ManualClock();
  const woken: string[] = [];
  const fetches: {
    arg: string;
    signal: AbortSignal;
    settle(value: unknown): void;
    fail(error: Error): void;
  }[] = [];
  const facts = new Facts(clock, (name) => woken.push(name), random);
  facts.provide({
    fact: size,
    timeout: 1_000,
    freshFor: 10_000,
    retry: { first: 100, longest: 350 },
    fetch: (arg, signal) =>
      new Promise((settle, fail) => {
        signal.addEventListener("abort", () => fail(signal.reason));
        fetches.push({ arg, signal, settle, fail });
      }),
    ...options,
  });
  return { clock, facts, woken, fetches, ask: (arg: string) => facts.ask(size, arg) };
}

/** Lets the promises of answered fetches come through. */
async function answered(): Promise<void> {
  for (let i = 0; i < 10; i++) await null;
}

Deno.test("who asks first is told to wait, and is woken once it is known; nobody fetches twice", async () => {
  const { woken, fetches, ask } = setup();
  assert.deepEqual(ask("a"), { state: "pending" });
  assert.deepEqual(ask("a"), { state: "pending" });
  assert.equal(fetches.length, 1);
  fetches[0].settle(7);
  await answered();
  assert.deepEqual(woken, [read("a")]);
  assert.deepEqual(ask("a"), { state: "known", value: 7 });
});

Deno.test("an old value is fetched anew; only a changed one wakes", async () => {
  const { clock, woken, fetches, ask } = setup();
  ask("a");
  fetches[0].settle({ bytes: 7 });
  await answered();
  clock.advanceTo(clock.now() + 9_999);
  assert.equal(fetches.length, 1);
  clock.advanceTo(clock.now() + 1);
  assert.equal(fetches.length, 2);
  assert.deepEqual(ask("a"), { state: "known", value: { bytes: 7 } });
  fetches[1].settle({ bytes: 7 });
  await answered();
  assert.equal(woken.length, 1);
  clock.advanceTo(clock.now() + 10_000);
  fetches[2].settle({ bytes: 8 });
  await answered();
  assert.equal(woken.length, 2);
});

for (const [chance, wait] of [[0, 80], [0.5, 100], [1, 120]]) {
  Deno.test(`a failed fetch is tried again after 100 ms, give or take a fifth: ${wait}`, async () => {
    const { clock, fetches, ask } = setup({}, () => chance);
    ask("a");
    fetches[0].fail(new Error("away"));
    await answered();
    clock.advanceTo(clock.now() + wait - 1);
    assert.equal(fetches.length, 1);
    clock.advanceTo(clock.now() + 1);
    assert.equal(fetches.length, 2);
    fetches[1].settle(7);
    await answered();
  });
}

Deno.test("a value that cannot change is never fetched again", async () => {
  const { clock, fetches, ask } = setup({ freshFor: Infinity });
  ask("a");
  fetches[0].settle(7);
  await answered();
  assert.equal(clock.timers, 0);
});

Deno.test("a failure is told, and tried again after a wait that doubles to its longest", async () => {
  const { clock, woken, fetches, ask } = setup();
  ask("a");
  for (const [i, wait] of [100, 200, 350, 350].entries()) {
    fetches[i].fail(new Error("away"));
    await answered();
    assert.equal(woken.length, 1, "the same failure again is no news");
    clock.advanceTo(clock.now() + wait - 1);
    assert.equal(fetches.length, i + 1);
    clock.advanceTo(clock.now() + 1);
    assert.equal(fetches.length, i + 2);
  }
  const known = ask("a");
  assert.equal(known.state === "failed" && known.error.message, "away");
  fetches[4].settle(7);
  await answered();
  assert.equal(woken.length, 2);
});

Deno.test("after a success the wait begins small again", async () => {
  const { clock, fetches, ask } = setup();
  ask("a");
  for (const i of [0, 1, 2]) {
    fetches[i].fail(new Error("away"));
    await answered();
    clock.advanceTo(clock.now() + 350);
  }
  fetches[3].settle(7);
  await answered();
  clock.advanceTo(clock.now() + 10_000);
  fetches[4].fail(new Error("away"));
  await answered();
  clock.advanceTo(clock.now() + 100);
  assert.equal(fetches.length, 6);
});

Deno.test("a fetch that takes too long is given up and counts as failed", async () => {
  const { clock, fetches, ask } = setup();
  ask("a");
  clock.advanceTo(clock.now() + 1_000);
  await answered();
  assert.ok(fetches[0].signal.aborted);
  const known = ask("a");
  assert.equal(known.state === "failed" && known.error.message, "no answer within 1000 ms");
});

Deno.test("what nobody reads any more is neither fetched nor kept nor told", async () => {
  const { clock, facts, woken, fetches, ask } = setup();
  ask("known");
  fetches[0].settle(7);
  ask("underway");
  await answered();
  woken.length = 0;
  facts.unread(read("known"));
  facts.unread(read("underway"));
  assert.ok(fetches[1].signal.aborted);
  await answered();
  assert.deepEqual([facts.size, clock.timers, facts.idle], [0, 0, true]);
  assert.deepEqual(woken, []);
  assert.deepEqual(ask("known"), { state: "pending" });
});

Deno.test("so many are fetched at once; the next ones take their turns", async () => {
  const { facts, fetches, ask } = setup();
  for (let i = 0; i < 10; i++) ask(`${i}`);
  assert.equal(fetches.length, 8);
  facts.unread(read("8"));
  fetches[0].settle(1);
  await answered();
  assert.deepEqual(fetches.map(({ arg }) => arg), ["0", "1", "2", "3", "4", "5", "6", "7", "9"]);
  assert.equal(facts.idle, false);
});

Deno.test("who does not answer holds up nobody who asks another", async () => {
  const { fetches, ask, facts } = setup({ lane: (arg) => arg.split("/")[0] });
  for (let i = 0; i < 10; i++) ask(`mute/${i}`);
  assert.equal(fetches.length, 8);
  ask("good/1");
  assert.equal(fetches.at(-1)!.arg, "good/1");
  fetches.at(-1)!.settle(1);
  await answered();
  assert.deepEqual(ask("good/1"), { state: "known", value: 1 });
  assert.equal(fetches.length, 9, "the turn of one lane is not another's");
  for (const { settle } of fetches.slice(0, 8)) settle(0);
  await answered();
  for (const { settle } of fetches.slice(9)) settle(0);
  await answered();
  assert.equal(facts.idle, true);
});

Deno.test("of all lanes of a pool so many run at once; one with fewer under way comes first", async () => {
  const { fetches, ask, facts } = setup({ lane: (arg) => arg.split("/")[0], pool: { width: 10 } });
  for (const lane of ["a", "b"]) for (let i = 0; i < 10; i++) ask(`${lane}/${i}`);
  const underWay = () => fetches.map(({ arg }) => arg.split("/")[0]).sort().join("");
  assert.equal(underWay(), "aaaaaaaabb");
  ask("c/0");
  assert.equal(fetches.length, 10);
  fetches[0].settle(0);
  await answered();
  assert.equal(fetches.at(-1)!.arg, "c/0");
  fetches[1].settle(0);
  await answered();
  assert.equal(fetches.at(-1)!.arg, "b/2");
  facts.stop();
  await answered();
  assert.equal(facts.idle, true);
});

Deno.test("a lane that still waits for room in its pool goes with the last who asked for it", () => {
  const { ask, facts } = setup({ lane: (arg) => arg, pool: { width: 1 } });
  ask("a");
  ask("b");
  assert.equal(facts.lanes, 2);
  facts.unread(read("b"));
  assert.equal(facts.lanes, 1);
});

Deno.test("sources of one pool share its width; others have their own", () => {
  const pool = { width: 3 };
  const { fetches, ask, facts } = setup({ pool });
  const started: string[] = [];
  for (const [name, of] of [["shares", pool], ["other", { width: 3 }], ["free", undefined]] as const) {
    facts.provide<string, unknown>({
      fact: { name, keyOf: (arg) => arg },
      timeout: 1_000,
      freshFor: 1_000,
      retry: { first: 1, longest: 1 },
      pool: of,
      fetch: () => (started.push(name), new Promise(() => {})),
    });
  }
  ask("a");
  ask("b");
  for (const name of ["shares", "other", "free"]) {
    for (let i = 0; i < 5; i++) facts.ask({ name, keyOf: (arg: string) => arg }, `${i}`);
  }
  assert.equal(fetches.length, 2);
  assert.deepEqual(started, ["shares", ...Array(3).fill("other"), ...Array(5).fill("free")]);
});

Deno.test("the failure says when to try again, and whether at all", async () => {
  const { clock, fetches, ask } = setup({
    retry: ({ message }) =>
      message === "never" ? { first: Infinity, longest: Infinity } : { first: 5_000, longest: 5_000 },
  });
  ask("a");
  fetches[0].fail(new Error("later"));
  await answered();
  clock.advanceTo(clock.now() + 4_999);
  assert.equal(fetches.length, 1);
  clock.advanceTo(clock.now() + 1);
  assert.equal(fetches.length, 2);
  fetches[1].fail(new Error("never"));
  await answered();
  assert.equal(clock.timers, 0);
});

Deno.test("asking for what nobody provides is a mistake of ours", () => {
  const { facts } = setup();
  assert.throws(() => facts.ask({ name: "other", keyOf: () => "" }, ""), /nobody provides the fact other/);
});

Deno.test("stopped means that no timer and no fetch is left", async () => {
  const { clock, facts, fetches, ask } = setup();
  ask("a");
  ask("b");
  fetches[0].settle(1);
  await answered();
  facts.stop();
  await answered();
  assert.ok(fetches[1].signal.aborted);
  assert.deepEqual([facts.size, clock.timers], [0, 0]);
});

Deno.test("what has failed by such an error is fetched anew at once; what is known, fails otherwise or is under way is not", async () => {
  const { clock, facts, fetches, ask } = setup({ retry: { first: 300_000, longest: 300_000 } });
  for (const arg of ["known", "forbidden", "broken", "under way"]) ask(arg);
  fetches[0].settle(7);
  fetches[1].fail(new Error("forbidden"));
  fetches[2].fail(new Error("broken"));
  await answered();
  const again = () => facts.tryAgain(({ message }) => message === "forbidden");
  again();
  again();
  assert.deepEqual(fetches.slice(4).map(({ arg }) => arg), ["forbidden"]);
  fetches[4].settle(8);
  await answered();
  assert.deepEqual(ask("forbidden"), { state: "known", value: 8 });
  clock.advanceTo(clock.now() + 10_000);
  assert.deepEqual(
    fetches.slice(5).map(({ arg }) => arg).sort(),
    ["forbidden", "known"],
    "when they are old",
  );
});
