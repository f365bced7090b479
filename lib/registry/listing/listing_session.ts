/** Requests for lists, to one registry with one credential: authenticated, counted against its limits, and asked conditionally. */

import { answerChallenge, type Grant } from "../auth/authorization.ts";
import { parseChallenges } from "../auth/challenge.ts";
import type { Credential } from "../auth/credential.ts";
import { addressesOf, type KnownSchemes, sendTo } from "../http/addresses.ts";
import { type Exchange, type HttpAnswer, refusal } from "../http/exchange.ts";
import type { Limits } from "../http/limits.ts";
import type { KeptResults } from "../kept_results.ts";
import { failureOf, type Subject } from "../messages.ts";

/** Bytes of one page, at most. */
const pageLimit = 8 * 1024 * 1024;

/** A page of a list, as it was when its registry gave it that tag. */
export interface KeptPage {
  readonly etag: string;
  readonly names: readonly string[];
  readonly next?: string;
}

/** What is remembered from one listing to the next. All of it is bounded. */
export interface ListingMemory extends KnownSchemes {
  /** By registry, scope and credential. */
  readonly grants: KeptResults<Grant>;
  /** Where a registry sends for tokens, by registry and credential. */
  readonly challenges: KeptResults<string>;
  /** By address and credential. */
  readonly pages: KeptResults<KeptPage>;
  readonly limits: Limits;
}

export interface ListingSessionParts {
  readonly subject: Subject;
  readonly credential: Credential | undefined;
  readonly exchange: Exchange;
  readonly memory: ListingMemory;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What one page says: its names, and where the next one is. */
export interface Page {
  readonly names: readonly string[];
  readonly next?: URL;
}

export interface PageRequest {
  /** Path on the registry, or a whole address. */
  readonly at: string | URL;
  /** For which a token is wanted; without it no credential but `authorization` is shown. */
  readonly scope?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is asked for, e.g. `the tags of org/a`. */
  readonly what: string;
  /** @throws SyntaxError for what is no such page */
  readonly read: (body: unknown, answer: HttpAnswer) => Page;
}

export class ListingSession {
  readonly #parts: ListingSessionParts;

  constructor(parts: ListingSessionParts) {
    this.#parts = parts;
  }

  get subject(): Subject {
    return this.#parts.subject;
  }

  get credential(): Credential | undefined {
    return this.#parts.credential;
  }

  /**
   * One page. A page that has not changed since it was kept costs its registry no body.
   *
   * @throws RegistryError
   */
  async page(request: PageRequest): Promise<Page> {
    const { memory, credential, subject } = this.#parts;
    const key = `${typeof request.at === "string" ? subject.registry + request.at : request.at.href} ${
      credential?.fingerprint ?? ""
    }`;
    const kept = memory.pages.get(key);
    const headers = {
      accept: "application/json",
      ...request.headers,
      ...(kept === undefined ? {} : { "if-none-match": kept.etag }),
    };
    const answer = await this.#ask(request, headers);
    if (answer.status === 304 && kept !== undefined) {
      return { names: kept.names, ...(kept.next === undefined ? {} : { next: new URL(kept.next) }) };
    }
    if (answer.status !== 200) throw refusal(request.what, answer, subject, answer.host);
    const page = this.#read(request, answer);
    const etag = answer.headers.get("etag");
    if (etag !== null && etag.length < 300) {
      const weight = page.names.reduce((sum, name) => sum + name.length + 16, 200);
      memory.pages.set(key, { etag, names: page.names, next: page.next?.href }, weight);
    }
    return page;
  }

  /** Sends JSON to an address outside of the registry, and reads the JSON that comes back. */
  async post(address: URL, json: Readonly<Record<string, unknown>>, what: string): Promise<HttpAnswer> {
    const { exchange, subject, signal } = this.#parts;
    const request = { addresses: [address], headers: {}, json, limit: 1024 * 1024, what };
    return await this.#asked(address.host, what, () => exchange.send(request, subject, signal));
  }

