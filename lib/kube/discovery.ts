import { delay } from "./backoff.ts";
import { isStatus } from "./errors.ts";
import { apiVersionOf, type Resource } from "./object.ts";
import type { Transport } from "./transport.ts";

interface ResourceList {
  resources?: { name: string }[];
}

/**
 * Knows which kinds the API server serves. Every authenticated user may ask; no right on CRDs is needed.
 * Answers are kept for `everyMilliseconds`; asked anew only while somebody waits for a kind that is
 * missing, one small request per missing group and version.
 */
export class Discovery {
  readonly #transport: Transport;
  readonly #everyMilliseconds: number;
  /** Whether lists are asked for as streams (`sendInitialEvents`): until the server refuses the first one. */
  streamsLists = true;
  readonly #answers = new Map<string, { at: number; plurals: Promise<ReadonlySet<string>> }>();

  constructor(transport: Transport, everyMilliseconds = 30_000) {
    this.#transport = transport;
    this.#everyMilliseconds = everyMilliseconds;
  }

  /**
   * Whether the API server serves this kind in this version.
   * @throws ApiError, NetworkError if it cannot be asked.
   */
  async serves(resource: Resource): Promise<boolean> {
    const groupVersion = apiVersionOf(resource);
    const known = this.#answers.get(groupVersion);
    if (known !== undefined && performance.now() - known.at < this.#everyMilliseconds) {
      return (await known.plurals).has(resource.plural);
    }
    const plurals = this.#ask(resource);
    this.#answers.set(groupVersion, { at: performance.now(), plurals });
    plurals.catch(() => this.#answers.delete(groupVersion)); // a failure is no answer
    return (await plurals).has(resource.plural);
  }

  /** Drops what is known of the kind's group and version, after a request found it to be wrong. */
  forget(resource: Resource): void {
    this.#answers.delete(apiVersionOf(resource));
  }

  /** Resolves once the kind is served; asks now and then until it is. Rejects only by `signal`. */
  async served(resource: Resource, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const found = await this.serves(resource).catch(() => false);
      signal?.throwIfAborted();
      if (found) return;
      await delay(this.#millisecondsUntilAskedAgain(resource), signal);
    }
  }

  /** All who wait for one group and version wake together and share the next answer. */
  #millisecondsUntilAskedAgain(resource: Resource): number {
    const askedAt = this.#answers.get(apiVersionOf(resource))?.at ?? performance.now();
    return Math.max(1, askedAt + this.#everyMilliseconds - performance.now());
  }

  async #ask(resource: Resource): Promise<ReadonlySet<string>> {
    const path = resource.group === "" ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
    try {
      const answer = await this.#transport.performRequest({
        method: "GET",
        path,
        expectJson: true,
        abortSignal: AbortSignal.timeout(15_000),
      }) as ResourceList;
      return new Set((answer.resources ?? []).map((entry) => entry.name));
    } catch (failure) {
      if (isStatus(failure, 404)) return new Set();
      throw failure;
    }
  }
}
