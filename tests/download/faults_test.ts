/** Bad servers, kills and full disks: whatever happens, the end state is checked byte by byte. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "../control_plane/until.ts";
import { type Break, BreakingFront } from "./breaking_front.ts";
import { chance, type Content, content, noise } from "./content.ts";
import { type Asked, type Fault, Hub } from "./hub.ts";
import { Downloader, type Ended, run } from "./program.ts";
import { filesBelow, filesOf } from "./volume_files.ts";

const mebi = 2 ** 20;
const files: Readonly<Record<string, Content>> = {
  "config.json": content('{"model_type":"qwen3"}'),
  "model.safetensors": content(noise(21 * mebi + 17, 5)),
  "tokenizer/vocab.bin": content(noise(3 * mebi, 6)),
};

interface Trial {
  /** @param cache the volume */
  readonly fault: (asked: Asked, cache: string) => Fault | undefined | Promise<Fault | undefined>;
  readonly files?: Readonly<Record<string, Content>>;
  readonly env?: Record<string, string>;
  readonly signedFor?: number;
  readonly token?: string;
}

/** Bytes that the volume has of a file that is not whole yet. */
async function partOn(cache: string): Promise<number> {
  const folder = join(cache, ".cache/huggingface/download");
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(`.${files["model.safetensors"].sha256}.incomplete`)) {
      return (await Deno.stat(join(folder, name))).size;
    }
  }
  return 0;
}

/** Runs one download against a hub with a fault. */
async function withFault(
  { fault, files: served = files, env = {}, signedFor, token }: Trial,
  look: (
    ended: Ended,
    found: { readonly hub: Hub; readonly cache: string; readonly again: () => Promise<Ended> },
  ) => Promise<void> | void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const cache = join(folder, "cache");
  await using hub = new Hub({
    repositories: { "org/model": { files: served, token } },
    fault: (asked) => fault(asked, cache),
    signedFor,
  });
  const again = () =>
    run({
      args: ["hf://org/model"],
      folder,
      env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER", STALL_TIMEOUT: "20", ...env },
    });
  try {
    await look(await again(), { hub, cache, again });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertWhole(ended: Ended, cache: string): Promise<void> {
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await filesBelow(cache), filesOf(files));
}

const big = (asked: Asked) => asked.kind === "storage" && asked.path === "model.safetensors";

/** Faults that a download survives. */
const survived: Readonly<Record<string, Trial>> = {
  "each connection is cut in the middle of its range, the first time": {
    fault: (asked) => asked.kind === "storage" && asked.number <= 8 ? { cutAfter: mebi } : undefined,
  },
  "the connection of a whole file is cut again and again": {
    fault: (asked) => asked.kind === "storage" && asked.number <= 5 ? { cutAfter: 2 * mebi } : undefined,
    env: { AIM_DOWNLOADER_PROTOCOL: "HTTP" },
  },
  "one byte is wrong, once": {
    fault: (asked) =>
      big(asked) && asked.range?.from === 8 * mebi && asked.number < 4
        ? { wrongByteAt: 9 * mebi }
        : undefined,
  },
  "a range is answered with 200 and the whole file": { fault: (asked) => big(asked) ? "whole" : undefined },
  "only the first range is answered with 200": {
    fault: (asked) => big(asked) && asked.range?.from === 0 ? "whole" : undefined,
  },
  "only later ranges are answered with 200": {
    fault: (asked) => big(asked) && (asked.range?.from ?? 0) >= 8 * mebi ? "whole" : undefined,
  },
  "500 three times, then well": {
    fault: (asked) =>
      asked.number <= 3 && asked.kind !== "file" ? new Response("oops", { status: 500 }) : undefined,
  },
  "429 with Retry-After, at the hub and at the storage": {
    fault: (asked) =>
      asked.number === 1 && (asked.kind === "info" || big(asked))
        ? new Response("slow down", { status: 429, headers: { "retry-after": "1" } })
        : undefined,
  },
  "signed addresses expire half-way": {
    fault: () => undefined,
    signedFor: 2,
  },
};

for (const [name, trial] of Object.entries(survived)) {
  Deno.test(`survived: ${name}`, async () => {
    await withFault(trial, (ended, { cache }) => assertWhole(ended, cache));
  });
}

for (const protocol of ["HF_TRANSFER", "HTTP"]) {
  Deno.test(`survived: each answer is cut at a random byte, twice, by ${protocol}`, async () => {
    for (let seed = 1; seed <= Number(Deno.env.get("AIM_CUT_SEEDS") ?? 2); seed++) {
      const cuts = new Map<number, number>();
      await withFault({
        fault: ({ kind, path, range }) => {
          if (kind !== "storage") return undefined;
          const { from, to } = range ?? { from: 0, to: files[path].size };
          const before = cuts.get(to) ?? 0; // the end of a range stays when its beginning has come
          if (before === 2) return undefined;
          cuts.set(to, before + 1);
          // None, some, or all of the bytes: a connection may also break behind the last one.
          return { cutAfter: Math.floor(chance(seed, to, before) * (to - from + 1)) };
        },
        env: { AIM_DOWNLOADER_PROTOCOL: protocol },
      }, async (ended, { cache, hub }) => {
        await assertWhole(ended, cache).catch((error) => {
          throw new Error(`seed ${seed}`, { cause: error });
        });
        const fetched = hub.asked.filter(({ kind }) => kind === "storage").length;
        assert.ok(fetched > cuts.size, `${fetched} requests for ${cuts.size} ranges: nothing was cut`);
      });
    }
  });
}

/** The front does to its first connection what it promises. */
async function assertBreaks(front: BreakingFront, how: Break["how"]): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: front.port });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: storage\r\n\r\n"));
  const toEnd = async () => {
    while (await connection.read(new Uint8Array(4096)) !== null);
  };
  if (how === "reset") await assert.rejects(toEnd(), Deno.errors.ConnectionReset);
  else await toEnd();
  assert.equal(front.broken, 1);
}

