/** The protocol loop of caching-and-artifacts.md §6.4: what is tried after what, and what is told of it. */

import assert from "node:assert/strict";
import { DownloadFailure, type FailureClass } from "./failure.ts";
import { tryProtocols } from "./protocol_loop.ts";

/** Runs the loop; each attempt ends as the table says, with success where it says nothing. */
async function run(sequence: readonly string[], ends: Readonly<Record<string, FailureClass>>) {
  const tried: string[] = [];
  const told: string[] = [];
  const lines: string[] = [];
  const attempt = (protocol: string) => {
    tried.push(protocol);
    const failed = ends[protocol];
    return failed === undefined
      ? Promise.resolve()
      : Promise.reject(new DownloadFailure(failed, `${protocol} ${failed}`));
  };
  const report = ({ download = {} }: { download?: { attempt?: number; message?: string } }) =>
    void told.push(`${download.attempt ?? "-"} ${download.message}`);
  const failure = await tryProtocols(sequence, { log: (line) => lines.push(line), report }, attempt)
    .then(() => undefined, (error: DownloadFailure) => error.message);
  return { tried, told, lines, failure };
}

const all = ["XET", "HF_TRANSFER", "HTTP"];

Deno.test("the next protocol is tried after trouble that it may not have, and after no other", async () => {
  const rows: [FailureClass, string[]][] = [
    ["network", ["XET", "HF_TRANSFER"]],
    ["other", ["XET", "HF_TRANSFER"]],
    ["auth", ["XET"]],
    ["notFound", ["XET"]],
    ["storageFull", ["XET"]],
  ];
  for (const [failed, wanted] of rows) {
    const { tried, failure } = await run(all, { XET: failed });
    assert.deepEqual(tried, wanted, failed);
    assert.equal(failure, wanted.length > 1 ? undefined : `XET ${failed}`, failed);
  }
});

Deno.test("each attempt is told with its number; when none is left the last failure is that of all", async () => {
  const lost = await run(["XET", "HTTP"], { XET: "network", HTTP: "other" });
  assert.equal(lost.failure, "HTTP other");
  assert.deepEqual(lost.told, [
    "1 Downloading with XET",
    "- Failed with XET",
    "2 Downloading with HTTP",
    "- Failed with HTTP",
    "- All 2 attempts exhausted",
  ]);
  const won = await run(["HTTP", "XET"], {});
  assert.deepEqual(won.told, ["1 Downloading with HTTP", "- Verifying integrity..."]);
});

Deno.test("a name that is no protocol counts as an attempt, is warned of and passed over", async () => {
  const { tried, told, lines, failure } = await run(["FTP", "HTTP"], {});
  assert.deepEqual(tried, ["HTTP"]);
  assert.deepEqual(told.slice(0, 2), ["1 Downloading with FTP", "2 Downloading with HTTP"]);
  assert.match(lines[0], /^warning: AIM_DOWNLOADER_PROTOCOL has FTP, /);
  assert.equal(failure, undefined);
  assert.match((await run(["FTP"], {})).failure!, /^AIM_DOWNLOADER_PROTOCOL names no protocol of /);
});