  #read(request: PageRequest, answer: HttpAnswer): Page {
    try {
      return request.read(JSON.parse(new TextDecoder().decode(answer.bytes)), answer);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      const type = answer.headers.get("content-type")?.split(";")[0].slice(0, 60) ?? "no type";
      const isJson = /json/i.test(type);
      const why = isJson ? error.message.slice(0, 120) : `it is of type ${type}`;
      throw failureOf(
        this.#parts.subject,
        "UnexpectedResponse",
        `what ${answer.host} answered for ${request.what} is no such list: ${why}`,
      );
    }
  }

  async #ask(request: PageRequest, headers: Record<string, string>): Promise<HttpAnswer> {
    const { subject } = this.#parts;
    const { scope } = request;
    const isForeign = typeof request.at !== "string" && !isHost(request.at, subject.registry);
    if (scope === undefined || isForeign) return await this.#send(request, headers);
    const shown = await this.#grant(scope);
    const answer = await this.#send(request, withGrant(headers, shown));
    if (answer.status !== 401) return answer;
    const grant = await this.#answered(answer.headers.get("www-authenticate"), scope);
    return grant === undefined ? answer : await this.#send(request, withGrant(headers, grant));
  }

  /** What the registry accepted before, or a token from where it sent for one before. */
  async #grant(scope: string): Promise<Grant | undefined> {
    const { memory, now } = this.#parts;
    for (const key of [this.#key(scope), this.#key("basic")]) {
      const grant = memory.grants.get(key);
      if (grant !== undefined && grant.until > now()) return grant;
    }
    const challenge = memory.challenges.get(this.#key());
    return challenge === undefined ? undefined : await this.#answered(challenge, scope);
  }

  async #answered(header: string | null, scope: string): Promise<Grant | undefined> {
    const { memory, credential, subject, exchange, now, signal } = this.#parts;
    const asker = { subject, repository: "", credential, scope };
    const grant = await answerChallenge(header, asker, exchange, now, signal);
    if (grant === undefined) return undefined;
    memory.grants.set(this.#key(grant.header.startsWith("Basic ") ? "basic" : scope), grant, 1);
    const bearer = parseChallenges(header ?? "").find(({ scheme }) => scheme === "bearer");
    if (bearer !== undefined) memory.challenges.set(this.#key(), withoutScope(bearer.parameters), 1);
    return grant;
  }

  #key(scope = ""): string {
    const { subject, credential } = this.#parts;
    return `${subject.registry} ${scope} ${credential?.fingerprint ?? ""}`;
  }

  async #send({ at, what }: PageRequest, headers: Record<string, string>): Promise<HttpAnswer> {
    const { subject, exchange, memory, signal } = this.#parts;
    const addresses = typeof at === "string" ? addressesOf(subject.registry, at, memory) : [at];
    const { host } = addresses[0];
    const request = { addresses, headers, limit: pageLimit, what };
    return await this.#asked(
      host,
      what,
      () =>
        host === subject.registry
          ? sendTo(host, request, subject, exchange, memory, signal)
          : exchange.send(request, subject, signal),
    );
  }

  #asked(host: string, what: string, send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { memory, credential, subject } = this.#parts;
    return memory.limits.ask(host, credential?.fingerprint ?? "", what, subject, send);
  }
}

function withGrant(headers: Record<string, string>, grant: Grant | undefined): Record<string, string> {
  return grant === undefined ? headers : { ...headers, authorization: grant.header };
}

/** A challenge for any scope: which one is wanted, its asker knows. */
function withoutScope({ realm = "", service }: Readonly<Record<string, string>>): string {
  const text = (value: string) => `"${value.replace(/["\\]/g, "\\$&")}"`;
  return `Bearer realm=${text(realm)}${service === undefined ? "" : `,service=${text(service)}`}`;
}

/** Whether an address is on that host; a port that is its scheme's own may be named or not. */
function isHost(address: URL, host: string): boolean {
  return address.host === new URL(`${address.protocol}//${host}`).host;
}