for (const how of ["reset", "half closed"] as const) {
  Deno.test(`survived: one connection after the other is ${how} at a random byte`, async () => {
    await using hub = new Hub({ repositories: { "org/model": { files } } });
    const breaks = (number: number): Break | undefined =>
      number <= 8 ? { after: number === 1 ? 10 : Math.floor(chance(number) * 3 * mebi), how } : undefined;
    using front = await BreakingFront.before(hub.storage, breaks);
    await assertBreaks(front, how);
    hub.storage = front.url;
    const folder = await Deno.makeTempDir();
    try {
      const ended = await run({
        args: ["hf://org/model"],
        folder,
        env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" },
      });
      await assertWhole(ended, join(folder, "cache"));
      assert.equal(front.broken, 8);
      assert.match(ended.stderr, /^the connection to \S+ broke off; trying again in/m);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("a Retry-After is honoured by all connections: nobody asks before it is over", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [`part-${i}.bin`, content(noise(110_000, i + 1))]),
  );
  let asked = 0;
  let refusedAt: number | undefined;
  let early = 0;
  await withFault({
    files: many,
    fault: ({ kind }) => {
      if (kind !== "storage") return undefined;
      if (refusedAt !== undefined && performance.now() < refusedAt + 1900) early++;
      if (++asked !== 3) return undefined;
      refusedAt = performance.now();
      return new Response("", { status: 429, headers: { "retry-after": "2" } });
    },
  }, async (ended, { cache }) => {
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await filesBelow(cache), filesOf(many));
    // What was on its way already still arrives: at most twelve requests go at a time.
    assert.ok(early < 12, `${early} requests came too early`);
    assert.match(ended.stderr, /trying again in \d+ s: the server asks for 2 s/);
  });
});

Deno.test("a server that stalls for ever: the attempt ends, the next protocol goes on from there, then it fails", async () => {
  await withFault({
    fault: (asked) => big(asked) ? { cutAfter: asked.number === 1 ? 3 * mebi : 0, mute: true } : undefined,
    env: { AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER, HTTP", STALL_TIMEOUT: "5" },
  }, (ended) => {
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /Failed with HF_TRANSFER: stalled: nothing came for 5 s \(STALL_TIMEOUT\)/);
    assert.match(ended.stderr, /Failed with HTTP: stalled/);
    assert.doesNotMatch(ended.stderr, /went mute/, "it does not wait for the connection to be found mute");
    assert.equal(ended.result!.class, "network");
  });
});

Deno.test("a server that lies about a length is named, with both lengths", async () => {
  const lie = new Response("short", { headers: { "content-length": "5" } });
  await withFault({ fault: (asked) => big(asked) ? lie.clone() : undefined }, (ended) => {
    assert.equal(ended.code, 1);
    assert.match(String(ended.result!.message), /"Content-Length: 5" for model\.safetensors.*22020113 bytes/);
  });
  const range = () =>
    new Response(noise(4 * mebi), {
      status: 206,
      headers: { "content-range": `bytes 0-${4 * mebi - 1}/${4 * mebi}` },
    });
  await withFault({ fault: (asked) => big(asked) ? range() : undefined }, (ended) => {
    assert.equal(ended.code, 1);
    assert.match(String(ended.result!.message), /"Content-Range: bytes 0-4194303\/4194304"/);
  });
});

