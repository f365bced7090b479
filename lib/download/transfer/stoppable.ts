/** Work that ends with what it is part of, and can be ended by itself. */

export interface Stoppable extends Disposable {
  readonly signal: AbortSignal;
  stop(reason: unknown): void;
}

/** A signal that aborts with its parent, or by `stop`. (Signals of `AbortSignal.any` may be collected while a stream waits for one.) */
export function stoppable(parent: AbortSignal): Stoppable {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    stop: (reason) => controller.abort(reason),
    [Symbol.dispose]: () => parent.removeEventListener("abort", follow),
  };
}
