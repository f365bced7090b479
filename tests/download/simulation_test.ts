/** The debug switches that users' test suites rely on (caching-and-artifacts.md §6.2). */

import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "./program.ts";

async function simulated(env: Record<string, string>) {
  const folder = await Deno.makeTempDir();
  try {
    const ended = await run({ args: ["hf://org/model"], folder, env });
    const size = await Deno.stat(join(folder, "cache/simulated_data")).then(
      ({ size }) => size,
      () => undefined,
    );
    return { ...ended, size };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("AIM_DEBUG_CAUSE_HANG hangs until it is found to stand still", async () => {
  const { code, result, size } = await simulated({ AIM_DEBUG_CAUSE_HANG: "1", STALL_TIMEOUT: "2" });
  assert.equal(code, 1);
  assert.match(String(result!.message), /^stalled: nothing came for 2 s/);
  assert.equal(size, undefined);
});

Deno.test("AIM_DEBUG_CAUSE_FAILURE fails at once, and comes before the others", async () => {
  const { code, size } = await simulated({ AIM_DEBUG_CAUSE_FAILURE: "x", AIM_DEBUG_SIMULATE_DOWNLOAD: "1" });
  assert.deepEqual([code, size], [1, undefined]);
});

Deno.test("AIM_DEBUG_SIMULATE_DOWNLOAD writes half, waits, writes all, waits", async () => {
  const env = {
    AIM_DEBUG_SIMULATE_DOWNLOAD: "1",
    AIM_DEBUG_DOWNLOAD_DURATION: "2",
    AIM_DEBUG_VERIFY_DURATION: "1",
  };
  const good = await simulated({ ...env, EXPECTED_SIZE_BYTES: "3000" });
  assert.equal(good.code, 0);
  assert.equal(good.size, 3000);
  assert.match(good.stderr, /Progress: 50% \(1500\/3000 bytes\)/);
  const bad = await simulated({ ...env, AIM_DEBUG_VERIFY_FAIL: "1" });
  assert.equal(bad.code, 1);
  assert.equal(bad.size, 2 ** 20);
});

Deno.test("AIM_DEBUG_SIMULATE_HF_DOWNLOAD goes through the protocols", async () => {
  const env = {
    AIM_DEBUG_SIMULATE_HF_DOWNLOAD: "1",
    AIM_DEBUG_SIMULATE_HF_DURATION: "0.1",
    AIM_DOWNLOADER_PROTOCOL: "XET,FTP,HTTP",
  };
  const good = await simulated({ ...env, AIM_DEBUG_SIMULATE_HF_FAIL_PROTOCOLS: "XET" });
  assert.equal(good.code, 0);
  assert.equal(good.size, 100 * 2 ** 10);
  assert.match(
    good.stderr,
    /Failed with XET[^]*AIM_DOWNLOADER_PROTOCOL has FTP[^]*Downloading with HTTP \(attempt 3 of 3\)/,
  );
  const bad = await simulated({ ...env, AIM_DEBUG_SIMULATE_HF_FAIL_PROTOCOLS: "XET,HTTP" });
  assert.equal(bad.code, 1);
});
