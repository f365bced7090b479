/** Lists what a registry has: the tags of a repository, or of all repositories that match (model-sources-and-config.md §4). */

import { credentialFor, type DockerConfig } from "../auth/docker_config.ts";
import type { Clock, Exchange } from "../http/exchange.ts";
import { openExchange, type RegistryClientOptions } from "../http/open_exchange.ts";
import { KeptResults } from "../kept_results.ts";
import { canonicalHost, dockerHub } from "../reference.ts";
import { type Asked, faultOf, ListingFault } from "./fault.ts";
import { type ListingMemory, ListingSession } from "./listing_session.ts";
import { type CatalogueAddresses, namesIn, pagesFrom, repositories } from "./repositories.ts";

export interface RegistryListerOptions extends RegistryClientOptions {
  /** Where Docker Hub and GitHub list repositories; a test has its own. */
  readonly catalogues?: CatalogueAddresses;
}

/** What is to be listed. */
export interface ListingQuestion {
  /** `host[:port][/path]`; the path belongs to every repository and is left out of their names. */
  readonly registry: string;
  /** A repository, or with `catalogue` a pattern that begins as they do. */
  readonly repository: string;
  readonly catalogue: boolean;
  readonly acceptsRepository: (repository: string) => boolean;
  readonly acceptsTag: (tag: string) => boolean;
}

/** Tags of one repository that were accepted, in the order in which the registry has them. */
export interface RepositoryTags {
  readonly repository: string;
  readonly tags: readonly string[];
}

/** Those of pull secrets, and behind them the operator's own. */
export type CredentialSets = readonly (readonly DockerConfig[])[];

/** What was found, and what kept it from being all. */
export interface Listing {
  readonly found: readonly RepositoryTags[];
  readonly fault?: ListingFault;
}

/** So many repositories of a registry are asked for their tags at once, all listings together. */
const atOnce = 10;
/** After so many faults of the registry itself the rest is not asked: it is not well. */
const patience = 5;

/** Requests to one registry that wait for each other. */
class Turns {
  #free = atOnce;
  readonly #waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  get idle(): boolean {
    return this.#free === atOnce;
  }
}

