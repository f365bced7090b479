/** What answers say about how many requests are left (RateLimit header fields, and GitHub's). Pure. */

/** How long a registry is left alone that says that nothing is left, and not until when. Milliseconds. */
const usualPause = 60_000;

/**
 * Milliseconds for which nothing more may be asked, by the headers of an answer: `ratelimit-remaining: 0;w=21600`,
 * `x-ratelimit-remaining: 0` with `x-ratelimit-reset`. Undefined while something is left.
 */
export function pauseAfter(headers: Headers, now: number): number | undefined {
  const remaining = headers.get("ratelimit-remaining") ?? headers.get("x-ratelimit-remaining");
  if (remaining === null || !/^\s*0+\s*(;|$)/.test(remaining)) return undefined;
  const reset = headers.get("ratelimit-reset") ?? headers.get("x-ratelimit-reset");
  if (reset === null || !/^\s*\d+\s*$/.test(reset)) return usualPause;
  const seconds = Number(reset);
  // A moment, or a number of seconds from now: nobody means a wait of thirty years.
  const wait = seconds > 1_000_000_000 ? seconds * 1000 - now : seconds * 1000;
  return Math.min(Math.max(wait, 1_000), 24 * 60 * 60_000);
}
