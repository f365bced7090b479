/**
 * Work that ends with who asked for it, or with the client that does it. (Deno keeps what `AbortSignal.any` makes at its
 * signals, as long as these last; with a client's own signal each request would take longer than the one before.)
 */
export class WorkUnderWay {
  readonly #stops = new Set<AbortController>();
  #closed: Error | undefined;

  /** Does it with a signal of its own. */
  async run<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const follow = () => stop.abort(signal.reason);
    signal.addEventListener("abort", follow, { once: true });
    this.#stops.add(stop);
    if (signal.aborted) follow();
    if (this.#closed !== undefined) stop.abort(this.#closed);
    try {
      return await work(stop.signal);
    } finally {
      signal.removeEventListener("abort", follow);
      this.#stops.delete(stop);
    }
  }

  /** Ends all of it, and whatever comes later. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const stop of this.#stops) stop.abort(reason);
  }
}
