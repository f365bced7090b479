/** What the registries of a model source have, looked up again and again (model-sources-and-config.md §2, §4, §5). */

import type { WrittenFilter } from "../images/filters/image_filter.ts";
import { backoffAfter } from "../kube/backoff.ts";
import type { Transport } from "../kube/transport.ts";
import type { Fact } from "../operator/core/view.ts";
import type { FactSource } from "../operator/runner/facts.ts";
import { ListingFault, type ListingFaultClass, type RegistryLister } from "../registry/mod.ts";
import { type FilterState, lookAt } from "./filter_look.ts";
import { eachOnce, type FoundImages } from "./found_images.ts";
import { retryOften } from "./image_error.ts";
import type { OwnDockerConfig } from "./image_metadata.ts";
import { type SourceCredentials, sourceCredentials } from "./source_credentials.ts";
import type { SourceQuestion } from "./source_question.ts";

export type { FoundImages, SourceQuestion };

/** A filter of which something was not to be had. */
export interface FilterFailure {
  /** As it is written. */
  readonly image: string;
  readonly is: ListingFaultClass | "SecretNotFound";
  readonly message: string;
}

/** What the looks at all registries of a source have brought. */
export interface SourceListing {
  /** When something came of a look last, and when the next one is due. RFC 3339. */
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
  keyOf: ({ due: _, isPartial: __, ...question }) => JSON.stringify(question),
};

/**
 * One filter, with all of its pages, and one look at all filters, one after another: what there was no time for, the next
 * look goes on with. The fact itself has time for the pull secrets besides. Milliseconds.
 */
const filterTime = 5 * 60_000;
const lookTime = 15 * 60_000;
const factTime = lookTime + 5 * 60_000;

/** Until what failed once is tried again, where credentials are not at fault. Milliseconds. */
const firstRetry = 60_000;

export interface ListingEnvironment {
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** A signal that is aborted after so many milliseconds. */
  readonly timeout: (milliseconds: number) => AbortSignal;
}

const usual: ListingEnvironment = {
  now: () => Date.now(),
  random: Math.random,
  timeout: AbortSignal.timeout,
};

/** What the next look goes on from. In a round each filter is asked until all of it is known, and no longer. */
interface Round {
  /** When it ends, and all filters are asked anew. Milliseconds since 1970. */
  readonly due: number;
  /** With which credentials it was asked. */
  readonly mark: string | undefined;
  readonly filters: readonly FilterProgress[];
}

interface FilterProgress {
  readonly state: FilterState;
  /** When it was asked last. Milliseconds since 1970. */
  readonly askedAt: number;
}

/** Looks at registries. Each source has a lane of its own, in which one look is under way. */
export function sourceListingSource(
  transport: Transport,
  lister: RegistryLister,
  own: OwnDockerConfig,
  environment: ListingEnvironment = usual,
): FactSource<SourceQuestion, SourceListing> {
  const { now, random } = environment;
  /** Of no interest to those who ask; gone with the listing. */
  const rounds = new WeakMap<SourceListing, Round>();
  return {
    fact: sourceListing,
    timeout: factTime,
    freshFor: ({ next }) => Math.max(Date.parse(next) - now(), 1_000),
    firstWait: (question) => firstWait(question, now(), random()),
    retry: retryOften,
    lane: ({ uid }) => `source ${uid}`,
    fetch: async (question, signal, before) => {
      const credentials = await sourceCredentials(transport, question, own, signal);
      const known = roundFrom(before && rounds.get(before), question, credentials, now());
      const { filters, came } = await look(question, credentials, lister, environment, signal, known.filters);
      const ended = now();
      const faults = filters.flatMap(({ state: { fault } }, at) =>
        fault === undefined
          ? []
          : [{ ...failureOf(question.filters[at], fault, credentials.faults), retryAfter: fault.retryAfter }]
      );
      const isComplete = faults.length === 0 && credentials.faults.length === 0;
      const incomplete = isComplete ? 0 : (before?.incomplete ?? 0) + 1;
      const due = known.due ?? ended + question.interval * (0.9 + 0.2 * random());
      const retry = ended + waitAfter(
        // A secret that comes may show more than there is without it.
        [...faults, ...credentials.faults.map(() => ({ is: "SecretNotFound" }) as const)],
        { incomplete, interval: question.interval },
        random(),
      );
      // Where no registry wants to be asked, the end of the round changes nothing.
      const isLimited = faults.length > 0 && faults.length === filters.length &&
        faults.every(({ retryAfter }) => retryAfter !== undefined);
      const listing: SourceListing = {
        at: came || before === undefined ? moment(ended) : before.at,
        next: moment(isLimited ? retry : Math.min(due, retry)),
        ...eachOnce(filters.map(({ state: { found } }) => found)),
        filters: filters.length,
        answered: filters.filter(({ state: { gave } }) => gave).length,
        failures: faults.map(({ image, is, message }) => ({ image, is, message })),
        remarks: credentials.faults,
        incomplete,
      };
      rounds.set(listing, { due, mark: known.mark, filters });
      return listing;
    },
  };
}

