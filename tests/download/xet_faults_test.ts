/** XET storages that break and lie: the end state is checked byte by byte, and which protocol has brought it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { chance, type Content, content, noise } from "./content.ts";
import { Hub } from "./hub.ts";
import { run } from "./program.ts";
import { filesBelow, filesOf } from "./volume_files.ts";
import { XetStorage } from "./xet_storage.ts";
import { uploadToXet } from "./xet_upload.ts";

/** Bytes that compress, as weights do. */
function weights(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = noise(size, seed);
  for (let i = 1; i < bytes.length; i += 2) bytes[i] = 0x3c | bytes[i] & 1;
  return bytes;
}

const files: Readonly<Record<string, Content>> = {
  "config.json": content("{}"),
  "model-1.safetensors": content(weights(21_000_001, 3)),
  "model-2.safetensors": content(noise(12_000_000, 4)),
};
const inXet = Object.keys(files).filter((path) => path !== "config.json");

type Fault = NonNullable<XetStorage["fault"]>;

const isData = ({ url }: Request) => new URL(url).pathname.startsWith("/data/");
const isPlan = ({ url }: Request) => new URL(url).pathname.includes("/reconstructions/");

/** Does something for the first so many requests of a kind. */
function first(times: number, kind: (request: Request) => boolean, fault: Fault): Fault {
  let left = times;
  return (request, answer) => kind(request) && left-- > 0 ? fault(request, answer) : undefined;
}

/** The right answer with other bytes. */
async function spoilt(
  right: Response,
  spoil: (bytes: Uint8Array<ArrayBuffer>) => BodyInit,
): Promise<Response> {
  const { status, headers } = right;
  return new Response(spoil(await right.bytes()), { status, headers });
}

/** A body that breaks off behind so many bytes of these; the whole length was promised. */
async function cut(right: Response, share: number): Promise<Response> {
  const bytes = await right.bytes();
  const pieces = [bytes.subarray(0, Math.floor(share * (bytes.length + 1)))].filter(({ length }) =>
    length > 0
  );
  const { status, headers } = right;
  headers.set("content-length", String(bytes.length));
  const body = new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.error("(a connection is cut by the test)");
      else controller.enqueue(piece);
    },
  });
  return new Response(body, { status, headers });
}

/** What XET survives by itself. */
const survived: Readonly<Record<string, () => Fault>> = {
  "answers are cut at random bytes": () => {
    let number = 0;
    return first(6, isData, async (_, answer) => await cut(await answer(), chance(++number)));
  },
  "500 three times, then well": () => first(3, isData, () => new Response("oops", { status: 500 })),
  "the plan of a file cannot be had at first": () =>
    first(2, isPlan, () => new Response("oops", { status: 503 })),
};

/** What XET may give up at; then the next protocol brings the files. */
const left: Readonly<Record<string, () => Fault>> = {
  "one byte of each block is wrong": () => async (request, answer) =>
    isData(request)
      ? await spoilt(await answer(), (bytes) => {
        bytes = bytes.slice();
        bytes[Math.floor(bytes.length / 2)] ^= 1;
        return bytes;
      })
      : undefined,
  "blocks are shorter than they should be": () => async (request, answer) =>
    isData(request) ? await spoilt(await answer(), (bytes) => bytes.slice(0, -100)) : undefined,
  "blocks are noise": () => async (request, answer) =>
    isData(request) ? await spoilt(await answer(), ({ length }) => noise(length, 7)) : undefined,
  "signed addresses are refused": () => (request) =>
    isData(request) ? new Response("expired", { status: 403 }) : undefined,
  "a plan that is no JSON": () => (request) => isPlan(request) ? new Response("<html>") : undefined,
  "a plan without its beginning": () => async (request, answer) => {
    if (!isPlan(request)) return undefined;
    const plan = await (await answer()).json();
    return Response.json({ ...plan, terms: plan.terms.slice(1) });
  },
  "nothing comes any more": () => (request) =>
    isData(request)
      ? new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), { status: 206 })
      : undefined,
};

Deno.test("XET", async (t) => {
  const folder = await Deno.makeTempDir();
  const storage = new XetStorage();
  try {
    const hashes = await uploadToXet(storage, inXet.map((path) => files[path]), folder);
    const xet = Object.fromEntries(inXet.map((path, index) => [path, hashes[index]]));
    await using hub = new Hub({ repositories: { "org/model": { files, xet } }, xetStorage: storage.url });
    const download = async (fault: Fault) => {
      storage.fault = fault;
      const ended = await run({
        args: ["hf://org/model"],
        folder,
        env: { HF_ENDPOINT: hub.endpoint, AIM_DOWNLOADER_PROTOCOL: "XET,HF_TRANSFER", STALL_TIMEOUT: "6" },
      });
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(files));
      await Deno.remove(join(folder, "cache"), { recursive: true });
      return ended;
    };
    for (const [name, fault] of Object.entries(survived)) {
      await t.step(`survived: ${name}`, async () => {
        const { stderr } = await download(fault());
        assert.doesNotMatch(stderr, /Failed with XET/);
        assert.match(stderr, /trying again/);
      });
    }
    for (const [name, fault] of Object.entries(left)) {
      await t.step(`left for the next protocol: ${name}`, async () => {
        assert.match((await download(fault())).stderr, /Failed with XET: /);
      });
    }
  } finally {
    storage.fault = undefined;
    await storage[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
});
