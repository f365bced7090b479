/** Random histories; those with even seeds are looked at on the way too. See `histories.ts`. */

import { partOf } from "../../suite/parts.ts";
import { playAll, seedsOfTheRun } from "./histories.ts";

Deno.test("whatever happens, what the whole operator says is true, it ends as in a calm cluster, and at rest it writes nothing", () =>
  playAll(partOf(import.meta.url, seedsOfTheRun())));
