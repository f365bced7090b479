/** What a source has to give: its files, each with the name that it gets on the volume. */

import type { Checksum } from "./checksum.ts";
import { DownloadFailure } from "../failure.ts";

/** One file at the source. */
export interface RemoteFile {
  /** Path below the target folder, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** What its bytes must come to. */
  readonly checksum: Checksum;
  /** The entity tag by which Hugging Face tools know the file again, and S3 its version. */
  readonly etag: string;
}

export interface Listing {
  /** The commit that was listed; undefined where the source has none. */
  readonly commit: string | undefined;
  readonly files: readonly RemoteFile[];
  /** What a person should know of the source. */
  readonly note?: string;
}

/** Sum of the sizes, in bytes. */
export function bytesOf(files: readonly RemoteFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** Where Hugging Face tools, and this program, keep what they must remember about a folder. */
export const ownFolder = ".cache/huggingface";

/**
 * Refuses a listing that cannot be laid down below the target folder as it is: paths that lead out of it, that the file
 * system cannot hold, that come twice, or that are also the folder of another.
 *
 * @param origin what is listed, for the message.
 * @throws DownloadFailure that names the path.
 */
export function checkPaths(files: readonly RemoteFile[], origin: string): void {
  const seen = new Set<string>();
  const refuse = (path: string, why: string) => {
    throw new DownloadFailure(
      "other",
      `${origin} has a file ${JSON.stringify(path)}, ${why}; nothing was downloaded`,
    );
  };
  for (const { path } of files) {
    const fault = faultOf(path);
    if (fault !== undefined) refuse(path, fault);
    if (seen.has(path)) refuse(path, "which is listed twice");
    seen.add(path);
  }
  for (const path of seen) {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      const folder = path.slice(0, at);
      if (seen.has(folder)) refuse(folder, `which is also the folder of ${JSON.stringify(path)}`);
    }
  }
}

const encoder = new TextEncoder();

/** Why a path cannot be a file below the target folder; undefined if it can. */
function faultOf(path: string): string | undefined {
  if (path.startsWith("/")) return "whose name is an absolute path";
  if (path.includes("\0")) return "whose name has a NUL character";
  if (!path.isWellFormed()) return "whose name is no valid Unicode";
  if (path === ownFolder || path.startsWith(`${ownFolder}/`)) {
    return `which would stand in ${ownFolder}, where the downloader keeps its own records`;
  }
  for (const part of path.split("/")) {
    if (part === "..") return "whose name leads out of the folder";
    if (part === "" || part === ".") return "whose name has an empty part";
    if (encoder.encode(part).length > 255) return "whose name is longer than the 255 bytes of a file system";
  }
  return undefined;
}
