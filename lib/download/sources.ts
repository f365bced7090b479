/** Sources by their scheme: what is there, and how its bytes come. */

import { DownloadFailure } from "./failure.ts";
import { isWanted } from "./files/file_patterns.ts";
import { Hub } from "./hugging_face/hub.ts";
import { PlainFiles } from "./hugging_face/plain_files.ts";
import { bytesOf, type Listing } from "./files/listing.ts";
import type { Origin } from "./files/origin.ts";
import { Requests } from "./transfer/requests.ts";
import type { Protocol, Settings } from "./settings.ts";
import { parseSource, type Source } from "./source.ts";
import { XetFiles } from "./xet/xet_files.ts";

/** A source that can be listed and downloaded. */
export interface OpenSource {
  /** Lists the wanted files; never none. @throws DownloadFailure */
  list(signal: AbortSignal): Promise<Listing>;
  /** Protocols to try one after the other; undefined where there is but one way. */
  readonly protocols: readonly string[] | undefined;
  /** The bytes of a listing, by a protocol. @throws DownloadFailure */
  origin(listing: Listing, protocol: Protocol | undefined, signal: AbortSignal): Promise<Origin>;
  close(): void;
}

/**
 * Opens a source; nothing is asked yet.
 * @throws DownloadFailure if the URI names none.
 */
export async function openSource(uri: string, settings: Settings): Promise<OpenSource> {
  const source = parseSource(uri);
  switch (source.scheme) {
    case "hf":
      return await openRepository(source, settings);
    case "s3":
      return await openBucket(source, settings);
  }
}

async function openRepository(source: Source & { scheme: "hf" }, settings: Settings): Promise<OpenSource> {
  const requests = new Requests(await authorities(settings));
  const hub = new Hub({ ...settings.huggingFace, requests });
  let { repository } = source;
  let xet: XetFiles | undefined;
  const revision = settings.revision ?? source.revision ?? "main";
  return {
    protocols: settings.protocols,
    async list(signal) {
      const snapshot = await hub.snapshot(source.repository, revision, signal);
      repository = snapshot.repository;
      return wanted(snapshot, settings, `Repository ${source.repository}`);
    },
    async origin(listing, protocol, signal) {
      const at = { repository, commit: listing.commit! };
      const plain = new PlainFiles(hub, { ...at, inRanges: protocol !== "HTTP" });
      if (protocol !== "XET") return plain;
      const hashes = await hub.xetHashes(repository, at.commit, signal);
      if (hashes.size === 0) return plain;
      xet?.[Symbol.dispose]();
      return xet = new XetFiles(hub, at, hashes, plain);
    },
    close() {
      xet?.[Symbol.dispose]();
      requests.close();
    },
  };
}

async function openBucket(
  { bucket, prefix }: Source & { scheme: "s3" },
  settings: Settings,
): Promise<OpenSource> {
  // Loaded only for S3: the SDK takes more memory than all the rest.
  const [{ Bucket }, { s3Client }] = await Promise.all([import("./s3/bucket.ts"), import("./s3/client.ts")]);
  const requests = new Requests(await authorities(settings));
  const client = s3Client(settings.s3, requests);
  const host = settings.s3.endpoint?.host ?? `S3 in ${settings.s3.region}`;
  const folder = new Bucket(client, { bucket, prefix }, host);
  return {
    protocols: undefined,
    list: async (signal) => wanted(await folder.list(signal), settings, `s3://${bucket}/${prefix}`),
    origin: () => Promise.resolve(folder),
    close() {
      client.destroy();
      requests.close();
    },
  };
}

async function authorities({ authorities: given }: Settings): Promise<string | undefined> {
  if (given === undefined) return undefined;
  const pem = "pem" in given ? given.pem : await certificatesIn(given.file);
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  const where = "pem" in given ? "AIM_DOWNLOADER_CA_BUNDLE" : given.file;
  throw new DownloadFailure("other", `${where} has no certificate; it must have at least one, as PEM`);
}

async function certificatesIn(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw new DownloadFailure(
      "other",
      `the certificates in ${file} cannot be read: ${(error as Error).message}`,
    );
  }
}

/** The files that the patterns let through; a source without one is a failure: a Ready cache must not be empty (§6.4 Better). */
function wanted(listing: Listing, { include, exclude }: Settings, name: string): Listing {
  const files = listing.files.filter(({ path }) => isWanted(path, include, exclude));
  if (listing.files.length === 0) throw new DownloadFailure("notFound", `${name} has no files`);
  if (files.length === 0) {
    throw new DownloadFailure(
      "notFound",
      `${name} has ${listing.files.length} files, and none that AIM_DOWNLOADER_INCLUDE and AIM_DOWNLOADER_EXCLUDE let through`,
    );
  }
  if (bytesOf(files) === 0) throw new DownloadFailure("notFound", `${name} has only empty files`);
  return { ...listing, files };
}
