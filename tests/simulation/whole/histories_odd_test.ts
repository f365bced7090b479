/** Random histories with odd seeds; see `histories.ts`. */

import { playAll, seedsOf } from "./histories.ts";

Deno.test("whatever happens, the whole operator ends as in a calm cluster; its statuses are true; at rest it writes nothing", () =>
  playAll(seedsOf(1)));
