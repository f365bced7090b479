/**
 * Fuzz tests: whatever comes in, a reader returns or throws what it says it throws.
 *
 * AIM_FUZZ_INPUTS says how many inputs a test gets; `deno task nightly` sets it. From 100,000 on each input
 * is timed too: a usual test run asserts no times. AIM_FUZZ_SEED repeats a run.
 */

import assert from "node:assert/strict";
import fc from "fast-check";

/** Inputs of each fuzz test. */
export const fuzzInputs = Number(Deno.env.get("AIM_FUZZ_INPUTS") ?? 2000);

const timed = fuzzInputs >= 100_000;
/** As long as one input may take, in milliseconds. */
const longest = 100;

/** Reads an input and, where inputs are timed, again when it seemed slow, up to five times. */
export function readInTime<Output>(read: () => Output): Output {
  const times: number[] = [];
  for (;;) {
    const began = performance.now();
    const output = read();
    times.push(performance.now() - began);
    if (!timed || times.at(-1)! <= longest) return output;
    // Slow now and then is the machine's fault, slow every time is not.
    assert.ok(times.length < 5, `one input took ${times.map((time) => time.toFixed(0)).join(", ")} ms`);
  }
}

/** Runs `read` on many inputs and `holds` on what comes out. fast-check prints the input that fails. */
export function fuzz<Input, Output>(
  inputs: fc.Arbitrary<Input>,
  read: (input: Input) => Output,
  holds: (output: Output, input: Input) => void,
): void {
  const seed = Deno.env.get("AIM_FUZZ_SEED");
  let count = 0;
  fc.assert(
    fc.property(inputs, (input) => {
      count++;
      holds(readInTime(() => read(input)), input);
    }),
    { numRuns: fuzzInputs, ...(seed !== undefined && { seed: Number(seed) }) },
  );
  assert.equal(count, fuzzInputs);
}

/** Texts made of pieces that matter to a reader, cut and changed at random places. */
export function piecesOf(pieces: readonly string[], whole: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.constantFrom(...pieces);
  const soup = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(""));
  const cut = fc.tuple(fc.constantFrom(...whole), fc.nat(), fc.nat(20), fc.oneof(piece, fc.constant(""))).map(
    ([text, at, length, between]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + between + text.slice(start + length);
    },
  );
  const ended = fc.tuple(fc.constantFrom(...whole), fc.nat()).map(([text, at]) =>
    text.slice(0, at % text.length)
  );
  const repeated = fc.tuple(piece, fc.nat(3000), soup).map(([part, times, tail]) =>
    part.repeat(times) + tail
  );
  return fc.oneof(
    { weight: 4, arbitrary: soup },
    { weight: 4, arbitrary: cut },
    { weight: 2, arbitrary: ended },
    { weight: 1, arbitrary: repeated },
    { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  );
}
