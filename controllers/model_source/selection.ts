/** Which images become models (model-sources-and-config.md §6.1). */

import { imageUri } from "../../lib/images/filters/image_filter.ts";
import { clusterModels } from "../../lib/cluster/kinds.ts";
import type { FoundImages } from "../../lib/facts/source_listing.ts";
import type { Reading } from "../../lib/operator/core/view.ts";
import { clusterModelName } from "../../lib/operator/naming/object_names.ts";
import { imagesOf, type OwnedModel } from "./owned_models.ts";

/** An image without a model. */
export interface WantedModel {
  readonly name: string;
  readonly image: string;
  readonly registry: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
}

export interface Selection {
  readonly wanted: readonly WantedModel[];
  /** How many distinct images have a model of this source already. */
  readonly existing: number;
  /** Whether an image got no model because there may be no more. */
  readonly limited: boolean;
}

/**
 * Takes images in their order until there are as many models as there may be. A model of that name which is there
 * already, whoever made it, is left alone and counts neither as made nor as left out: the first source wins.
 */
export function select(
  found: readonly FoundImages[],
  models: readonly OwnedModel[],
  limit: number,
  view: Reading,
): Selection {
  const existing = imagesOf(models);
  const wanted: WantedModel[] = [];
  for (const { registry, repository, references } of found) {
    for (const reference of references) {
      const image = imageUri(registry, repository, reference);
      if (existing.has(image)) continue;
      const name = clusterModelName(registry, repository, reference);
      if (view.get(clusterModels, undefined, name) !== undefined) continue;
      // One is enough to know that there are more.
      if (existing.size + wanted.length >= limit) return { wanted, existing: existing.size, limited: true };
      wanted.push({ name, image, registry, repository, reference });
    }
  }
  return { wanted, existing: existing.size, limited: false };
}
