/** Lists what a registry has: the tags of a repository, or of all repositories that match (model-sources-and-config.md §4). */

import { credentialFor, type DockerConfig } from "../auth/docker_config.ts";
import type { Clock, Exchange } from "../http/exchange.ts";
import { openExchange, type RegistryClientOptions } from "../http/open_exchange.ts";
import { Limits } from "../http/limits.ts";
import { WorkUnderWay } from "../http/work_under_way.ts";
import { KeptResults } from "../kept_results.ts";
import { canonicalHost, dockerHub } from "../reference.ts";
import { type Asked, faultOf, ListingFault } from "./fault.ts";
import { type ListingMemory, ListingSession } from "./listing_session.ts";
import { type CatalogueAddresses, listsByOwner, namesIn, pagesFrom, repositories } from "./repositories.ts";

export interface RegistryListerOptions extends RegistryClientOptions {
  /** Where Docker Hub and GitHub list repositories; a test has its own. */
  readonly catalogues?: CatalogueAddresses;
  /** How many repositories of a registry are begun in a second, once it goes on for long; default 140. */
  readonly pace?: number;
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

/** Where a listing was stopped: the next one goes on from there. */
export interface Unfinished {
  /** Address of the first page of repositories that was not read; none where all were. */
  readonly page?: string;
  /** Repositories that match and whose tags were not read, by name. */
  readonly repositories: readonly string[];
}

/** What was found, and what kept it from being all. */
export interface Listing {
  /** By name of the repository. */
  readonly found: readonly RepositoryTags[];
  readonly fault?: ListingFault;
  /** None where all was read, and where nothing was: the next listing begins at the beginning. */
  readonly rest?: Unfinished;
  /** Whether there was no time left, or the registry allowed no more requests: going on is all that it takes. */
  readonly stopped: boolean;
}

/** When a listing ends. */
export interface ListingEnd {
  /** Nobody wants it any more. */
  readonly signal: AbortSignal;
  /** What has come until then is its result. */
  readonly enough: AbortSignal;
}

/** So many repositories of a registry are asked for their tags at once, all listings together … */
const atOnce = 10;
/** … and by one listing: another one never waits for all of its names. */
const atOnceByOne = 8;
/** After so many faults of the registry itself the rest is not asked: it is not well. */
const patience = 5;

/**
 * A registry nearby answers so fast that reading thousands of repositories would take a whole core from those who wait for
 * their service. Three thousand still take less than half a minute.
 */
const usualPace = 140;
/** So many repositories are begun without regard to the pace: most sources have fewer. */
const headStart = 100;

/** Requests to one registry that wait for each other. */
class Turns {
  #free = atOnce;
  readonly #waiting: (() => void)[] = [];
  /** When the next one is due by the pace, in milliseconds of the clock. */
  #due = 0;

  /** @param gap milliseconds from one to the next */
  constructor(private readonly clock: Clock, private readonly gap: number) {}

  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await this.#untilDue(signal);
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  /** Whether a new one would do the same: nobody is in it, and the head start is whole again. */
  get idle(): boolean {
    return this.#free === atOnce && this.#due <= this.clock.now() - headStart * this.gap;
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    const now = this.clock.now();
    // Where the clock was set back, the time that is due may lie far ahead.
    const due = Math.min(Math.max(this.#due, now - headStart * this.gap), now + atOnce * this.gap);
    this.#due = due + this.gap;
    if (due > now) await this.clock.sleep(due - now, signal);
  }
}

/** A listing under way. */
interface Task extends ListingEnd {
  readonly question: ListingQuestion;
  readonly credentials: CredentialSets;
  /** Ends the requests. */
  readonly over: AbortSignal;
  readonly faults: ListingFault[];
}

export class RegistryLister {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #closeConnections: () => void;
  readonly #underWay = new WorkUnderWay();
  readonly #addresses: CatalogueAddresses;
  readonly #turns = new Map<string, Turns>();
  readonly #memory: ListingMemory;
  readonly #gap: number;

  constructor(options: RegistryListerOptions = {}) {
    const { exchange, clock, close } = openExchange(options);
    this.#exchange = exchange;
    this.#clock = clock;
    this.#closeConnections = close;
    this.#memory = {
      schemes: new KeptResults({ entries: 1_000, weight: 1_000 }),
      grants: new KeptResults({ entries: 10_000, weight: 10_000 }),
      challenges: new KeptResults({ entries: 1_000, weight: 1_000 }),
      pages: new KeptResults({ entries: 20_000, weight: 12 * 1024 * 1024 }),
      limits: new Limits(() => clock.now(), options.pauses),
    };
    this.#gap = 1000 / (options.pace ?? usualPace);
    this.#addresses = options.catalogues ??
      { dockerHub: "https://hub.docker.com", gitHub: "https://api.github.com" };
  }

  /**
   * What the registry has of what is asked for. What it answered before a fault is part of the result.
   *
   * @param credentials sets of them; the first that has one for a repository gives it
   * @param from where an earlier listing of the same was stopped: what it has found is not asked again
   * @throws the signal's reason
   */
  async list(
    question: ListingQuestion,
    credentials: CredentialSets,
    end: ListingEnd,
    from?: Unfinished,
  ): Promise<Listing> {
    return await this.#underWay.run(end.signal, async (signal) => {
      const over = AbortSignal.any([signal, end.enough]);
      return await this.#list({ question, credentials, signal, enough: end.enough, over, faults: [] }, from);
    });
  }