/**
 * What a look goes on from. In its round nothing is asked again that is known; after it, all but what was stopped and is to
 * be gone on with. Other credentials may see other images: with them all begins anew.
 */
function roundFrom(
  past: Round | undefined,
  { filters }: SourceQuestion,
  { mark }: SourceCredentials,
  now: number,
): Omit<Round, "due"> & { readonly due?: number } {
  if (past === undefined || (mark !== undefined && mark !== past.mark)) {
    return { mark, filters: filters.map(() => ({ state: notAsked(), askedAt: 0 })) };
  }
  if (now < past.due) return past;
  return {
    mark: past.mark,
    filters: past.filters.map(({ state, askedAt }) => ({
      state: state.stopped ? state : notAsked(state),
      askedAt,
    })),
  };
}

/** What is known of a filter that is to be asked anew: as long as it is not, it keeps what it has found. */
function notAsked(
  { found, gave }: Pick<FilterState, "found" | "gave"> = { found: [], gave: false },
): FilterState {
  const told = `it was not asked yet, since others of its source took ${lookTime / 60_000} min; ` +
    "the next look goes on with it";
  return { found, gave, stopped: false, fault: new ListingFault("Unreachable", told) };
}

/** One look at all filters of which not all is known, those first that were not asked for longest; whether something came. */
async function look(
  { filters, defaults }: SourceQuestion,
  { sets }: SourceCredentials,
  lister: RegistryLister,
  { now, timeout }: ListingEnvironment,
  signal: AbortSignal,
  known: readonly FilterProgress[],
): Promise<{ filters: readonly FilterProgress[]; came: boolean }> {
  const over = timeout(lookTime);
  const all = [...known];
  const asked = [...known.keys()].filter((at) => known[at].state.fault !== undefined)
    .sort((a, b) => known[a].askedAt - known[b].askedAt);
  let came = false;
  for (const at of asked) {
    if (over.aborted) break;
    const askedAt = now();
    const end = { signal, enough: AbortSignal.any([over, timeout(filterTime)]) };
    const { state, brought } = await lookAt(filters[at], defaults, sets, lister, end, known[at].state);
    all[at] = { state, askedAt };
    came ||= brought;
  }
  return { filters: all, came };
}

/**
 * Milliseconds until a new process asks for the first time: when what an earlier one found is due or, where it had failures,
 * after the first wait that they have. How many there were in a row is stored nowhere.
 */
export function firstWait({ due = 0, isPartial }: SourceQuestion, now: number, random: number): number {
  const wait = due - now;
  return isPartial ? Math.min(wait, firstRetry * (0.9 + 0.2 * random)) : wait;
}

/** RFC 3339 as Kubernetes stores it: whole seconds, none of them too early. */
function moment(milliseconds: number): string {
  return new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** What is mended out of our sight (Secrets are not watched) is looked at soon; what another filter would mend, not. */
const credentialFaults: ReadonlySet<string> = new Set(["CredentialsMissing", "SecretNotFound", "AuthFailed"]);

/**
 * Milliseconds until something that fails is tried again (§2 Better); Infinity where trying again mends nothing.
 *
 * @param failures each with the milliseconds before which its registry does not want to be asked
 */
export function waitAfter(
  failures: readonly (Pick<FilterFailure, "is"> & { readonly retryAfter?: number })[],
  { incomplete, interval }: { readonly incomplete: number; readonly interval: number },
  random: number,
): number {
  const waits = failures.filter(({ is }) => is !== "InvalidFilter").map(({ is, retryAfter = 0 }) => {
    const bounds = credentialFaults.has(is)
      ? { first: 30_000, longest: Math.min(interval, 300_000) }
      : { first: firstRetry, longest: interval };
    const wait = backoffAfter(incomplete, { jitter: 0.1, ...bounds }, random);
    // Not before the registry wants it, and not all at that moment.
    return Math.max(wait, retryAfter * (1 + 0.1 * random));
  });
  return Math.min(...waits);
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
