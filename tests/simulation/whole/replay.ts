/** Plays one history: `replay.ts SEED [NUMBERS OF ACTIONS]`, and says what is wrong in it. */

import { wrongIn } from "./histories.ts";

const [seed, keep] = Deno.args;
const numbers = keep?.split(",").filter((text) => text !== "").map(Number);
const wrong = await wrongIn(Number(seed), keep === undefined ? undefined : numbers);
console.log(wrong.length === 0 ? "nothing is wrong" : wrong.join("\n"));
Deno.exit(wrong.length === 0 ? 0 : 1);
