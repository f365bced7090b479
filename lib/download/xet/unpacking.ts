/** Unpacking beside everything else: compressed weights take a core for it. */

import type { Reply, Request } from "./unpack_worker.ts";

/** Threads that unpack, started when there is something to do. */
export class Unpacking implements Disposable {
  readonly #threads: Thread[] = [];
  readonly #most: number;

  /** @param most threads. By default all cores but the one that downloads, up to two: each takes 10 MB. */
  constructor(most: number = Math.min(2, Math.max(1, navigator.hardwareConcurrency - 1))) {
    this.#most = most;
  }

  /**
   * Unpacks chunks, one behind the other. Both pieces of memory go to a thread and come back in the reply.
   * @throws Error if they are no chunks.
   */
  async unpack(request: Request): Promise<Reply> {
    const reply = await this.#idlest().unpack(request);
    if (reply.fault !== undefined) throw new Error(reply.fault);
    return reply;
  }

  [Symbol.dispose](): void {
    for (const thread of this.#threads) thread.stop();
  }

  #idlest(): Thread {
    const [idlest] = this.#threads.toSorted((a, b) => a.busy - b.busy);
    if (idlest !== undefined && (idlest.busy === 0 || this.#threads.length === this.#most)) return idlest;
    const started = new Thread();
    this.#threads.push(started);
    return started;
  }
}

class Thread {
  readonly #worker = new Worker(new URL("./unpack_worker.ts", import.meta.url), { type: "module" });
  readonly #asked: PromiseWithResolvers<Reply>[] = [];
  #broken: Error | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#asked.shift()!.resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault(); // else it ends the program
      this.#broken = new Error(`the thread that unpacks has ended: ${event.message}`);
      for (const { reject } of this.#asked.splice(0)) reject(this.#broken);
    };
  }

  /** Requests that it has. */
  get busy(): number {
    return this.#asked.length;
  }

  unpack(request: Request): Promise<Reply> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const asked = Promise.withResolvers<Reply>();
    this.#asked.push(asked);
    this.#worker.postMessage(request, [request.packed, request.into]);
    return asked.promise;
  }

  stop(): void {
    this.#worker.terminate();
  }
}
