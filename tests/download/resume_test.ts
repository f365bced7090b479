/** Volumes that another client has left half-written: what of them is taken over, by ours and by `huggingface_hub`. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../control_plane/until.ts";
import { content, noise } from "./content.ts";
import { Hub } from "./hub.ts";
import { Downloader, run } from "./program.ts";
import { pythonPrograms } from "./python.ts";
import { filesBelow, filesOf } from "./volume_files.ts";
import { XetStorage } from "./xet_storage.ts";
import { uploadToXet } from "./xet_upload.ts";

const mebi = 2 ** 20;
const name = "model.safetensors";
/** More than one block of XET storage, which are at most 64 MiB. */
const file = content(noise(80 * mebi + 7, 9));
const files = { "config.json": content("{}"), [name]: file };

/** Halves of files on a volume, by name, with their bytes. */
async function halvesOn(volume: string): Promise<Map<string, number>> {
  const halves = new Map<string, number>();
  const folder = join(volume, ".cache/huggingface/download");
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".incomplete")) halves.set(name, (await Deno.stat(join(folder, name))).size);
  }
  return halves;
}

/** Waits until a half has so many bytes, and ends who writes it. */
async function killHalfWay(child: Deno.ChildProcess, volume: string, bytes: number): Promise<void> {
  await until("half of the file is there", async () => {
    const sizes = await halvesOn(volume).then((halves) => [...halves.values()], () => []);
    return Math.max(0, ...sizes) >= bytes;
  });
  child.kill("SIGKILL");
  await child.status;
}

