import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Body } from "../transfer/body.ts";
import { Memory } from "./memory.ts";
import { readReconstruction, type Section } from "./reconstruction.ts";
import { Sections } from "./sections.ts";

/** A block of chunks that are packed as they are: chunk i of block b has these bytes. */
const chunkOf = (block: number, index: number) =>
  new Uint8Array(1 + (block * 71_993 + index * 13_007) % 100_000).fill(block * 32 + index);

function packedBlock(block: number, from: number, to: number): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for (let i = from; i < to; i++) {
    const bytes = chunkOf(block, i);
    const three = [bytes.length & 255, bytes.length >> 8 & 255, bytes.length >> 16];
    pieces.push(new Uint8Array([0, ...three, 0, ...three]), bytes);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** Some blocks, below and above what is kept, each with sections that the storage gives at a time, and terms that lie in them in any order. */
const blocks = 7;
const chunks = 24;
const terms = fc.array(
  fc.record({
    block: fc.nat(blocks - 1),
    from: fc.nat(chunks - 1),
    length: fc.integer({ min: 1, max: chunks }),
  }),
  { minLength: 1, maxLength: 15 },
);

Deno.test("the chunks of all terms come in their order, from few open connections, all of which end", async () => {
  const stored = Array.from({ length: blocks }, (_, block) => packedBlock(block, 0, chunks));
  await fc.assert(
    fc.asyncProperty(terms, fc.nat(20), async (wanted, stopAfter) => {
      const reconstruction = readReconstruction(JSON.stringify({
        offset_into_first_range: 3,
        terms: wanted.map(({ block, from, length }) => ({
          hash: `block-${block}`,
          range: { start: from, end: Math.min(chunks, from + length) },
        })),
        xorbs: Object.fromEntries(stored.map((bytes, block) => [`block-${block}`, [{
          url: `http://storage/${block}`,
          ranges: [{ chunks: { start: 0, end: chunks }, bytes: { start: 0, end: bytes.length - 1 } }],
        }]])),
      }));
      assert.equal(reconstruction.skip, 3);
      let open = 0;
      let most = 0;
      const bodyOf = ({ url, bytes }: Section) => {
        const content = stored[Number(url.at(-1))].slice(bytes.start, bytes.end);
        most = Math.max(most, ++open);
        const body = new Body(
          { from: 0, ranged: true, host: "storage", body: new Blob([content]).stream() },
          new AbortController().signal,
        );
        const close = body.close.bind(body);
        let closed = false;
        body.close = () => {
          if (!closed) open--;
          closed = true;
          close();
        };
        return Promise.resolve(body);
      };
      const sections = new Sections(reconstruction.terms, bodyOf, new Memory());
      await sections.begin();
      const found: number[] = [];
      let batches = 0;
      let stopped = false;
      for await (const { packed, chunks } of sections.batches()) {
        for (const { at, bytes } of chunks) {
          const first = new Uint8Array(packed)[at];
          assert.deepEqual(new Uint8Array(packed, at, bytes), new Uint8Array(bytes).fill(first));
          found.push(first);
        }
        stopped = ++batches > stopAfter;
        if (stopped) break;
      }
      sections.close();
      await new Promise((resolve) => setTimeout(resolve));
      const all = wanted.flatMap(({ block, from, length }) =>
        Array.from({ length: Math.min(chunks, from + length) - from }, (_, i) => block * 32 + from + i)
      );
      assert.deepEqual(found, stopped ? all.slice(0, found.length) : all);
      assert.equal(open, 0);
      assert.ok(most <= 5, `${most} open at a time`);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a term whose chunks nobody offers is named", () => {
  const said = {
    offset_into_first_range: 0,
    terms: [{ hash: "ab", range: { start: 2, end: 5 } }],
    xorbs: {
      ab: [{ url: "http://s/1", ranges: [{ chunks: { start: 0, end: 4 }, bytes: { start: 0, end: 9 } }] }],
    },
  };
  assert.throws(
    () => readReconstruction(JSON.stringify(said)),
    /no address of the chunks 2 to 5 of block ab/,
  );
});