export class RegistryLister {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #closeConnections: () => void;
  readonly #closed = new AbortController();
  readonly #addresses: CatalogueAddresses;
  readonly #turns = new Map<string, Turns>();
  readonly #memory: ListingMemory = {
    schemes: new KeptResults({ entries: 1_000, weight: 1_000 }),
    grants: new KeptResults({ entries: 10_000, weight: 10_000 }),
    challenges: new KeptResults({ entries: 1_000, weight: 1_000 }),
    pages: new KeptResults({ entries: 20_000, weight: 12 * 1024 * 1024 }),
    pauses: new KeptResults({ entries: 1_000, weight: 1_000 }),
  };

  constructor(options: RegistryListerOptions = {}) {
    const { exchange, clock, close } = openExchange(options);
    this.#exchange = exchange;
    this.#clock = clock;
    this.#closeConnections = close;
    this.#addresses = options.catalogues ??
      { dockerHub: "https://hub.docker.com", gitHub: "https://api.github.com" };
  }

  /**
   * What the registry has of what is asked for. What it answered before a fault is part of the result.
   *
   * @param credentials sets of them; the first that has one for a repository gives it
   * @throws the signal's reason
   */
  async list(
    question: ListingQuestion,
    credentials: CredentialSets,
    signal: AbortSignal,
  ): Promise<Listing> {
    const stop = AbortSignal.any([signal, this.#closed.signal]);
    const faults: ListingFault[] = [];
    const names = question.catalogue
      ? await this.#repositories(question, credentials, stop, faults)
      : question.acceptsRepository(question.repository)
      ? [question.repository]
      : [];
    const listed = await this.#tagsOf(names, question, credentials, stop, faults);
    const found = listed.filter(({ tags }) => tags.length > 0);
    const fault = combined(faults, names.length);
    return { found, ...(fault === undefined ? {} : { fault }) };
  }

  /** Ends what is under way and lets go of connections. */
  close(): void {
    this.#closed.abort(new DOMException("the registry lister is closed", "AbortError"));
    this.#closeConnections();
  }

  async #repositories(
    question: ListingQuestion,
    credentials: CredentialSets,
    signal: AbortSignal,
    faults: ListingFault[],
  ): Promise<string[]> {
    const prefix = pathOf(question.registry);
    const literal = (prefix + question.repository).split("*")[0];
    const session = this.#session(question, literal.replace(/\/[^/]*$/, ""), credentials, signal);
    const names = new Set<string>();
    await this.#attempt("repositories", session, signal, faults, async () => {
      for await (const page of repositories(session, prefix + question.repository, this.#addresses)) {
        for (const name of page) {
          if (!name.startsWith(prefix)) continue;
          const own = name.slice(prefix.length);
          if (question.acceptsRepository(own)) names.add(own);
        }
      }
    });
    return [...names].sort();
  }

  async #tagsOf(
    names: readonly string[],
    question: ListingQuestion,
    credentials: CredentialSets,
    signal: AbortSignal,
    faults: ListingFault[],
  ): Promise<RepositoryTags[]> {
    /** Failures in a row: some repositories may be damaged where others are well. */
    let unwell = 0;
    let isLimited = false;
    const one = async (repository: string): Promise<RepositoryTags> => {
      const tags: string[] = [];
      if (isLimited || unwell >= patience) return { repository, tags };
      const path = pathOf(question.registry) + repository;
      const session = this.#session(question, path, credentials, signal);
      const fault = await this.#attempt("tags", session, signal, faults, async () => {
        const request = {
          at: `/v2/${path}/tags/list?n=1000`,
          scope: `repository:${path}:pull`,
          what: `the tags of ${path}`,
          read: namesIn("tags"),
        };
        for await (const page of pagesFrom(session, request)) {
          for (const tag of page) if (question.acceptsTag(tag)) tags.push(tag);
        }
      });
      if (fault?.is === "RateLimited") isLimited = true;
      else if (fault?.is === "Unreachable" || fault?.is === "ServerError") unwell++;
      else unwell = 0;
      return { repository, tags };
    };
    const host = hostOf(question.registry);
    return await Promise.all(names.map((name) => this.#inTurn(host, () => one(name))));
  }

  async #inTurn<T>(host: string, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(host) ?? new Turns();
    this.#turns.set(host, turns);
    try {
      return await turns.run(work);
    } finally {
      if (turns.idle) this.#turns.delete(host);
    }
  }

  /** Runs requests; what is wrong with their answers becomes a fault. */
  async #attempt(
    asked: Asked,
    session: ListingSession,
    signal: AbortSignal,
    faults: ListingFault[],
    work: () => Promise<void>,
  ): Promise<ListingFault | undefined> {
    try {
      signal.throwIfAborted();
      await work();
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      const fault = faultOf(error, asked, session.credential !== undefined);
      faults.push(fault);
      return fault;
    }
  }

  #session(
    { registry }: ListingQuestion,
    repository: string,
    credentials: CredentialSets,
    signal: AbortSignal,
  ): ListingSession {
    const host = hostOf(registry);
    const place = { image: "", registry: host, repository };
    const credential = credentials.map((set) => credentialFor(place, set)).find((each) => each !== undefined);
    return new ListingSession({
      subject: {
        image: repository,
        registry: host,
        hasCredential: credential !== undefined,
        secrets: new Set(credential?.secrets()),
      },
      credential,
      exchange: this.#exchange,
      memory: this.#memory,
      now: () => this.#clock.now(),
      signal,
    });
  }
}

function hostOf(registry: string): string {
  const host = registry.split("/")[0];
  return host.includes("hub.docker.com") ? dockerHub : canonicalHost(host);
}

/** The path that all repositories share, with a slash at its end; empty for most registries. */
function pathOf(registry: string): string {
  const slash = registry.indexOf("/");
  return slash < 0 ? "" : `${registry.slice(slash + 1)}/`;
}

/** The first fault speaks for all; the longest wait that was asked for counts. */
function combined(faults: readonly ListingFault[], repositories: number): ListingFault | undefined {
  const [first, ...others] = faults;
  if (first === undefined || others.length === 0) return first;
  const told = `${first.message} (and ${others.length} more of ${repositories} repositories)`;
  const wait = Math.max(...faults.map(({ retryAfter = 0 }) => retryAfter));
  return new ListingFault(first.is, told, wait || undefined);
}