function snapshot(python: string, hub: Hub, folder: string, target: string, env: Record<string, string>) {
  const script =
    `from huggingface_hub import snapshot_download\nsnapshot_download("org/model", local_dir="${target}")`;
  return new Deno.Command(python, {
    args: ["-c", script],
    env: {
      HF_ENDPOINT: hub.endpoint,
      HOME: folder,
      HF_HOME: join(folder, "hf"),
      HF_HUB_DISABLE_TELEMETRY: "1",
      ...env,
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

for (const way of ["plain HTTP", "hf_xet"] as const) {
  Deno.test(`what huggingface_hub has left of a file by ${way} is taken over, and only the rest is fetched`, async () => {
    const python = join(await pythonPrograms(), "python");
    const folder = await Deno.makeTempDir();
    const cache = join(folder, "cache");
    await using storage = new XetStorage();
    const [hash] = way === "hf_xet" ? await uploadToXet(storage, [file], folder) : [];
    const state = { stands: true };
    const end = Promise.withResolvers<void>();
    await using hub = new Hub({
      repositories: { "org/model": { files, ...(hash === undefined ? {} : { xet: { [name]: hash } }) } },
      xetStorage: storage.url,
      fault: ({ kind }) =>
        state.stands && kind === "storage" ? { cutAfter: 30 * mebi, mute: true } : undefined,
    });
    // The block with which the file begins: the client asks for several at a time, in any order.
    const first = hash === undefined
      ? undefined
      : (await (await fetch(`${storage.url}/v2/reconstructions/${hash}`)).json()).terms[0].hash;
    storage.fault = async (request) => {
      const { pathname } = new URL(request.url);
      if (!state.stands || !pathname.startsWith("/data/") || pathname === `/data/${first}`) return undefined;
      await end.promise; // the other blocks do not come
      return new Response("late", { status: 500 });
    };
    try {
      const child = snapshot(python, hub, folder, cache, {
        HF_HUB_DISABLE_XET: way === "hf_xet" ? "0" : "1",
      });
      await killHalfWay(child, cache, 30 * mebi);
      state.stands = false;
      const left = Math.max(...(await halvesOn(cache)).values());
      hub.asked.length = 0;
      const env = { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" };
      const ended = await run({ args: ["hf://org/model"], folder, env });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(await filesBelow(cache), filesOf(files));
      const fetched = hub.asked.filter(({ kind }) => kind === "storage")
        .reduce((sum, { range }) => sum + range!.to - range!.from, 0);
      assert.equal(fetched, file.size - left, `${left} bytes were there`);
      assert.deepEqual(await halvesOn(cache), new Map());
    } finally {
      end.resolve();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("of what ours has left huggingface_hub takes the whole files; ours goes on with its own half", async () => {
  const python = join(await pythonPrograms(), "python");
  const folder = await Deno.makeTempDir();
  const cache = join(folder, "cache");
  const state = { stands: true };
  await using hub = new Hub({
    repositories: { "org/model": { files } },
    fault: ({ kind, range }) =>
      state.stands && kind === "storage" && (range?.from ?? 0) >= 32 * mebi
        ? { cutAfter: 0, mute: true }
        : undefined,
  });
  const env = { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" };
  try {
    const small = await run({
      args: ["hf://org/model"],
      folder,
      env: { ...env, AIM_DOWNLOADER_INCLUDE: "config.json" },
    });
    assert.equal(small.code, 0, small.stderr);
    const ours = new Downloader({ args: ["hf://org/model"], folder, env });
    await killHalfWay(ours.child, cache, 32 * mebi);
    await ours.ended();
    state.stands = false;
    hub.asked.length = 0;
    const theirs = await snapshot(python, hub, folder, cache, { HF_HUB_DISABLE_XET: "1" }).status;
    assert.equal(theirs.code, 0);
    assert.deepEqual(await filesBelow(cache), filesOf(files));
    const got = hub.asked.filter(({ method, kind }) =>
      method === "GET" && (kind === "file" || kind === "storage")
    );
    assert.deepEqual([...new Set(got.map(({ path }) => path))], [name], "config.json was there");
    assert.equal((await halvesOn(cache)).size, 1, "theirs leaves our half where it is");
    await Deno.remove(join(cache, name)); // so that ours has something to do
    assert.equal((await run({ args: ["hf://org/model"], folder, env })).code, 0);
    assert.deepEqual(await filesBelow(cache), filesOf(files));
    assert.deepEqual(await halvesOn(cache), new Map());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("halves of what the source has no more are thrown away; of several of one file the longest is taken", async () => {
  await using hub = new Hub({ repositories: { "org/model": { files } } });
  const folder = await Deno.makeTempDir();
  const cache = join(folder, "cache");
  const records = join(cache, ".cache/huggingface/download");
  // The name that Hugging Face tools give it: urlsafe base64 of the SHA-1 of "model.safetensors.metadata".
  const half = join(records, `xGOKKLRSlIhH692hSVvI1-gpoa8=.${file.sha256}`);
  try {
    await Deno.mkdir(join(records, "gone"), { recursive: true });
    await Deno.writeFile(`${half}.incomplete`, file.read(0, 10 * mebi));
    await Deno.writeFile(`${half}.0123abcd.incomplete`, file.read(0, 50 * mebi));
    await Deno.writeFile(`${half}.ffffffff.incomplete`, file.read(0, 20 * mebi));
    // A folder lists its files in any order: most likely, one of these comes after the longest.
    for (let i = 1; i <= 8; i++) {
      await Deno.writeFile(`${half}.${String(i).repeat(8)}.incomplete`, file.read(0, mebi));
    }
    await Deno.writeFile(join(records, `gone/x.${"1".repeat(64)}.incomplete`), new Uint8Array(mebi));
    await Deno.symlink(join(folder, "outside"), join(records, "elsewhere"));
    await Deno.mkdir(join(folder, "outside"));
    await Deno.writeTextFile(join(folder, "outside/kept.incomplete"), "not ours");
    const ended = await run({
      args: ["hf://org/model"],
      folder,
      env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" },
    });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await filesBelow(cache), filesOf(files));
    const fetched = hub.asked.filter(({ kind }) => kind === "storage")
      .reduce((sum, { range }) => sum + range!.to - range!.from, 0);
    assert.equal(fetched, file.size - 50 * mebi);
    assert.deepEqual(await halvesOn(cache), new Map());
    assert.deepEqual([...Deno.readDirSync(join(records, "gone"))], []);
    assert.equal(await Deno.readTextFile(join(folder, "outside/kept.incomplete")), "not ours");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
