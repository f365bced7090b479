/** Fuzzing of parsers: many inputs, each may end only as the parser says. */

import assert from "node:assert/strict";
import fc from "fast-check";

/** Inputs for each parser; `deno task nightly` sets more. */
const inputs = Number(Deno.env.get("AIM_FUZZ_INPUTS") ?? 2_000);

/** Milliseconds that no input may take; looked at only in the long run, where one odd measurement is repeated. */
const hang = 100;

/**
 * Runs `check` on many inputs. It throws when the parser ends otherwise than it may. With `AIM_FUZZ_INPUTS`
 * set, an input that takes more than 100 ms, three times in a row, fails too.
 */
export function fuzz<T>(arbitrary: fc.Arbitrary<T>, check: (input: T) => void): void {
  const isMeasured = Deno.env.has("AIM_FUZZ_INPUTS");
  fc.assert(
    fc.property(arbitrary, (input) => {
      if (!isMeasured) return check(input);
      const took = (): number => {
        const began = performance.now();
        check(input);
        return performance.now() - began;
      };
      assert.ok(took() < hang || took() < hang || took() < hang, `it takes more than ${hang} ms`);
    }),
    { numRuns: inputs },
  );
}

/** Texts joined from these pieces and any other text. */
export function pieced(pieces: readonly string[], most = 12): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...pieces) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 5 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2_000 }).map((count) => "a-".repeat(count)) },
  );
  return fc.array(piece, { maxLength: most }).map((parts) => parts.join(""));
}
