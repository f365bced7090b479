/**
 * Reading the body of an answer so that an abort is always heard. Deno (2.9) forgets the signal of a `fetch`
 * once its request object is collected, while the body is still being read; so the signal is heard here.
 */

/**
 * Passes a stream on and ends it by any of the signals. (Not by one of `AbortSignal.any`: Deno keeps at a signal what
 * that makes of it, and the signal of a connection has many streams.) `failed` makes the error of what broke it; `heard` is called
 * for each chunk.
 */
export function abortable<T>(
  source: ReadableStream<T>,
  signals: readonly AbortSignal[],
  failed: (failure: unknown) => unknown,
  heard: () => void = () => {},
): ReadableStream<T> {
  const reader = source.getReader();
  let stop = () => {};
  let stopped = false;
  const finish = () => {
    stopped = true;
    for (const signal of signals) signal.removeEventListener("abort", stop);
  };
  return new ReadableStream<T>({
    start(controller) {
      stop = () => {
        finish();
        controller.error(failed(signals.find(({ aborted }) => aborted)!.reason));
        reader.cancel().catch(() => {}); // it may be broken already
      };
      if (signals.some(({ aborted }) => aborted)) return stop();
      for (const signal of signals) signal.addEventListener("abort", stop, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (stopped) return;
        heard();
        if (!done) return controller.enqueue(value);
        finish();
        controller.close();
      } catch (failure) {
        if (stopped) return;
        finish();
        controller.error(failed(failure));
      }
    },
    cancel(reason) {
      finish();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/**
 * What `work` resolves to, unless `signal` is aborted before: then its reason is thrown. The work itself is
 * not stopped by that.
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
