import assert from "node:assert/strict";
import { Buffers, rangeBytes } from "./buffers.ts";
import type { Checksum } from "../files/checksum.ts";
import { Verifications } from "./verification.ts";

/** What `head -c N /dev/zero | sha256sum` says. */
const zeros = {
  [rangeBytes + 7]: "c10df37c7991c6256b56749bab8dcb0e7fe3849fc415312ec5ce389e2753addc",
  [2 * rangeBytes]: "080acf35a507ac9849cfcba47dc2ad83e01b75663a516279c8b9d243b719643e",
};

Deno.test("files are verified side by side, and the memory comes back", async () => {
  for (const threads of [1, 3]) {
    using verifications = new Verifications(threads);
    const buffers = new Buffers(2 * rangeBytes); // so later pieces wait until earlier ones have been read
    const verify = async (size: number, checksum: Checksum, wrongAt?: number) => {
      const verification = verifications.begin(checksum, size);
      for (let at = 0; at < size; at += rangeBytes) {
        const loan = await buffers.take(Math.min(rangeBytes, size - at));
        loan.bytes.fill(0);
        if (wrongAt !== undefined && wrongAt >= at && wrongAt < at + loan.bytes.length) {
          loan.bytes[wrongAt - at] = 1;
        }
        verification.update(loan, loan.bytes.length);
      }
      return await verification.fault();
    };
    const all = Object.entries(zeros).map(([size, value]) =>
      [Number(size), { kind: "sha256", value }] as const
    );
    const found = await Promise.all([
      ...all.map(([size, checksum]) => verify(size, checksum)),
      ...all.map(([size, checksum]) => verify(size, checksum, size - 1)),
      verify(1000, { kind: "none" }),
    ]);
    assert.deepEqual(found.map((fault) => fault?.replace(/ is .*/, "")), [
      undefined,
      undefined,
      "sha256",
      "sha256",
      undefined,
    ]);
    const loans = await Promise.all([buffers.take(rangeBytes), buffers.take(rangeBytes)]); // all is there again
    for (const loan of loans) loan.giveBack();
  }
});

Deno.test("a file that nobody asks about any more leaves nothing behind", async () => {
  using verifications = new Verifications(1);
  const buffers = new Buffers(rangeBytes);
  const checksum: Checksum = { kind: "sha256", value: "" };
  const loan = await buffers.take(rangeBytes);
  const left = verifications.begin(checksum, rangeBytes);
  left.update(loan, rangeBytes);
  const asked = left.fault();
  (await buffers.take(rangeBytes)).giveBack();
  assert.match((await asked)!, /^sha256 is [0-9a-f]{64}, the source says $/);
});
