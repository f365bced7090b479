/** Every change that `why` prints makes its candidate win, once it is carried out on the objects themselves. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { watchedKinds } from "../../cluster/kinds.ts";
import { cacheHolding } from "../../operator/runner/view_fixture.ts";
import {
  type AnyObject,
  type Catalogue,
  catalogues,
  changed,
  placeAfter,
} from "./random_catalogue_sample.ts";
import { whyOf } from "./why.ts";

const whyIn = ({ namespace, service }: Catalogue, objects: readonly AnyObject[]) =>
  whyOf({ cache: cacheHolding(objects, { kinds: watchedKinds }), unseen: [], at: 0 }, namespace, service);

Deno.test("every smallest change that why prints, carried out, makes its candidate win", () => {
  let tried = 0;
  fc.assert(
    fc.property(catalogues("ml"), (catalogue) => {
      const { candidates } = whyIn(catalogue, catalogue.objects);
      for (const candidate of candidates) {
        if (candidate.status === "chosen") continue;
        assert(candidate.edits!.length > 0 && candidate.winsWith !== "", candidate.name);
        const after = whyIn(catalogue, changed(catalogue, candidate));
        const winner = after.candidates.find(({ status }) => status === "chosen");
        assert.deepEqual(
          [winner?.name, winner?.namespace],
          placeAfter(catalogue, candidate),
          `${candidate.name} does not win with ${candidate.winsWith}: ${after.selection}`,
        );
        tried++;
      }
    }),
    { numRuns: 100 * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1) },
  );
  assert(tried > 100, `only ${tried} changes`);
});
