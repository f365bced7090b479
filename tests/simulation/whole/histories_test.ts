/** Random histories; those with even seeds are looked at on the way too. See `histories.ts`. */

import { partOf } from "../../suite/parts.ts";
import { playAll, seedsOfTheRun } from "./histories.ts";

/** So many are one test: a test that takes long says nothing for long, and the suite takes it for one that hangs. */
const atOnce = 250;

const seeds = partOf(import.meta.url, seedsOfTheRun());
for (let from = 0; from < seeds.length; from += atOnce) {
  const some = seeds.slice(from, from + atOnce);
  Deno.test(
    "whatever happens, what the whole operator says is true, it ends as in a calm cluster, and at rest it writes nothing " +
      `(${some.length} seeds from ${some[0]})`,
    () => playAll(some),
  );
}
