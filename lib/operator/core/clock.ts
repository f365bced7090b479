/**
 * Time as the runner sees it; tests bring their own. No reconcile ever sees it. Moments that stand in objects are of the
 * clock on the wall, which may be set; how long something lasts or waits is of the monotonic one.
 */
export interface Clock {
  /** Milliseconds since 1970, as the API server's timestamps count. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Calls `then` once `now()` has reached `at`, also where that clock is set. Returns what cancels it. */
  schedule(at: number, then: () => void): () => void;
  /** Calls `then` after so many milliseconds, whatever becomes of `now()`. Returns what cancels it. */
  after(milliseconds: number, then: () => void): () => void;
}

/** A clock that tells the time and wakes at a moment: one side of a {@link Clock}. */
export interface Timeline {
  now(): number;
  schedule(at: number, then: () => void): () => void;
}

/** The monotonic side of a clock. */
export function monotonicOf(clock: Clock): Timeline {
  return {
    now: () => clock.monotonic(),
    schedule: (at, then) => clock.after(at - clock.monotonic(), then),
  };
}

/** Longest delay that a timer of the runtime takes (2^31 - 1 ms). */
const longest = 2_147_483_647;

/** A moment on the wall is approached in steps of this length: the clock may have been set meanwhile. */
const step = 60_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(at, then) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      const left = at - Date.now();
      timer = left <= step ? setTimeout(then, Math.max(0, left)) : setTimeout(wait, step);
    };
    wait();
    return () => clearTimeout(timer);
  },
  after(milliseconds, then) {
    const timer = setTimeout(then, Math.min(Math.max(0, milliseconds), longest));
    return () => clearTimeout(timer);
  },
};
