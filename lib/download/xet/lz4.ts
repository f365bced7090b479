/**
 * LZ4, as XET's chunks have it: the frame format with blocks that stand alone. (The libraries at hand take twice as long, or read
 * files of theirs at run time.)
 */

const magic = 0x184d2204;

/**
 * Unpacks a frame.
 * @returns bytes written to `into`.
 * @throws Error if it is no such frame, or goes beyond the end of `into`.
 */
export function unpackFrame(frame: Uint8Array, into: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const flags = view.getUint8(4);
  if (view.getUint32(0, true) !== magic || flags >> 6 !== 1) throw new Error("no LZ4 frame");
  if ((flags & 0x20) === 0 || (flags & 0x01) !== 0) throw new Error("an LZ4 frame whose blocks need others");
  const blockChecksum = (flags & 0x10) === 0 ? 0 : 4;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8); // magic, flags, block size, maybe the content's size, checksum of the head
  let to = 0;
  for (;;) {
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) return to; // a checksum of the content may follow: the whole file has a better one
    const length = head & 0x7fffffff;
    if (at + length > frame.length) throw new Error("an LZ4 frame that breaks off");
    if (head >>> 31 === 0) to = unpackBlock(frame, at, at + length, into, to);
    else {
      into.set(frame.subarray(at, at + length), to);
      to += length;
    }
    at += length + blockChecksum;
  }
}

/**
 * Sequences: literal bytes, then a match, which repeats what came so many bytes before. The last one has no match. Bytes are copied
 * eight at a time where there is room for those that are too many: the next sequence overwrites them.
 */
function unpackBlock(from: Uint8Array, at: number, end: number, into: Uint8Array, to: number): number {
  const begin = to;
  const read = new DataView(from.buffer, from.byteOffset, from.length);
  const write = new DataView(into.buffer, into.byteOffset, into.length);
  const readable = from.length - 8;
  const writable = into.length - 8;
  while (at < end) {
    const token = from[at++];
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255;) literals += more = from[at++];
    }
    if (literals > 256 || at + literals > readable || to + literals > writable) {
      into.set(from.subarray(at, at + literals), to);
    } else {
      for (let i = 0; i < literals; i += 8) write.setBigInt64(to + i, read.getBigInt64(at + i, true), true);
    }
    at += literals;
    to += literals;
    if (at >= end) break;
    const distance = from[at] | from[at + 1] << 8;
    at += 2;
    let length = token & 15;
    if (length === 15) {
      for (let more = 255; more === 255;) length += more = from[at++];
    }
    length += 4;
    if (distance === 0 || to - distance < begin) {
      throw new Error("an LZ4 block that refers to bytes before it");
    }
    if (to + length > into.length) throw new Error("an LZ4 block that is longer than it says");
    const match = to - distance;
    if (distance < 8 || to + length > writable) {
      for (let i = 0; i < length; i++) into[to + i] = into[match + i];
    } else {
      for (let i = 0; i < length; i += 8) write.setBigInt64(to + i, write.getBigInt64(match + i, true), true);
    }
    to += length;
  }
  if (at !== end) throw new Error("an LZ4 block that ends elsewhere than it says");
  return to;
}
