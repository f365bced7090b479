/** The program against a hub: size, download, what it refuses and how it says so. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { content, noise } from "./content.ts";
import { Hub, type Repository } from "./hub.ts";
import { run } from "./program.ts";
import { filesBelow, filesOf } from "./volume_files.ts";

const token = "hf_a-token-of-a-test";

const model: Repository = {
  files: {
    "config.json": content('{"model_type":"qwen3"}'),
    "model-00001-of-00002.safetensors": content(noise(9_500_000, 1)),
    "model-00002-of-00002.safetensors": content(noise(4 * 2 ** 20, 2)),
    "original/params.bin": content(noise(150_001, 3)),
    "empty.txt": content(""),
    "with space/ünï códe+100%#?.txt": content("text"),
  },
  revisions: { "v1.0": { "config.json": content("{}") } },
};
const bytes = Object.values(model.files).reduce((sum, { size }) => sum + size, 0);

async function withHub(
  repositories: Record<string, Repository>,
  test: (hub: Hub, folder: string) => Promise<void>,
): Promise<void> {
  await using hub = new Hub({ repositories });
  const folder = await Deno.makeTempDir();
  try {
    await test(hub, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a size check prints the sum of the sizes and the commit, last, and leaves them as its result", async () => {
  await withHub({ "org/model": model }, async (hub, folder) => {
    const { code, stdout, result } = await run({
      args: ["check-size", "hf://org/model"],
      folder,
      env: { HF_ENDPOINT: hub.endpoint },
    });
    assert.equal(code, 0);
    const wanted = { url: "hf://org/model", sizeBytes: bytes, revision: hub.commitOf("org/model") };
    assert.deepEqual(JSON.parse(stdout.trimEnd().split("\n").at(-1)!), wanted);
    assert.deepEqual(result, wanted);
  });
});

for (const protocol of ["HF_TRANSFER", "HTTP"]) {
  Deno.test(`a repository is downloaded by ${protocol}, whole and with the records of the Hugging Face tools`, async () => {
    await withHub({ "org/model": { ...model, token } }, async (hub, folder) => {
      const { code, stderr } = await run({
        args: ["hf://org/model"],
        folder,
        env: { HF_ENDPOINT: hub.endpoint, HF_TOKEN: token, AIM_DOWNLOADER_PROTOCOL: protocol },
      });
      assert.equal(code, 0, stderr);
      assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(model.files));
      const record = join(folder, "cache/.cache/huggingface/download/original/params.bin.metadata");
      const [commit, etag, time] = (await Deno.readTextFile(record)).split("\n");
      assert.equal(commit, hub.commitOf("org/model"));
      assert.equal(etag, model.files["original/params.bin"].sha256);
      assert.ok(Math.abs(Number(time) - Date.now() / 1000) < 60);
      // The token is for the hub alone: not for the storage, not for the log.
      const storage = hub.asked.filter(({ kind }) => kind === "storage");
      assert.ok(storage.length >= 3);
      assert.ok(storage.every(({ authorization }) => authorization === null));
      assert.ok(!stderr.includes(token) && !stderr.includes("secret-signature"), stderr);
      // Each file is asked for at the hub once, however many ranges it has.
      const big = hub.asked.filter(({ kind, path }) => kind === "file" && path.startsWith("model-00001"));
      assert.equal(big.length <= (protocol === "HTTP" ? 1 : 3), true, `${big.length} requests`);
    });
  });
}

Deno.test("the commit of the size check is downloaded though the branch has moved on", async () => {
  const old = model.revisions!["v1.0"];
  for (const source of ["hf://org/model", "hf://org/model@main"]) {
    await withHub({ "org/model": model }, async (hub, folder) => {
      const pinned = hub.commitOf("org/model", "v1.0");
      const { code, stderr } = await run({
        args: [source],
        folder,
        env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_REVISION: pinned },
      });
      assert.equal(code, 0, stderr);
      assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(old), source);
    });
  }
});

Deno.test("a revision in the URI, and patterns, choose what is measured and downloaded", async () => {
  await withHub({ "org/model": model }, async (hub, folder) => {
    const env = { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_INCLUDE: "*.json, original/*" };
    const measured = await run({ args: ["check-size", "hf://org/model@main"], folder, env });
    const chosen = {
      "config.json": model.files["config.json"],
      "original/params.bin": model.files["original/params.bin"],
    };
    assert.equal(measured.result!.sizeBytes, Object.values(chosen).reduce((sum, { size }) => sum + size, 0));
    assert.equal((await run({ args: ["hf://org/model"], folder, env })).code, 0);
    assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(chosen));
    const all = { HF_ENDPOINT: hub.endpoint };
    const tagged = await run({ args: ["check-size", "hf://org/model@v1.0"], folder, env: all });
    const old = Object.values(model.revisions!["v1.0"]);
    assert.equal(tagged.result!.sizeBytes, old.reduce((sum, { size }) => sum + size, 0));
    assert.equal(tagged.result!.revision, hub.commitOf("org/model", "v1.0"));
  });
});

Deno.test("a repository that was renamed is found by its former name, and the log says the new one", async () => {
  await withHub(
    { "org/old": { files: {}, movedTo: "org/model" }, "org/model": model },
    async (hub, folder) => {
      for (const mode of ["check-size", "download"]) {
        const { code, stderr, result } = await run({
          args: [mode, "hf://org/old@main"],
          folder,
          env: { HF_ENDPOINT: hub.endpoint },
        });
        assert.equal(code, 0, stderr);
        assert.match(
          stderr,
          /Repository org\/old was renamed to org\/model, .*write hf:\/\/org\/model in the source/,
        );
        if (mode === "check-size") assert.equal(result!.url, "hf://org/old@main");
      }
      assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(model.files));
    },
  );
});

/** What goes wrong, its class, and words of the message. */
const refusals:
  readonly (readonly [name: string, env: Record<string, string>, failureClass: string, words: RegExp])[] = [
    ["org/nothing", {}, "notFound", /^Repository Not Found: org\/nothing; .*HF_TOKEN/],
    ["org/nothing", { HF_TOKEN: token }, "notFound", /^Repository Not Found: org\/nothing/],
    ["org/model@v9", {}, "notFound", /org\/model has no revision v9/],
    ["org/gated", {}, "auth", /^Cannot access gated repo: org\/gated; set HF_TOKEN/],
    ["org/gated", { HF_TOKEN: token }, "auth", /^Cannot access gated repo: org\/gated; .*accept the terms/],
    ["org/private", {}, "notFound", /^Repository Not Found: org\/private; .*if it is private, set HF_TOKEN/],
    ["org/was-private", {}, "notFound", /^Repository Not Found: org\/was-private; /],
    ["org/private", { HF_TOKEN: "hf_wrong-token" }, "auth", /org\/private .*check HF_TOKEN/],
    ["org/empty", {}, "notFound", /org\/empty has no files/],
    ["org/hollow", {}, "notFound", /org\/hollow has only empty files/],
    [
      "org/model",
      { AIM_DOWNLOADER_INCLUDE: "*.gguf" },
      "notFound",
      /6 files, and none .*AIM_DOWNLOADER_INCLUDE/,
    ],
    ["", {}, "other", /"hf:\/\/" names no repository/],
  ];

Deno.test("what cannot be had is refused with its class and a remedy, by both modes, without another protocol", async () => {
  const repositories: Record<string, Repository> = {
    "org/model": model,
    "org/gated": { files: model.files, gated: true },
    "org/private": { files: model.files, token },
    "org/was-private": { files: {}, movedTo: "org/private" },
    "org/empty": { files: {} },
    "org/hollow": { files: { "a.txt": content("") } },
  };
  await withHub(repositories, async (hub, folder) => {
    for (const [name, env, failureClass, words] of refusals) {
      for (const mode of ["check-size", "download"]) {
        const ended = await run({
          args: [mode, `hf://${name}`],
          folder,
          env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER,HTTP", ...env },
        });
        const { class: found, message } = ended.result as { class: string; message: string };
        assert.equal(ended.code, 1);
        assert.equal(found, failureClass, message);
        assert.match(message, words);
        assert.equal(ended.stderr.trimEnd().split("\n").at(-1), message);
        assert.ok(!ended.stderr.includes(token));
      }
    }
    assert.equal(hub.asked.filter(({ kind }) => kind === "file").length, 0);
  });
});
