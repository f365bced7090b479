/** What an image says about itself, read from its registry once (models-and-templates.md §3.3). */

import type { ImageMetadata } from "../api/mod.ts";
import type { Fact } from "../operator/core/view.ts";

/** An image, and with whose credentials it is looked at. */
export interface ImageQuestion {
  readonly image: string;
  /** Where the pull secrets are. */
  readonly namespace: string;
  /** Names of the pull secrets, in the order in which they are tried. */
  readonly pullSecrets: readonly string[];
}

/** Fails with a `ClassifiedError`, whose reason is one of §3.5 and whose message says what would help. */
export const imageMetadata: Fact<ImageQuestion, ImageMetadata> = {
  name: "imageMetadata",
  keyOf: ({ image, namespace, pullSecrets }) =>
    JSON.stringify(pullSecrets.length === 0 ? [image] : [image, namespace, ...pullSecrets]),
};
