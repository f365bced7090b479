import assert from "node:assert/strict";
import { DownloadFailure } from "../failure.ts";
import { Progress } from "./progress.ts";
import { Connections } from "./connections.ts";
import { Patience } from "./patience.ts";

const never = new AbortController().signal;

Deno.test("what may work a moment later is tried again, all else is thrown as it is", async () => {
  const lines: string[] = [];
  const patience = new Patience({ log: (line) => lines.push(line) });
  let tries = 0;
  const answer = await patience.try(never, () => {
    if (++tries < 2) throw new DownloadFailure("network", "broken", { retryable: true });
    return Promise.resolve("well");
  });
  assert.equal(answer, "well");
  assert.match(lines[0], /^broken; trying again in 0\.\d s$/);
  const final = new DownloadFailure("auth", "no");
  await assert.rejects(patience.try(never, () => Promise.reject(final)), final);
});

Deno.test("it ends with the attempt, and knows what went wrong last", async () => {
  const stop = new AbortController();
  const patience = new Patience({ log: () => stop.abort(new Error("over")) });
  const failure = new DownloadFailure("network", "broken", { retryable: true });
  await assert.rejects(patience.try(stop.signal, () => Promise.reject(failure)), /over/);
  assert.equal(patience.lastFailure, failure);
});

Deno.test("a Retry-After holds up everything, also what has not failed", async () => {
  const patience = new Patience({ log: () => {} });
  const began = performance.now();
  let tries = 0;
  const refused = patience.try(never, () => {
    if (++tries > 1) return Promise.resolve();
    throw new DownloadFailure("network", "429", { retryable: true, retryAfterSeconds: 1 });
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  await patience.try(never, () => Promise.resolve());
  assert.ok(performance.now() - began >= 990);
  await refused;
});

/** What a refusal leads to: until when nothing is asked, in seconds from now, and how often places were halved. */
async function after(failure: DownloadFailure): Promise<{ pause: number; halved: number }> {
  const seen = { pause: 0, halved: 0 };
  const stop = new AbortController();
  const connections = new Connections();
  connections.refused = () => void seen.halved++;
  const progress = new Progress(1);
  progress.pauseUntil = (at) => void (seen.pause = (at - performance.now()) / 1000);
  const patience = new Patience({ progress, connections, log: () => stop.abort(new Error("over")) });
  await assert.rejects(patience.try(stop.signal, () => Promise.reject(failure)), /over/);
  return seen;
}

Deno.test("a pause is no standing still; many who were refused come back within twenty seconds, and none after hours", async () => {
  const refused = (retryAfterSeconds: number, crowded: boolean) =>
    after(new DownloadFailure("network", "429", { retryable: true, retryAfterSeconds, crowded }));
  const pauses = await Promise.all(Array.from({ length: 30 }, () => refused(60, true)));
  for (const { pause, halved } of pauses) {
    assert.ok(pause > 59 && pause < 80, String(pause));
    assert.equal(halved, 1);
  }
  const spread = Math.max(...pauses.map(({ pause }) => pause)) -
    Math.min(...pauses.map(({ pause }) => pause));
  assert.ok(spread > 5, `all within ${spread} s`);
  const alone = await refused(60, false);
  assert.ok(alone.pause > 59 && alone.pause < 62, String(alone.pause));
  assert.equal(alone.halved, 0);
  const { pause } = await refused(100_000, true);
  assert.ok(pause > 899 && pause < 921, String(pause));
});
