/**
 * Reading the body of an answer so that an abort is always heard. Deno (2.9) forgets the signal of a `fetch`
 * once its request object is collected, while the body is still being read; so the signal is heard here.
 */

/**
 * Passes a stream on and ends it by `signal`. `failed` makes the error of what broke it; `heard` is called
 * for each chunk.
 */
export function abortable<T>(
  source: ReadableStream<T>,
  signal: AbortSignal | undefined,
  failed: (failure: unknown) => unknown,
  heard: () => void = () => {},
): ReadableStream<T> {
  const reader = source.getReader();
  let stop = () => {};
  let stopped = false;
  const finish = () => {
    stopped = true;
    signal?.removeEventListener("abort", stop);
  };
  return new ReadableStream<T>({
    start(controller) {
      stop = () => {
        finish();
        controller.error(failed(signal!.reason));
        reader.cancel().catch(() => {}); // it may be broken already
      };
      if (signal?.aborted) stop();
      else signal?.addEventListener("abort", stop, { once: true });
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

/** The whole body. Throws the signal's reason, or what `fetch` throws. */
export async function wholeBody(response: Response, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const reader = response.body.getReader();
  const stop = () => void reader.cancel().catch(() => {}); // it may be broken already
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return joined(chunks);
      chunks.push(value);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
