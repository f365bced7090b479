/** What the downloader tells the API server: merge patches of its own status fields, and nothing else. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { aimArtifact } from "../../lib/api/mod.ts";
import { artifacts } from "../../lib/download/report/status_report.ts";
import { content, noise } from "./content.ts";
import { Hub } from "./hub.ts";
import { run } from "./program.ts";

interface Patch {
  readonly method: string;
  readonly path: string;
  readonly type: string | null;
  readonly body: { status: { progress?: Record<string, unknown>; download?: Record<string, unknown> } };
}

/**
 * Downloads with an API server that answers with `status`, and gives what it was sent.
 *
 * @param reports so often progress is told before the hub gives any data
 */
async function reported(status: number, env: Record<string, string> = {}, reports = 1) {
  const patches: Patch[] = [];
  const told = Promise.withResolvers<void>();
  let progresses = 0;
  await using api = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    patches.push({
      method: request.method,
      path: new URL(request.url).pathname,
      type: request.headers.get("content-type"),
      body: await request.json(),
    });
    if (patches.at(-1)!.body.status.progress !== undefined && ++progresses === reports) told.resolve();
    return Response.json({ metadata: { name: "a" } }, { status });
  });
  await using hub = new Hub({
    repositories: { "org/model": { files: { "a.bin": content(noise(1_000_000)) } } },
    fault: async (asked) => {
      if (asked.kind === "storage") await told.promise;
      return undefined;
    },
  });
  const folder = await Deno.makeTempDir();
  const kubeconfig = join(folder, "kubeconfig");
  await Deno.writeTextFile(
    kubeconfig,
    JSON.stringify({
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${api.addr.port}` } }],
      users: [{ name: "test", user: {} }],
    }),
  );
  const ended = await run({
    args: ["hf://org/model"],
    folder,
    env: {
      HF_ENDPOINT: hub.endpoint,
      KUBECONFIG: kubeconfig,
      ARTIFACT_NAME: "a",
      ARTIFACT_NAMESPACE: "ml-team",
      AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER",
      ...env,
    },
  });
  await Deno.remove(folder, { recursive: true });
  return { ended, patches };
}

Deno.test("progress is patched into the artifact's status, soon and own fields only, 100 % last", async () => {
  const { ended, patches } = await reported(200, {
    EXPECTED_SIZE_BYTES: "2000000",
    STALL_TIMEOUT: "10",
    PROGRESS_INTERVAL: "3600",
  });
  assert.equal(ended.code, 0, ended.stderr);
  for (const { method, path, type, body } of patches) {
    assert.equal(method, "PATCH");
    assert.equal(path, "/apis/aim.eai.amd.com/v1alpha1/namespaces/ml-team/aimartifacts/a/status");
    assert.equal(type, "application/merge-patch+json");
    assert.deepEqual(Object.keys(body), ["status"]);
    assert.ok(Object.keys(body.status).every((field) => field === "progress" || field === "download"));
  }
  const all = patches.map(({ body }) => body.status);
  assert.deepEqual(all[0].download, {
    protocol: "HF_TRANSFER",
    attempt: 1,
    totalAttempts: 1,
    protocolSequence: "HF_TRANSFER",
    message: "Downloading with HF_TRANSFER",
  });
  assert.deepEqual(all.flatMap(({ progress }) => progress ?? []).at(0), {
    percentage: 0,
    displayPercentage: "0 %",
    downloadedBytes: 0,
    totalBytes: 2_000_000,
  });
  assert.deepEqual(all.flatMap(({ progress }) => progress ?? []).at(-1), {
    percentage: 100,
    displayPercentage: "100 %",
    downloadedBytes: 2_000_000,
    totalBytes: 2_000_000,
  });
  assert.equal(all.flatMap(({ download }) => download?.message ?? []).at(-1), "Verifying integrity...");
});

Deno.test("progress is told again and again", async () => {
  const { ended } = await reported(200, { PROGRESS_INTERVAL: "1", STALL_TIMEOUT: "10" }, 4);
  assert.equal(ended.code, 0, ended.stderr);
});

Deno.test("a report that is refused is a warning, once, and the download goes on", async () => {
  const { ended } = await reported(403);
  assert.equal(ended.code, 0, ended.stderr);
  assert.equal(ended.stderr.match(/warning: progress cannot be reported/g)?.length, 1, ended.stderr);
});

Deno.test("the kind that is reported to is the API's", () => {
  const { group, version, kind, plural, scope } = aimArtifact;
  assert.deepEqual(artifacts, { group, version, kind, plural, namespaced: scope === "Namespaced" });
});
