/** XET on data that the official client has uploaded, and the official clients on our hub: the same bytes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Content, content, noise } from "./content.ts";
import { Hub } from "./hub.ts";
import { run } from "./program.ts";
import { output, pythonPrograms } from "./python.ts";
import { filesBelow, filesOf } from "./volume_files.ts";
import { XetStorage } from "./xet_storage.ts";
import { uploadToXet } from "./xet_upload.ts";

const downloadScript = `
import sys
from huggingface_hub import snapshot_download
snapshot_download(sys.argv[1], local_dir=sys.argv[2])
`;

/** Weights as they are: numbers of 16 bits with little in their upper half, so that they compress. */
function weights(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = noise(size, seed);
  for (let i = 1; i < bytes.length; i += 2) bytes[i] = 0x3c | bytes[i] & 1;
  return bytes;
}

const shared = weights(6_000_000, 1);
const files: Readonly<Record<string, Content>> = {
  "config.json": content("{}"),
  "noise.bin": content(noise(9_000_001, 2)),
  "model-00001-of-00002.safetensors": content(weights(21_000_000, 3)),
  // Has much in common with the file before it: blocks of one are parts of the other.
  "model-00002-of-00002.safetensors": content(
    new Uint8Array([...noise(70_000, 4), ...shared, ...noise(50_001, 5), ...shared]),
  ),
  "zeros.bin": content(new Uint8Array(5_000_000)),
};
const inXet = Object.keys(files).filter((path) => path !== "config.json");

interface Surroundings {
  readonly hub: Hub;
  readonly storage: XetStorage;
  readonly folder: string;
  readonly bin: string;
}

async function withXet(test: (surroundings: Surroundings) => Promise<void>): Promise<void> {
  const bin = await pythonPrograms();
  const folder = await Deno.makeTempDir();
  await using storage = new XetStorage();
  try {
    const hashes = await uploadToXet(storage, inXet.map((path) => files[path]), folder);
    const xet = Object.fromEntries(inXet.map((path, index) => [path, hashes[index]]));
    await using hub = new Hub({ repositories: { "org/model": { files, xet } }, xetStorage: storage.url });
    await test({ hub, storage, folder, bin });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function snapshot({ hub, folder, bin }: Surroundings, target: string, env: Record<string, string> = {}) {
  return output(join(bin, "python"), ["-c", downloadScript, "org/model", target], {
    HF_ENDPOINT: hub.endpoint,
    HOME: folder,
    HF_HOME: join(folder, "hf"),
    HF_HUB_DISABLE_TELEMETRY: "1",
    ...env,
  });
}

Deno.test("what hf_xet uploaded comes back by XET, whole, and nothing of it by plain HTTP", async () => {
  await withXet(async ({ hub, storage, folder }) => {
    const env = { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "XET,HF_TRANSFER" };
    const { code, stderr } = await run({ args: ["hf://org/model"], folder, env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(files));
    assert.deepEqual(hub.asked.filter(({ kind }) => kind === "file").map(({ path }) => path), [
      "config.json",
    ]);
    assert.equal(hub.asked.filter(({ kind }) => kind === "storage").length, 0, "fallbacks");
    assert.doesNotMatch(stderr, /Failed with/);
    assert.ok(
      storage.asked.length > 0 && storage.asked.every(({ status }) => status < 300),
      JSON.stringify(storage.asked),
    );
  });
});

Deno.test("XET goes on in the middle of a file", async () => {
  await withXet(async ({ hub, folder }) => {
    const name = "model-00001-of-00002.safetensors";
    const records = join(folder, "cache/.cache/huggingface/download");
    await Deno.mkdir(records, { recursive: true });
    // The hash of "model-00001-of-00002.safetensors.metadata", as Hugging Face tools write it.
    const part = join(records, `${await hashName(`${name}.metadata`)}.${files[name].sha256}.incomplete`);
    await Deno.writeFile(part, files[name].read(0, 10_000_003));
    const { code, stderr } = await run({
      args: ["hf://org/model"],
      folder,
      env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "XET" },
    });
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /again from its first byte/);
    assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(files));
  });
});

Deno.test("a XET storage that refuses is left for the next protocol", async () => {
  await withXet(async ({ hub, storage, folder }) => {
    storage.fault = () => new Response("no", { status: 403 });
    const { code, stderr } = await run({
      args: ["hf://org/model"],
      folder,
      env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "XET,HF_TRANSFER" },
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Failed with XET: XET of \S+ failed/);
    assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(files));
  });
});

for (const [way, env] of [["hf_xet", {}], ["plain HTTP", { HF_HUB_DISABLE_XET: "1" }]] as const) {
  Deno.test(`huggingface_hub by ${way} gets the same files from our hub, and each goes on with the other's volume`, async () => {
    await withXet(async (surroundings) => {
      const { hub, storage, folder } = surroundings;
      const theirs = join(folder, "theirs");
      await snapshot(surroundings, theirs, env);
      assert.deepEqual(await filesBelow(theirs), filesOf(files));
      assert.equal(storage.asked.length > 0, way === "hf_xet");
      // Ours on theirs, of which a file is missing: only that one comes.
      await Deno.rename(theirs, join(folder, "cache"));
      await Deno.remove(join(folder, "cache/noise.bin"));
      hub.asked.length = 0;
      const ended = await run({
        args: ["hf://org/model"],
        folder,
        env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(files));
      assert.deepEqual(
        new Set(hub.asked.filter(({ range }) => range).map(({ path }) => path)),
        new Set(["noise.bin"]),
      );
      // Theirs on ours, of which another is missing.
      await Deno.remove(join(folder, "cache/zeros.bin"));
      hub.asked.length = 0;
      storage.asked.length = 0;
      await snapshot(surroundings, join(folder, "cache"), env);
      assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(files));
      const gets = hub.asked.filter(({ kind, method }) => kind === "storage" && method === "GET").map((
        { path },
      ) => path);
      assert.deepEqual(gets, way === "hf_xet" ? [] : ["zeros.bin"]);
    });
  });
}

async function hashName(name: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(name)));
  return digest.toBase64({ alphabet: "base64url" });
}
