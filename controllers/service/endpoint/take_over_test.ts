import assert from "node:assert/strict";
import { chooseFor } from "./take_over.ts";

const service = (generation: number, observedGeneration?: number) =>
  ({
    metadata: { name: "s", generation },
    status: observedGeneration === undefined ? {} : { observedGeneration },
    // deno-lint-ignore no-explicit-any
  }) as any;

const plain = [{ name: "own" }];
const rich = [{ name: "own" }, { name: "of-the-template" }];

const rows: readonly (readonly [
  what: string,
  generation: number,
  observed: number | undefined,
  live: unknown,
  wanted: unknown,
])[] = [
  ["AIM Engine's own, never seen by us", 1, undefined, plain, plain],
  ["AIM Engine's own, seen by us, unchanged since", 1, 1, plain, plain],
  ["the user has changed the service since", 2, 1, plain, rich],
  ["made by our rules", 1, 1, rich, rich],
  ["neither: somebody else's change", 1, 1, [], rich],
];
for (const [what, generation, observed, live, wanted] of rows) {
  Deno.test(`spec/README: a take-over restarts nothing: ${what}`, () => {
    assert.deepEqual(chooseFor(service(generation, observed), { live, plain, rich }), wanted);
  });
}
