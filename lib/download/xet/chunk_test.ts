import assert from "node:assert/strict";
import fc from "fast-check";
import { headerAt, unpackChunk } from "./chunk.ts";

/** One step of an LZ4 block, as its specification has it. */
interface Sequence {
  readonly literals: readonly number[];
  readonly distance: number;
  readonly length: number;
}

/** The bytes that sequences stand for, one by one. */
function meant(sequences: readonly Sequence[], last: readonly number[]): number[] {
  const bytes: number[] = [];
  for (const { literals, distance, length } of sequences) {
    bytes.push(...literals);
    for (let i = 0; i < length; i++) bytes.push(bytes[bytes.length - distance]);
  }
  return [...bytes, ...last];
}

function frame(sequences: readonly Sequence[], last: readonly number[]): number[] {
  const more = (length: number) => {
    if (length < 15) return [];
    const rest = length - 15;
    return [...Array(Math.floor(rest / 255)).fill(255), rest % 255];
  };
  const block = [
    ...sequences.flatMap(({ literals, distance, length }) => [
      Math.min(15, literals.length) << 4 | Math.min(15, length - 4),
      ...more(literals.length),
      ...literals,
      distance & 255,
      distance >> 8,
      ...more(length - 4),
    ]),
    Math.min(15, last.length) << 4,
    ...more(last.length),
    ...last,
  ];
  const number = (value: number) => [0, 8, 16, 24].map((shift) => value >>> shift & 255);
  return [...number(0x184d2204), 0x60, 0x40, 0x82, ...number(block.length), ...block, ...number(0)];
}

/** Every fourth byte in one group. */
function grouped(bytes: readonly number[]): number[] {
  return [0, 1, 2, 3].flatMap((group) => bytes.filter((_, i) => i % 4 === group));
}

function packed(scheme: number, data: readonly number[], length: number): Uint8Array {
  const three = (value: number) => [value & 255, value >> 8 & 255, value >> 16];
  return new Uint8Array([0, ...three(data.length), scheme, ...three(length), ...data]);
}

function unpack(memory: Uint8Array): number[] {
  const chunk = headerAt(memory, 0);
  const into = new Uint8Array(chunk.bytes);
  unpackChunk(memory, chunk, into);
  return [...into];
}

const byte = fc.nat(255);
const literals = fc.oneof(
  fc.array(byte, { maxLength: 20 }),
  fc.array(byte, { minLength: 250, maxLength: 300 }),
);
const sequences = fc.array(
  fc.record({
    literals,
    back: fc.nat(),
    length: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constant(300)),
  }),
  { maxLength: 12 },
).map((all) => {
  let before = 1;
  return all.map(({ literals, back, length }, i): Sequence => {
    const own = i === 0 ? [7, ...literals] : literals; // a match needs something before it
    before = i === 0 ? own.length : before + own.length;
    const distance = 1 + back % before;
    before += length;
    return { literals: own, distance, length };
  });
});

Deno.test("chunks of each scheme unpack to what the specification of LZ4 says", () => {
  fc.assert(fc.property(sequences, literals, (sequences, last) => {
    const bytes = meant(sequences, last);
    assert.deepEqual(unpack(packed(0, bytes, bytes.length)), bytes);
    assert.deepEqual(unpack(packed(1, frame(sequences, last), bytes.length)), bytes);
    // The bytes of the frame, taken as four groups.
    const merged = unpack(packed(2, frame(sequences, last), bytes.length));
    assert.deepEqual(grouped(merged), bytes);
  }));
});

Deno.test("bytes that are broken are refused or unpack to something else, and never beyond the chunk", () => {
  fc.assert(fc.property(sequences, literals, fc.nat(), byte, (sequences, last, at, value) => {
    const bytes = meant(sequences, last);
    const data = frame(sequences, last);
    data[at % data.length] = value;
    const memory = packed(1, data, bytes.length);
    const room = new Uint8Array(bytes.length + 16).fill(9);
    try {
      unpackChunk(memory, headerAt(memory, 0), room.subarray(0, bytes.length));
    } catch (error) {
      assert.ok(error instanceof Error);
    }
    assert.ok(room.subarray(bytes.length).every((one) => one === 9));
  }));
});

Deno.test("a header of another version, scheme or size is refused", () => {
  for (const [at, value] of [[0, 1], [4, 3], [3, 255], [7, 255]]) {
    const memory = packed(0, [1, 2, 3], 3);
    memory[at] = value;
    assert.throws(() => headerAt(memory, 0), /^Error: a chunk of /);
  }
  assert.throws(() => unpack(packed(0, [1, 2, 3], 2)));
  assert.throws(() => unpack(packed(0, [1, 2, 3], 4)), /a chunk of 4 bytes that unpacks to 3/);
});
