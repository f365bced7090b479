/** Source URIs: `hf://org/name[@revision]` and `s3://bucket/prefix` (caching-and-artifacts.md §6.1). */

import { DownloadFailure } from "./failure.ts";

export type Source =
  | { readonly scheme: "hf"; readonly repository: string; readonly revision: string | undefined }
  | { readonly scheme: "s3"; readonly bucket: string; readonly prefix: string };

/**
 * Reads a source URI.
 * @throws DownloadFailure that names the URI and what it should look like.
 */
export function parseSource(uri: string): Source {
  const [, scheme, rest] = /^([a-z0-9+.-]*):\/\/(.*)$/is.exec(uri) ?? [];
  switch (scheme?.toLowerCase()) {
    case "hf":
      return huggingFaceSource(uri, rest);
    case "s3":
      return s3Source(uri, rest);
    default:
      throw new DownloadFailure(
        "other",
        `${quoted(uri)} is no source that can be downloaded: it must begin with hf:// or s3://`,
      );
  }
}

function huggingFaceSource(uri: string, rest: string): Source {
  const [path, revision] = splitOnce(rest.replace(/\/+$/, ""), "@");
  const parts = path.split("/");
  const valid = parts.length <= 2 && parts.every((part) => /^[\w][\w.-]{0,95}$/.test(part));
  if (!valid || revision === "") {
    throw new DownloadFailure(
      "other",
      `${quoted(uri)} names no repository: a Hugging Face source is hf://org/name or hf://org/name@revision`,
    );
  }
  return { scheme: "hf", repository: path, revision };
}

function s3Source(uri: string, rest: string): Source {
  const [bucket, key = ""] = splitOnce(rest, "/");
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(bucket)) {
    throw new DownloadFailure("other", `${quoted(uri)} names no bucket: an S3 source is s3://bucket/prefix`);
  }
  const part = key.split("/").find((part) => part === "." || part === "..");
  if (part !== undefined) {
    throw new DownloadFailure(
      "other",
      `${quoted(uri)} has the part ${
        quoted(part)
      }, which no HTTP client sends as it is; name the folder without it`,
    );
  }
  // Exactly one slash at the end: `x` must not also mean `xy` (§6.4).
  const folder = key.replace(/\/+$/, "");
  return { scheme: "s3", bucket, prefix: folder === "" ? "" : `${folder}/` };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function quoted(uri: string): string {
  return JSON.stringify(uri);
}
