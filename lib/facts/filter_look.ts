/** One look at what one filter of a source asks for, which goes on where the one before was stopped. */

import {
  type FilterDefaults,
  FilterError,
  type ImageFilter,
  isRepository,
  isTag,
  type ListedImages,
  parseFilter,
  type WrittenFilter,
} from "../images/filters/image_filter.ts";
import { newestFirst } from "../images/filters/order.ts";
import {
  type CredentialSets,
  type ListingEnd,
  ListingFault,
  type RegistryLister,
  type RepositoryTags,
  type Unfinished,
} from "../registry/mod.ts";
import { type FoundImages, merged } from "./found_images.ts";

/** What is known of a filter: all, if there is no fault. */
export interface FilterState {
  readonly found: readonly FoundImages[];
  readonly fault?: ListingFault;
  /** Where to go on. */
  readonly rest?: Unfinished;
  /** Whether there is to be gone on, however long that takes: nothing is wrong but that it is much. */
  readonly stopped: boolean;
  /** Whether something is known, be it an empty list. */
  readonly gave: boolean;
}

/** What is known after a look, and whether the look has brought something of it. */
export interface Looked {
  readonly state: FilterState;
  readonly brought: boolean;
}

/** So many repositories are sorted before others have a turn. */
const turn = 32;

/** A look at one filter, which goes on from what is known of it. */
export async function lookAt(
  filter: WrittenFilter,
  defaults: FilterDefaults,
  sets: CredentialSets,
  lister: RegistryLister,
  end: ListingEnd,
  known: FilterState,
): Promise<Looked> {
  let parsed: ImageFilter;
  try {
    parsed = parseFilter(filter, defaults);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const fault = new ListingFault("InvalidFilter", error.message);
    return { state: { found: [], fault, stopped: false, gave: false }, brought: false };
  }
  const { registry } = parsed;
  if (parsed.how === "named") {
    const { repository, reference } = parsed;
    const found = [{ registry, repository, references: [reference] }];
    return { state: { found, stopped: false, gave: true }, brought: true };
  }
  const { found: listed, ...ended } = await lister.list(questionOf(parsed), sets, end, known.rest);
  const found = merged(known.rest === undefined ? [] : known.found, await sorted(registry, listed));
  const isWhole = ended.fault === undefined;
  return {
    state: { ...ended, found, gave: isWhole || found.length > 0 },
    brought: isWhole || listed.length > 0,
  };
}

/** What is no legal name or tag cannot be an image, whoever lists it. */
function questionOf({ how, acceptsRepository, acceptsTag, ...place }: ListedImages) {
  return {
    ...place,
    catalogue: how === "catalogue",
    acceptsRepository: (name: string) => isRepository(name) && acceptsRepository(name),
    acceptsTag: (tag: string) => isTag(tag) && acceptsTag(tag),
  };
}

async function sorted(registry: string, listed: readonly RepositoryTags[]): Promise<FoundImages[]> {
  const found: FoundImages[] = [];
  for (const [at, { repository, tags }] of listed.entries()) {
    found.push({ registry, repository, references: newestFirst(tags) });
    if (at % turn === turn - 1) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return found;
}
