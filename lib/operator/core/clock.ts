/** Time as the runner sees it; tests bring their own. No reconcile ever sees it. */
export interface Clock {
  /** Milliseconds since 1970, as the API server's timestamps count. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Calls `then` once `now()` has reached `at`. Returns what cancels it. */
  schedule(at: number, then: () => void): () => void;
}

/** Longest delay that a timer of the runtime takes (2^31 - 1 ms); later moments are approached in steps. */
const longest = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(at, then) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = () => {
      const left = at - Date.now();
      timer = left <= longest ? setTimeout(then, Math.max(0, left)) : setTimeout(wait, longest);
    };
    wait();
    return () => clearTimeout(timer);
  },
};
