/** What the registries of a model source have, looked up again and again (model-sources-and-config.md §2, §4, §5). */

import {
  type FilterDefaults,
  FilterError,
  isRepository,
  isTag,
  parseFilter,
} from "../images/filters/image_filter.ts";
import type { ImageFilter, ListedImages, WrittenFilter } from "../images/filters/image_filter.ts";
import { newestFirst } from "../images/filters/order.ts";
import { backoffAfter } from "../kube/backoff.ts";
import type { Transport } from "../kube/transport.ts";
import type { Fact } from "../operator/core/view.ts";
import type { FactSource } from "../operator/runner/facts.ts";
import {
  type DockerConfig,
  ListingFault,
  type ListingFaultClass,
  type RegistryLister,
} from "../registry/mod.ts";
import { ImageError, retryOften } from "./image_error.ts";
import type { OwnDockerConfig } from "./image_metadata.ts";
import { readPullSecrets } from "./pull_secrets.ts";
import type { SourceQuestion } from "./source_question.ts";

export type { SourceQuestion };

/** Images of one repository: their tags or digests. */
export interface FoundImages {
  readonly registry: string;
  readonly repository: string;
  readonly references: readonly string[];
}

/** A filter of which something was not to be had. */
export interface FilterFailure {
  /** As it is written. */
  readonly image: string;
  readonly is: ListingFaultClass | "SecretNotFound";
  readonly message: string;
}

/** One look at all registries of a source. */
export interface SourceListing {
  /** When it was complete, and when the next one is due. RFC 3339. */
  readonly at: string;
  readonly next: string;
  /** Each image once: by filter, then repository, then newest first. */
  readonly found: readonly FoundImages[];
  /** How many images that is. */
  readonly images: number;
  /** How many filters there are, and how many of them gave something, be it an empty list. */
  readonly filters: number;
  readonly answered: number;
  readonly failures: readonly FilterFailure[];
  /** What is wrong with pull secrets, in sentences, while nothing fails by it. */
  readonly remarks: readonly string[];
  /** How many looks in a row were not complete. */
  readonly incomplete: number;
}

export const sourceListing: Fact<SourceQuestion, SourceListing> = {
  name: "sourceListing",
  keyOf: ({ due: _, ...question }) => JSON.stringify(question),
};

/** One filter, with all of its pages; and all filters, one after another. Milliseconds. */
const filterTimeout = 5 * 60_000;
const sourceTimeout = 2 * 60 * 60_000;

/** So many repositories are sorted before others have a turn. */
const turn = 32;

