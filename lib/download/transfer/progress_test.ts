import assert from "node:assert/strict";
import { durationText, Progress, speedText } from "./progress.ts";

Deno.test("percent are whole, rounded down, and at most 99 before the end", () => {
  for (
    const [total, stored, wanted] of [[0, 0, 0], [0, 5, 0], [200, 1, 0], [200, 3, 1], [200, 199, 99], [
      200,
      200,
      99,
    ]]
  ) {
    const progress = new Progress(total, () => 0);
    progress.store(stored);
    assert.equal(progress.percentage, wanted, `${stored} of ${total}`);
  }
});

Deno.test("standing still is counted from the last byte, and not while the server asked to wait", () => {
  let now = 0;
  const progress = new Progress(100, () => now);
  now = 5000;
  assert.equal(progress.stillSeconds, 5);
  progress.receive(1);
  assert.equal(progress.stillSeconds, 0);
  progress.pauseUntil(60_000);
  progress.receive(1); // was on its way
  now = 50_000;
  assert.equal(progress.stillSeconds, 0);
  now = 63_000;
  assert.equal(progress.stillSeconds, 3);
});

Deno.test("speed and time left are those of the last while", () => {
  let now = 0;
  const progress = new Progress(100_000_000, () => now);
  for (let second = 0; second <= 40; second++) {
    now = second * 1000;
    progress.sample();
    if (second === 0) assert.equal(progress.pace, "just begun");
    const bytes = second < 20 ? 1_000_000 : 2_000_000;
    progress.receive(bytes);
    progress.store(bytes);
  }
  assert.equal(progress.bytesPerSecond, 2_000_000);
  assert.equal(progress.pace, "2.0 MB/s, 19 s left");
});

Deno.test("speeds and durations are as people say them", () => {
  assert.deepEqual([0, 999, 1000, 12_345, 999_600, 512e6, 1.25e9].map(speedText), [
    "0 B/s",
    "999 B/s",
    "1.0 kB/s",
    "12 kB/s",
    "1.0 MB/s",
    "512 MB/s",
    "1.3 GB/s",
  ]);
  assert.deepEqual([0.2, 89, 90, 180, 5400, 7500].map(durationText), [
    "1 s",
    "89 s",
    "2 min",
    "3 min",
    "1 h 30 min",
    "2 h 5 min",
  ]);
});
