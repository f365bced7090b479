import assert from "node:assert/strict";
import { WorkUnderWay } from "./work_under_way.ts";

/** Work that ends when its signal does. */
const endless = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });

Deno.test("work ends with who asked for it, with its client, and does not begin after that", async () => {
  const work = new WorkUnderWay();
  const never = new AbortController().signal;
  const asker = new AbortController();
  const asked = work.run(asker.signal, endless);
  const other = work.run(never, endless);
  asker.abort(new Error("enough"));
  await assert.rejects(asked, /enough/);
  await assert.rejects(work.run(asker.signal, endless), /enough/);
  assert.equal(await work.run(never, () => Promise.resolve(1)), 1);
  work.close(new Error("closed"));
  await assert.rejects(other, /closed/);
  await assert.rejects(work.run(never, endless), /closed/);
});

Deno.test("work that is done hears nothing more of its asker", async () => {
  const work = new WorkUnderWay();
  const asker = new AbortController();
  let stop: AbortSignal | undefined;
  await work.run(asker.signal, (signal) => Promise.resolve(stop = signal));
  asker.abort();
  assert.equal(stop!.aborted, false);
});
