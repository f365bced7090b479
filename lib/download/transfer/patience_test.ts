import assert from "node:assert/strict";
import { DownloadFailure } from "../failure.ts";
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
