/** Random histories with even seeds, which are looked at on the way too; see `histories.ts`. They run beside the odd ones. */

import { playAll, seedsOf } from "./histories.ts";

Deno.test("whatever happens, what the whole operator says on the way is true, and it ends as in a calm cluster", () =>
  playAll(seedsOf(2)));
