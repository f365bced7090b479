/** `hunt.ts SEEDS`: plays the first so many histories of the suite, and names the first in which something is wrong. */

import { wrongIn } from "../histories.ts";

for (let seed = 1; seed <= Number(Deno.args[0]); seed++) {
  const wrong = await firstWrongIn(seed);
  if (wrong === undefined) continue;
  console.log(`seed ${seed}: ${wrong}`);
  Deno.exit(0);
}
Deno.exit(1);

/** What a history throws is a find too. */
async function firstWrongIn(seed: number): Promise<string | undefined> {
  try {
    return (await wrongIn(seed))[0];
  } catch (error) {
    return `thrown: ${error instanceof Error ? error.message : error}`;
  }
}
