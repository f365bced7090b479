/** Waiting for a condition, for tests that must not sleep and hope. */

/**
 * Asks again until the answer is neither false nor undefined nor null, and returns it.
 *
 * @param what completes the sentence "… did not happen", for the error
 * @param check one look; an error counts as "not yet" and is quoted when the time is over
 */
export async function until<T>(
  what: string,
  check: () => Promise<T | false | undefined | null> | T | false | undefined | null,
  { seconds = 60, everyMilliseconds = 50 }: { seconds?: number; everyMilliseconds?: number } = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await check();
      if (answer !== false && answer !== undefined && answer !== null) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMilliseconds));
  }
  throw new Error(`${what}: did not happen within ${seconds} s${last ? ` (${last})` : ""}`, { cause: last });
}
