/** From a reference to the labels of the image (models-and-templates.md §3.3, rule 4). */

import { digestOf } from "./digest.ts";
import {
  chosenChild,
  labelsFrom,
  MalformedError,
  type PlatformManifest,
  platformsOf,
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

/**
 * Reads an image: its manifest, for an index also the one for `linux/amd64`, and the configuration; at most
 * three requests beside those for authentication.
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
  let manifest = read(() => readManifest(bytes, mediaType));
  if (manifest.kind === "index") {
    const child = await session.manifest(platformDigest(manifest.children, subject));
    manifest = read(() => readManifest(child.bytes, child.mediaType));
    if (manifest.kind === "index") {
      throw failureOf(subject, "MalformedManifest", `the index names another index for ${wantedPlatform}`);
    }
  }
  const config = await session.config(manifest.config);
  const labels = Object.freeze(read(() => labelsFrom(config)));
  return Object.freeze({ digest, configDigest: manifest.config.digest, labels });
}

function platformDigest(children: readonly PlatformManifest[], subject: Subject): string {
  const child = chosenChild(children);
  if (child !== undefined) return child.digest;
  throw failureOf(
    subject,
    "NoMatchingPlatform",
    `it is not there for ${wantedPlatform}; its platforms are: ${platformsOf(children)}`,
  );
}
