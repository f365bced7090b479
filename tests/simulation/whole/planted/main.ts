/** `main.ts [--seeds=N] [WORD]`: plants every fault, or those whose name has the word in it, and names those not found. */

import { parseArgs } from "node:util";
import { suiteSeeds } from "../histories.ts";
import { faults } from "./faults.ts";
import { hunt } from "./plant.ts";

/** In milliseconds, for one fault. */
const patience = 15 * 60_000;

const { values: { seeds }, positionals: [word = ""] } = parseArgs({
  options: { seeds: { type: "string", default: String(suiteSeeds) } },
  allowPositionals: true,
});
const waiting = faults.filter(({ name }) => name.includes(word));
const missed: string[] = [];
await Promise.all([1, 2].map(async () => {
  for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
    const { found, seconds } = await hunt(fault, Number(seeds), patience);
    const how = found !== undefined ? "found" : fault.hidden ? "still hidden" : "NOT FOUND";
    console.log(`${how} ${fault.name} (${seconds.toFixed(0)} s): ${found ?? ""}`);
    if (found === undefined && !fault.hidden) missed.push(fault.name);
  }
}));
console.log(`${missed.length} faults were not found`);
Deno.exit(missed.length === 0 ? 0 : 1);
