/** The end of what is written of a file: taken over, added to, thrown away. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Progress } from "./progress.ts";
import { Buffers, type Loan } from "./buffers.ts";
import { Front } from "./front.ts";
import { Verifications } from "./verification.ts";

const text = "the right bytes";
const bytes = new TextEncoder().encode(text);
const file = {
  path: "f",
  size: bytes.length,
  etag: "",
  checksum: { kind: "sha256", value: createHash("sha256").update(bytes).digest("hex") },
} as const;
const never = new AbortController().signal;
const loanOf = (said: string): Loan => ({ bytes: new TextEncoder().encode(said), giveBack: () => {} });

/** A front on a file that an earlier run has left. */
async function withFront(
  left: string,
  test: (front: Front, progress: Progress, path: string) => Promise<void>,
  changed: (handle: Deno.FsFile) => Deno.FsFile = (handle) => handle,
): Promise<void> {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, left);
  const progress = new Progress(file.size);
  using verifications = new Verifications();
  using front = new Front(
    file,
    changed(await Deno.open(path, { read: true, write: true })),
    progress,
    verifications,
  );
  await front.takeOver(new Buffers(32 * 2 ** 20), never);
  await test(front, progress, path);
  await Deno.remove(path);
}

Deno.test("what an earlier run has left counts, and is verified with what follows", async () => {
  await withFront("the right", async (front, progress, path) => {
    assert.deepEqual([front.size, progress.stored], [9, 9]);
    await front.append(loanOf(" bytes"), 6);
    assert.deepEqual([front.size, progress.stored], [15, 15]);
    assert.equal(await front.fault(), undefined);
    assert.equal(await Deno.readTextFile(path), text);
  });
});

Deno.test("of a file that is longer than the source's nothing is taken over", async () => {
  await withFront(`${text} and more`, async (front, progress, path) => {
    assert.deepEqual([front.size, progress.stored], [0, 0]);
    assert.equal(await Deno.readTextFile(path), "");
    await front.append(loanOf(text), 15);
    assert.equal(await front.fault(), undefined);
  });
});

Deno.test("what is thrown away is no progress any more, and nothing of it is verified", async () => {
  await withFront("the wrong", async (front, progress, path) => {
    await front.append(loanOf(" bytes"), 6);
    assert.match((await front.fault())!, /^sha256 is /);
    await front.restart();
    assert.deepEqual([front.size, progress.stored], [0, 0]);
    await front.append(loanOf(text), 15);
    assert.equal(progress.stored, 15);
    assert.equal(await front.fault(), undefined);
    assert.equal(await Deno.readTextFile(path), text);
  });
});

Deno.test("a disk that takes a few bytes at a time gets all of them", async () => {
  const slowly = (handle: Deno.FsFile) =>
    new Proxy(handle, {
      get: (target, name) => {
        if (name === "write") return (piece: Uint8Array) => target.write(piece.subarray(0, 4));
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  await withFront("", async (front, _, path) => {
    await front.append(loanOf(text), 15);
    assert.equal(await Deno.readTextFile(path), text);
  }, slowly);
});