  async #list(task: Task, from: Unfinished | undefined): Promise<Listing> {
    const { names, page } = await this.#repositories(task, from);
    const { found, unread } = await this.#tagsOf(names, task);
    const isWhole = page === undefined && unread.length === 0;
    const isCut = task.enough.aborted && !isWhole;
    const all = `${page === undefined ? "" : "more than "}${names.length} repositories`;
    const read = `${names.length - unread.length} of ${all} were read`;
    if (isCut) {
      const told = `there was no time for all of it: ${read}; the next look goes on from there`;
      task.faults.unshift(new ListingFault("Unreachable", told));
    }
    const fault = combined(task.faults, isCut || unread.length < 2 ? "" : ` (${read})`);
    return {
      found,
      ...(fault === undefined ? {} : { fault }),
      ...(isWhole || page === ""
        ? {}
        : { rest: { ...(page === undefined ? {} : { page }), repositories: unread } }),
      stopped: isCut || task.faults.some(({ is }) => is === "RateLimited"),
    };
  }

  /** Ends what is under way and lets go of connections. */
  close(): void {
    this.#underWay.close(new DOMException("the registry lister is closed", "AbortError"));
    this.#closeConnections();
  }

  /** Names that match, and the page that could not be read: an empty one is the first. */
  async #repositories(task: Task, from?: Unfinished): Promise<{ names: string[]; page?: string }> {
    const { question } = task;
    if (!question.catalogue) {
      return { names: question.acceptsRepository(question.repository) ? [question.repository] : [] };
    }
    const names = new Set(from?.repositories.filter(question.acceptsRepository));
    if (from !== undefined && from.page === undefined) return { names: [...names] };
    const prefix = pathOf(question.registry);
    const literal = (prefix + question.repository).split("*")[0];
    const session = this.#session(task, literal.replace(/\/[^/]*$/, ""));
    let page: string | undefined = from?.page ?? "";
    const asked = listsByOwner(session) ? "repositories of an owner" : "repositories";
    await this.#attempt(asked, session, task, async () => {
      const pages = repositories(session, prefix + question.repository, this.#addresses, from?.page);
      for await (const { names: listed, next } of pages) {
        for (const name of listed) {
          if (!name.startsWith(prefix)) continue;
          const own = name.slice(prefix.length);
          if (question.acceptsRepository(own)) names.add(own);
        }
        page = next?.href;
      }
    });
    return { names: [...names].sort(), ...(page === undefined ? {} : { page }) };
  }

  /** The tags of repositories, and those of which not all could be read. */
  async #tagsOf(
    names: readonly string[],
    task: Task,
  ): Promise<{ found: RepositoryTags[]; unread: string[] }> {
    const { question } = task;
    const tagsOf = new Map<string, readonly string[]>();
    const unread = new Set<string>();
    /** Failures in a row: some repositories may be damaged where others are well. */
    let unwell = 0;
    let isLimited = false;
    const one = async (repository: string): Promise<void> => {
      if (isLimited || unwell >= patience || task.enough.aborted) return void unread.add(repository);
      const path = pathOf(question.registry) + repository;
      const session = this.#session(task, path);
      const tags: string[] = [];
      const fault = await this.#attempt("tags", session, task, async () => {
        const request = {
          at: `/v2/${path}/tags/list?n=1000`,
          scope: `repository:${path}:pull`,
          what: `the tags of ${path}`,
          read: namesIn("tags"),
        };
        for await (const page of pagesFrom(session, request)) {
          for (const tag of page.names) if (question.acceptsTag(tag)) tags.push(tag);
        }
      });
      if (tags.length > 0) tagsOf.set(repository, tags);
      if (fault !== undefined) unread.add(repository);
      if (fault?.is === "RateLimited") isLimited = true;
      else if (fault?.is === "Unreachable" || fault?.is === "ServerError") unwell++;
      else unwell = 0;
    };
    const host = hostOf(question.registry);
    const turn = names.values();
    await Promise.all(Array.from({ length: Math.min(atOnceByOne, names.length) }, async () => {
      // All take from the same iterator.
      for (const name of turn) await this.#inTurn(host, task.over, () => one(name));
    }));
    return {
      found: names.flatMap((repository) => {
        const tags = tagsOf.get(repository);
        return tags === undefined ? [] : [{ repository, tags }];
      }),
      unread: names.filter((name) => unread.has(name)),
    };
  }

  async #inTurn<T>(host: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(host) ?? new Turns(this.#clock, this.#gap);
    this.#turns.set(host, turns);
    try {
      return await turns.run(work, signal);
    } finally {
      for (const [each, { idle }] of this.#turns) if (idle) this.#turns.delete(each);
    }
  }

  /** Runs requests; what is wrong with their answers becomes a fault. */
  async #attempt(
    asked: Asked,
    session: ListingSession,
    { signal, enough, faults }: Task,
    work: () => Promise<void>,
  ): Promise<ListingFault | undefined> {
    try {
      signal.throwIfAborted();
      await work();
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      // Told once, for all that is cut off.
      if (enough.aborted) return new ListingFault("Unreachable", "there was no time for it");
      const fault = faultOf(error, asked, session.credential !== undefined);
      faults.push(fault);
      return fault;
    }
  }

  #session({ question: { registry }, credentials, over }: Task, repository: string): ListingSession {
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
      signal: over,
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

/** The first fault speaks for all, and says how much is missing; the longest wait that was asked for counts. */
function combined(faults: readonly ListingFault[], missing: string): ListingFault | undefined {
  const [first] = faults;
  if (first === undefined) return undefined;
  const wait = Math.max(...faults.map(({ retryAfter = 0 }) => retryAfter));
  return new ListingFault(first.is, `${first.message}${missing}`, wait || undefined);
}
