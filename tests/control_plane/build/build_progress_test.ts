import assert from "node:assert/strict";
import { BuildProgress, duration, secondsLeft } from "./build_progress.ts";

Deno.test("time left is the rest of this step and all later ones, at this machine's pace", () => {
  assert.equal(secondsLeft([60, 200, 30], 0, 10, 1), 50 + 200 + 30);
  assert.equal(secondsLeft([60, 200, 30], 1, 100, 2), 300 + 60);
});

Deno.test("a step that takes longer than usual counts as nearly done", () => {
  assert.equal(secondsLeft([60, 30], 0, 90, 1), 1 + 30);
});

Deno.test("durations read like a clock's", () => {
  assert.equal(duration(59.4), "59 s");
  assert.equal(duration(75), "1 min 15 s");
});

Deno.test("each step says what is built, which of how many, and that it is done", async () => {
  const lines: string[] = [];
  const progress = new BuildProgress([60, 200], (line) => lines.push(line));
  await progress.step(0, "etcd", () => Promise.resolve());
  await assert.rejects(() => progress.step(1, "kube-apiserver", () => Promise.reject(new Error("no space"))));
  assert.deepEqual(lines, [
    "[1/2] etcd: 0 s so far, about 4 min 20 s left",
    "[1/2] etcd done in 0 s",
    "[2/2] kube-apiserver: 0 s so far, about 1 s left",
  ]);
});
