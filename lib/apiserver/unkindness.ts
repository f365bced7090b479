/**
 * A server that is unkind, by seed: it answers late, answers nothing, refuses for no reason of the client's, drops streams
 * and forgets history. The same seed and the same requests make the same trouble.
 */
import { type Answer, type Answering, type Request, targetOf } from "./request.ts";
import type { ApiServer } from "./server.ts";
import { internalError, Refusal, stale, tooManyRequests } from "./status.ts";

/** How often each trouble comes, as a part of one: 0.05 is every twentieth time. */
export interface Troubles {
  /** 429 with Retry-After; nothing is done. */
  readonly tooManyRequests?: number;
  /** 500 or 503; nothing is done. */
  readonly serverErrors?: number;
  /** 409 for an update or a patch, as if somebody else had been faster; nothing is done. */
  readonly conflicts?: number;
  /** The request is done, and its answer is lost. */
  readonly lostAnswers?: number;
  /** A watch is cut within half a minute. */
  readonly droppedStreams?: number;
  /** A watch is told that its version is forgotten, and so it is, as after a compaction. */
  readonly forgottenVersions?: number;
  /** The longest time that an answer is late, in milliseconds. */
  readonly late?: number;
  /**
   * The longest time that an event of a watch is late, in milliseconds. Each watch keeps its own order, so what is late
   * comes in another order only between kinds.
   */
  readonly lateEvents?: number;
}

export class UnkindServer implements Answering {
  /** @param random numbers in [0, 1), seeded by whoever wants the same trouble again */
  constructor(
    private readonly server: ApiServer,
    private readonly troubles: Troubles,
    private readonly random: () => number,
  ) {}

  /** What was asked is done at once; the answer comes when it comes. */
  handle(request: Request): Promise<Answer | undefined> {
    const answer = this.#answer(request);
    const late = Math.floor((this.troubles.late ?? 0) * this.random());
    if (late === 0) return Promise.resolve(answer);
    return new Promise((resolve) => this.server.cluster.clock.after(late, () => resolve(answer)));
  }

  #answer(request: Request): Answer | undefined {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) return { code: refusal.httpCode, body: refusal.status };
    const answer = this.server.handle(request);
    if ("watch" in answer) this.#trouble(answer.watch);
    else if (request.method !== "GET" && this.#happens(this.troubles.lostAnswers)) return undefined;
    return answer;
  }

  #refusal({ method, path }: Request): Refusal | undefined {
    if (this.#happens(this.troubles.tooManyRequests)) return tooManyRequests(1);
    if (this.#happens(this.troubles.serverErrors)) {
      return this.random() < 0.5
        ? internalError("etcdserver: request timed out")
        : new Refusal(503, "ServiceUnavailable", "the server is currently unable to handle the request");
    }
    const writes = method === "PUT" || method === "PATCH";
    const target = writes ? targetOf(path) : undefined;
    const kind = target && this.server.cluster.kinds.find(target.group, target.version, target.plural);
    if (kind === undefined || target?.name === undefined || !this.#happens(this.troubles.conflicts)) {
      return undefined;
    }
    return stale(kind, target.name);
  }

  #trouble(watch: Extract<Answer, { watch: unknown }>["watch"]): void {
    const { clock } = this.server.cluster;
    watch.delay(clock, () => Math.floor((this.troubles.lateEvents ?? 0) * this.random()));
    if (this.#happens(this.troubles.forgottenVersions)) {
      // Whoever asks for that version again hears the same.
      this.server.cluster.store.forget();
      return watch.fail(new Refusal(410, "Expired", "too old resource version: 1 (2)").status);
    }
    if (!this.#happens(this.troubles.droppedStreams)) return;
    watch.atEnd(clock.after(1 + Math.floor(30_000 * this.random()), () => watch.end()));
  }

  #happens(often = 0): boolean {
    return often > 0 && this.random() < often;
  }
}