Deno.test("bytes that are wrong each time are never put in place", async () => {
  await withFault(
    { fault: (asked) => big(asked) ? { wrongByteAt: 1000 } : undefined },
    async (ended, { cache }) => {
      assert.equal(ended.code, 1);
      assert.match(
        String(ended.result!.message),
        /^model\.safetensors does not have the bytes that the source lists, twice/,
      );
      assert.equal("model.safetensors" in await filesBelow(cache), false);
    },
  );
});

Deno.test("a token that expires half-way is an auth failure; with a new one the download goes on from there", async () => {
  const state = { expired: false, mended: false };
  await withFault({
    token: "hf_the-good-token",
    env: { HF_TOKEN: "hf_the-good-token" },
    fault: async (asked, cache) => {
      if (state.expired && !state.mended && asked.kind === "file") {
        return new Response("", { status: 401, headers: { "x-error-message": "Token expired" } });
      }
      if (state.mended || !big(asked) || asked.range === undefined || asked.range.from < 8 * mebi) {
        return undefined;
      }
      await until("the first ranges are on the volume", async () => await partOn(cache) >= 4 * mebi);
      state.expired = true;
      return new Response("", { status: 403 }); // the signed address, too
    },
  }, async (ended, { hub, cache, again }) => {
    assert.equal(ended.code, 1, ended.stderr);
    assert.equal(ended.result!.class, "auth");
    assert.match(
      String(ended.result!.message),
      /check HF_TOKEN: it may be wrong or expired; the hub says: Token expired/,
    );
    assert.ok(state.expired);
    // The token is mended: what came before is kept.
    state.mended = true;
    const before = hub.asked.length;
    await assertWhole(await again(), cache);
    const fetched = hub.asked.slice(before).filter(big).reduce(
      (sum, { range }) => sum + range!.to - range!.from,
      0,
    );
    assert.ok(fetched < files["model.safetensors"].size, `${fetched} bytes were fetched again`);
  });
});

Deno.test("a file that was changed on the volume is fetched anew, one that is right is not", async () => {
  await withFault({ fault: () => undefined }, async (ended, { hub, cache, again }) => {
    await assertWhole(ended, cache);
    await Deno.writeFile(join(cache, "tokenizer/vocab.bin"), noise(3 * mebi, 7));
    const before = hub.asked.length;
    await assertWhole(await again(), cache);
    const fetched = hub.asked.slice(before).filter(({ kind }) => kind !== "info").map(({ path }) => path);
    assert.deepEqual([...new Set(fetched)], ["tokenizer/vocab.bin"]);
  });
});