export interface ListingEnvironment {
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

const usual: ListingEnvironment = { now: () => Date.now(), random: Math.random };

/** Looks at registries. Each source has a lane of its own, in which one look is under way. */
export function sourceListingSource(
  transport: Transport,
  lister: RegistryLister,
  own: OwnDockerConfig,
  { now, random }: ListingEnvironment = usual,
): FactSource<SourceQuestion, SourceListing> {
  return {
    fact: sourceListing,
    timeout: sourceTimeout,
    freshFor: ({ next }) => Math.max(Date.parse(next) - now(), 1_000),
    firstWait: ({ due = 0 }) => due - now(),
    retry: retryOften,
    lane: ({ uid }) => `source ${uid}`,
    fetch: async (question, signal, before) => {
      const secrets = await credentialsOf(transport, question, own, signal);
      const found = new Found();
      const failures: FilterFailure[] = [];
      let answered = 0;
      let retryAfter = 0;
      for (const filter of question.filters) {
        const { fault, gave } = await take(filter, question.defaults, secrets.sets, lister, found, signal);
        if (gave) answered++;
        if (fault === undefined) continue;
        failures.push(failureOf(filter, fault, secrets.faults));
        retryAfter = Math.max(retryAfter, fault.retryAfter ?? 0);
      }
      const incomplete = failures.length === 0 ? 0 : (before?.incomplete ?? 0) + 1;
      const wait = waitAfter({ failures, incomplete, retryAfter, interval: question.interval }, random());
      return {
        at: moment(now()),
        next: moment(now() + wait),
        found: found.images,
        images: found.count,
        filters: question.filters.length,
        answered,
        failures,
        remarks: secrets.faults,
        incomplete,
      };
    },
  };
}

/** RFC 3339 as Kubernetes stores it: whole seconds, none of them too early. */
function moment(milliseconds: number): string {
  return new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** What is mended out of our sight (Secrets are not watched) is looked at soon; what another filter would mend, not. */
const credentialFaults: ReadonlySet<string> = new Set(["CredentialsMissing", "SecretNotFound", "AuthFailed"]);

/** Milliseconds until the next look (§2 Better). */
export function waitAfter(
  { failures, incomplete, retryAfter, interval }: {
    failures: readonly Pick<FilterFailure, "is">[];
    incomplete: number;
    retryAfter: number;
    interval: number;
  },
  random: number,
): number {
  const spread = interval * (0.9 + 0.2 * random);
  const passing = failures.filter(({ is }) => is !== "InvalidFilter");
  if (passing.length === 0) return spread;
  const bounds = passing.some(({ is }) => credentialFaults.has(is))
    ? { first: 30_000, longest: Math.min(interval, 300_000) }
    : { first: 60_000, longest: interval };
  const wait = Math.min(backoffAfter(incomplete, { jitter: 0.1, ...bounds }, random), spread);
  // Not before the registry wants it, and not all at that moment.
  return Math.max(wait, retryAfter * (1 + 0.1 * random));
}

/** What became of a filter: what kept it from giving all, and whether it gave something, be it an empty list. */
interface Taken {
  readonly fault?: ListingFault;
  readonly gave: boolean;
}

/** Adds what a filter finds. */
async function take(
  filter: WrittenFilter,
  defaults: FilterDefaults,
  sets: readonly (readonly DockerConfig[])[],
  lister: RegistryLister,
  found: Found,
  signal: AbortSignal,
): Promise<Taken> {
  let parsed: ImageFilter;
  try {
    parsed = parseFilter(filter, defaults);
  } catch (error) {
    if (error instanceof FilterError) {
      return { fault: new ListingFault("InvalidFilter", error.message), gave: false };
    }
    throw error;
  }
  if (parsed.how === "named") {
    found.add(parsed.registry, parsed.repository, [parsed.reference]);
    return { gave: true };
  }
  const limit = AbortSignal.timeout(filterTimeout);
  try {
    const { registry } = parsed;
    const { found: listed, fault } = await lister.list(
      questionOf(parsed),
      sets,
      AbortSignal.any([signal, limit]),
    );
    for (const [at, { repository, tags }] of listed.entries()) {
      found.add(registry, repository, newestFirst(tags));
      if (at % turn === turn - 1) await othersTurn();
    }
    return { fault, gave: fault === undefined || listed.length > 0 };
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    const told = `it was not listed within ${
      filterTimeout / 60_000
    } min; name fewer repositories in the filter`;
    return { fault: new ListingFault("Unreachable", told), gave: false };
  }
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

function othersTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function failureOf(
  { image }: WrittenFilter,
  fault: ListingFault,
  secretFaults: readonly string[],
): FilterFailure {
  const bySecret = secretFaults.length > 0 &&
    (fault.is === "AuthFailed" || fault.is === "CredentialsMissing");
  return {
    image,
    is: bySecret ? "SecretNotFound" : fault.is,
    message: bySecret ? `${secretFaults.join("; ")}; without it: ${fault.message}` : fault.message,
  };
}

/** Images in the order in which they come, each once. */
class Found {
  readonly images: FoundImages[] = [];
  count = 0;
  readonly #seen = new Map<string, Set<string>>();

  add(registry: string, repository: string, references: readonly string[]): void {
    const place = `${registry}/${repository}`;
    const seen = this.#seen.get(place) ?? new Set();
    this.#seen.set(place, seen);
    const fresh = references.filter((each) => !seen.has(each));
    if (fresh.length === 0) return;
    for (const each of fresh) seen.add(each);
    this.images.push({ registry, repository, references: fresh });
    this.count += fresh.length;
  }
}

/** Every pull secret that can be read, and what is wrong with the others: a bad one disables itself alone (§5). */
async function credentialsOf(
  transport: Transport,
  { namespace, pullSecrets }: SourceQuestion,
  own: OwnDockerConfig,
  signal: AbortSignal,
): Promise<{ sets: readonly (readonly DockerConfig[])[]; faults: readonly string[] }> {
  const named: DockerConfig[] = [];
  const faults: string[] = [];
  for (const name of pullSecrets) {
    try {
      const image = ""; // of no image in particular
      const { configs, unused } = await readPullSecrets(
        transport,
        { image, namespace, pullSecrets: [name] },
        signal,
      );
      named.push(...configs);
      faults.push(...unused);
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      faults.push(error.message);
    }
  }
  try {
    return { sets: [named, await own()], faults };
  } catch (error) {
    return { sets: [named], faults: [...faults, (error as Error).message] };
  }
}
