/** Which cyclic redundancy check a store keeps of an object. */

import type { HeadObjectOutput } from "@aws-sdk/client-s3";
import type { Checksum } from "../files/checksum.ts";
import { type CrcName, prepareCrc } from "../files/crc.ts";

interface Crc {
  readonly name: CrcName;
  /** What a HEAD says of it, base64; that of an upload in parts ends with `-` and their number. */
  readonly said: (head: HeadObjectOutput) => string | undefined;
  readonly bytes: number;
}

/** The strongest first. */
const crcs: readonly Crc[] = [
  { name: "crc64nvme", said: (head) => head.ChecksumCRC64NVME, bytes: 8 },
  { name: "crc32c", said: (head) => head.ChecksumCRC32C, bytes: 4 },
  { name: "crc32", said: (head) => head.ChecksumCRC32, bytes: 4 },
];

/**
 * The check of an object, or that of its parts' checks.
 * @param partBytesOf asks how long the parts are, of which there are so many; undefined if they are not all alike.
 * @returns undefined where the store keeps none.
 */
export async function crcOf(
  head: HeadObjectOutput,
  partBytesOf: (parts: number) => Promise<number | undefined>,
): Promise<Checksum | undefined> {
  for (const { name, said, bytes } of crcs) {
    const [, base64, parts] = /^([A-Za-z0-9+/]+=*)(?:-(\d+))?$/.exec(said(head) ?? "") ?? [];
    const value = base64 === undefined ? undefined : Uint8Array.fromBase64(base64);
    if (value?.length !== bytes) continue;
    if (parts === undefined && head.ChecksumType === "COMPOSITE") continue;
    const partBytes = parts === undefined ? undefined : await partBytesOf(Number(parts));
    if (parts !== undefined && partBytes === undefined) continue;
    await prepareCrc(name);
    return partBytes === undefined
      ? { kind: "crc", name, value: value.toHex() }
      : { kind: "crcParts", name, value: `${value.toHex()}-${parts}`, partBytes };
  }
  return undefined;
}