Deno.test("symbolic links on the volume lead no byte out of it", async () => {
  await using hub = new Hub({ repositories: { "org/model": { files } } });
  const folder = await Deno.makeTempDir();
  try {
    const cache = join(folder, "cache");
    await Deno.mkdir(cache);
    await Deno.mkdir(join(folder, "elsewhere"));
    await Deno.symlink(join(folder, "elsewhere"), join(cache, "tokenizer"));
    await Deno.symlink(join(folder, "elsewhere/x"), join(cache, "model.safetensors"));
    await Deno.symlink(join(folder, "elsewhere"), join(cache, ".cache"));
    await assertWhole(
      await run({ args: ["hf://org/model"], folder, env: { HF_ENDPOINT: hub.endpoint } }),
      cache,
    );
    assert.deepEqual([...Deno.readDirSync(join(folder, "elsewhere"))], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Listings that cannot be laid down as they are, and words of the refusal. */
const badNames: readonly (readonly [paths: readonly string[], words: RegExp])[] = [
  [["../outside"], /"\.\.\/outside", whose name leads out of the folder/],
  [["a/../../outside"], /leads out of the folder/],
  [["/etc/passwd"], /absolute path/],
  [["a\0b"], /"a\\u0000b", whose name has a NUL character/],
  [["a//b"], /empty part/],
  [["./a"], /empty part/],
  [["a", "a"], /"a", which is listed twice/],
  [["a", "a/b"], /"a", which is also the folder of "a\/b"/],
  [["a/b", "a"], /"a", which is also the folder of "a\/b"/],
  [["x".repeat(256)], /longer than the 255 bytes/],
  [[".cache/huggingface/download/x.metadata"], /where the downloader keeps its own records/],
  [["\ud800"], /no valid Unicode/],
];

Deno.test("a listing with paths that cannot stand on the volume is refused before the first byte", async () => {
  const blob = content("x");
  for (const [paths, words] of badNames) {
    const siblings = paths.map((rfilename) => ({ rfilename, size: 1, blobId: blob.gitBlob }));
    await using hub = new Hub({ repositories: { "org/model": { files: { a: blob }, siblings } } });
    const folder = await Deno.makeTempDir();
    const ended = await run({ args: ["hf://org/model"], folder, env: { HF_ENDPOINT: hub.endpoint } });
    assert.equal(ended.code, 1);
    assert.match(String(ended.result!.message), words);
    assert.deepEqual(await filesBelow(join(folder, "cache")), {});
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("killed at random moments and started again, it ends with the right bytes, and loads little twice", async () => {
  const runs = Number(Deno.env.get("AIM_KILL_RUNS") ?? 20);
  const state = { sent: 0 };
  await using hub = new Hub({
    repositories: { "org/model": { files } },
    // Slow enough to be killed in the middle.
    fault: async (asked) => {
      if (asked.kind === "storage") {
        state.sent++;
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      return undefined;
    },
  });
  const folder = await Deno.makeTempDir();
  const cache = join(folder, "cache");
  const env = { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "HF_TRANSFER" };
  let killed = 0;
  try {
    for (let i = 0; i < runs; i++) {
      const downloader = new Downloader({ args: ["hf://org/model"], folder, env });
      const timer = setTimeout(() => {
        try {
          downloader.child.kill("SIGKILL");
        } catch { /* ended before */ }
      }, 100 + Math.random() * 400);
      const { code } = await downloader.ended();
      clearTimeout(timer);
      if (code !== 0) killed++;
      // Half-way through: begin anew, or leave a part of any length behind.
      else await Deno.remove(join(cache, "model.safetensors"));
      for (const [path, sha256] of Object.entries(await filesBelow(cache))) {
        assert.equal(sha256, files[path].sha256, `${path} stands there, so it is whole`);
      }
    }
    assert.ok(killed > runs / 4, `${killed} of ${runs} were killed`);
    await assertWhole(await run({ args: ["hf://org/model"], folder, env }), cache);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a part of any length that an earlier run left is taken over, and only the rest is fetched", async () => {
  const name = "model.safetensors";
  for (const length of [0, 1, 8 * mebi - 1, 8 * mebi, 8 * mebi + 1, files[name].size - 1, files[name].size]) {
    await using hub = new Hub({ repositories: { "org/model": { files: { [name]: files[name] } } } });
    const folder = await Deno.makeTempDir();
    const records = join(folder, "cache/.cache/huggingface/download");
    await Deno.mkdir(records, { recursive: true });
    // The name that Hugging Face tools give it: urlsafe base64 of the SHA-1 of "model.safetensors.metadata".
    const part = join(records, `xGOKKLRSlIhH692hSVvI1-gpoa8=.${files[name].sha256}.incomplete`);
    await Deno.writeFile(part, files[name].read(0, length));
    const ended = await run({ args: ["hf://org/model"], folder, env: { HF_ENDPOINT: hub.endpoint } });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await filesBelow(join(folder, "cache")), { [name]: files[name].sha256 });
    const fetched = hub.asked.filter(({ kind }) => kind === "storage")
      .reduce((sum, { range }) => sum + (range ? range.to - range.from : files[name].size), 0);
    assert.equal(fetched, files[name].size - length, `after ${length} bytes`);
    await assert.rejects(Deno.stat(part));
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a part with wrong bytes, as a client with holes leaves it, costs one more download and no wrong file", async () => {
  const name = "model.safetensors";
  await using hub = new Hub({ repositories: { "org/model": { files: { [name]: files[name] } } } });
  const folder = await Deno.makeTempDir();
  const records = join(folder, "cache/.cache/huggingface/download");
  await Deno.mkdir(records, { recursive: true });
  await Deno.writeFile(
    join(records, `xGOKKLRSlIhH692hSVvI1-gpoa8=.${files[name].sha256}.incomplete`),
    new Uint8Array(10 * mebi),
  );
  const ended = await run({ args: ["hf://org/model"], folder, env: { HF_ENDPOINT: hub.endpoint } });
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await filesBelow(join(folder, "cache")), { [name]: files[name].sha256 });
  await Deno.remove(folder, { recursive: true });
});
