/** `hunt.ts SEEDS`: plays the first so many histories of the suite, and names the first in which something is wrong. */

import { wrongIn } from "../histories.ts";

for (let seed = 1; seed <= Number(Deno.args[0]); seed++) {
  const [wrong] = await wrongIn(seed);
  if (wrong === undefined) continue;
  console.log(`seed ${seed}: ${wrong}`);
  Deno.exit(0);
}
Deno.exit(1);
