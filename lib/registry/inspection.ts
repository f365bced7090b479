/** From a reference to the labels of the image (models-and-templates.md §3.3, rule 4). */

import { digestOf } from "./digest.ts";
import {
  candidates,
  labelsFrom,
  MalformedError,
  type Manifest,
  offerOf,
  type PlatformManifest,
  readManifest,
  wantedPlatform,
} from "./manifest.ts";
import { failureOf, type Subject } from "./messages.ts";
import type { ImageReference } from "./reference.ts";
import type { RepositorySession } from "./session.ts";

/** What an image says about itself. */
export interface ImageInspection {
  /** Digest of what the reference names: an image's manifest or an index. */
  readonly digest: string;
  /** Digest of the configuration that the labels are from. */
  readonly configDigest: string;
  /** The labels, verbatim. */
  readonly labels: Readonly<Record<string, string>>;
}

/** So many manifests are read of one image at most: of indexes that name indexes, and of what these offer. */
const mostManifests = 8;

/**
 * Reads an image: its manifest, for an index also the one for `linux/amd64`, and the configuration. That is three
 * requests beside those for authentication; an index that names other indexes takes one more for each.
 *
 * @param known what is known already of a digest in this repository: then the manifest is all that is asked for
 * @throws RegistryError
 */
export async function inspectImage(
  reference: ImageReference,
  session: RepositorySession,
  subject: Subject,
  known: (digest: string) => ImageInspection | undefined,
): Promise<ImageInspection> {
  const { bytes, mediaType } = await session.manifest(reference.digest ?? reference.tag!);
  const digest = reference.digest ?? digestOf(bytes);
  const before = known(digest);
  if (before !== undefined) return before;
  const read = <T>(parse: () => T): T => {
    try {
      return parse();
    } catch (error) {
      if (error instanceof MalformedError) throw failureOf(subject, "MalformedManifest", error.message);
      throw error;
    }
  };
  const top = read(() => readManifest(bytes, mediaType));
  const image = top.kind === "image" ? top : await imageIn(top.children, subject, async (entry) => {
    const answer = await session.manifest(entry.digest);
    return read(() => readManifest(answer.bytes, answer.mediaType));
  });
  const config = await session.config(image.config);
  const labels = Object.freeze(read(() => labelsFrom(config)));
  return Object.freeze({ digest, configDigest: image.config.digest, labels });
}

/**
 * The image for `linux/amd64` in an index, or in one that it names: the first that is found. Each index is looked
 * through as a whole before the indexes in it.
 */
async function imageIn(
  top: readonly PlatformManifest[],
  subject: Subject,
  fetch: (entry: PlatformManifest) => Promise<Manifest>,
): Promise<Manifest & { kind: "image" }> {
  const offered = [...top];
  const open = [...candidates(top)];
  const asked = new Set<string>();
  for (let entry = open.shift(); entry !== undefined; entry = open.shift()) {
    if (asked.has(entry.digest)) continue;
    if (asked.size + 1 === mostManifests) {
      const told = `the index names indexes: ${mostManifests} manifests were read, and none is an image for`;
      throw failureOf(subject, "NoMatchingPlatform", `${told} ${wantedPlatform}; ${offerOf(offered)}`);
    }
    asked.add(entry.digest);
    const manifest = await fetch(entry);
    if (manifest.kind === "image") return manifest;
    offered.push(...manifest.children);
    open.push(...candidates(manifest.children));
  }
  throw failureOf(
    subject,
    "NoMatchingPlatform",
    `it is not there for ${wantedPlatform}; ${offerOf(offered)}`,
  );
}
