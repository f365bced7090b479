/** Chunks of XET storage: pieces of files, some 64 KiB each, packed one by one. */

import { unpackFrame } from "./lz4.ts";

export const headerBytes = 8;

/** No chunk has more; those of today end at 128 KiB. */
export const mostBytes = 2 ** 20;

/** Where a packed chunk is, and how it is packed. */
export interface PackedChunk {
  /** Of its first byte behind the header. */
  readonly at: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** 0: as it is; 1: LZ4; 2: LZ4 of its bytes in four groups, every fourth byte in one. */
  readonly scheme: number;
}

/**
 * Reads the header at an offset: version, packed length, scheme, length.
 * @throws Error if it is none.
 */
export function headerAt(memory: Uint8Array, at: number): PackedChunk {
  const three = (from: number) => memory[from] | memory[from + 1] << 8 | memory[from + 2] << 16;
  const chunk = {
    at: at + headerBytes,
    packedBytes: three(at + 1),
    scheme: memory[at + 4],
    bytes: three(at + 5),
  };
  if (memory[at] !== 0 || chunk.scheme > 2) {
    throw new Error(`a chunk of version ${memory[at]}, packed by scheme ${chunk.scheme}`);
  }
  if (chunk.packedBytes > mostBytes || chunk.bytes > mostBytes) {
    throw new Error(`a chunk of ${chunk.bytes} bytes, packed ${chunk.packedBytes}`);
  }
  return chunk;
}

const ungrouped = new Uint8Array(mostBytes);

/** Unpacks a chunk to `into`, which has its length. @throws Error if it unpacks to another length. */
export function unpackChunk(memory: Uint8Array, chunk: PackedChunk, into: Uint8Array): void {
  const packed = memory.subarray(chunk.at, chunk.at + chunk.packedBytes);
  let length = packed.length;
  if (chunk.scheme === 0) into.set(packed);
  else if (chunk.scheme === 1) length = unpackFrame(packed, into);
  else {
    const groups = ungrouped.subarray(0, chunk.bytes);
    length = unpackFrame(packed, groups);
    mergeGroups(groups, into);
  }
  if (length !== chunk.bytes) throw new Error(`a chunk of ${chunk.bytes} bytes that unpacks to ${length}`);
}

/** The first group has every fourth byte from the first, the second from the second, and so on. */
function mergeGroups(groups: Uint8Array, into: Uint8Array): void {
  const { length } = groups;
  const second = Math.ceil(length / 4);
  const third = second + Math.ceil((length - 1) / 4);
  const fourth = third + Math.ceil((length - 2) / 4);
  const from = new DataView(groups.buffer, groups.byteOffset, length);
  const to = new DataView(into.buffer, into.byteOffset, length);
  let i = 0;
  for (; 4 * i + 16 <= length; i += 4) { // four bytes of each group make sixteen
    const a = from.getInt32(i, true);
    const b = from.getInt32(second + i, true);
    const c = from.getInt32(third + i, true);
    const d = from.getInt32(fourth + i, true);
    const evenAB = a & 0x00ff00ff | (b & 0x00ff00ff) << 8;
    const evenCD = c & 0x00ff00ff | (d & 0x00ff00ff) << 8;
    const oddAB = a >>> 8 & 0x00ff00ff | b & 0xff00ff00;
    const oddCD = c >>> 8 & 0x00ff00ff | d & 0xff00ff00;
    to.setInt32(4 * i, evenAB & 0xffff | evenCD << 16, true);
    to.setInt32(4 * i + 4, oddAB & 0xffff | oddCD << 16, true);
    to.setInt32(4 * i + 8, evenAB >>> 16 | evenCD & 0xffff0000, true);
    to.setInt32(4 * i + 12, oddAB >>> 16 | oddCD & 0xffff0000, true);
  }
  for (let at = 4 * i; at < length; at++) into[at] = groups[[0, second, third, fourth][at % 4] + (at >> 2)];
}
