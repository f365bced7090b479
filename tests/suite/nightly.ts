/** `deno task nightly`: the suite of `deno task test`, with many more random cases. */

import { fileURLToPath } from "node:url";

/** More cases of every property test. What is set outside wins. */
const runs = {
  /** So many times the cases of `deno task test`. */
  AIM_PROPERTY_RUNS: "20",
  /** Inputs for each parser that is fuzzed; each is looked at for hanging too. */
  AIM_FUZZ_INPUTS: "100000",
  /** Random objects a kind that the schemas and the API server must agree on. */
  AGREEMENT_RUNS: "1000",
  /** Runs in which the operator is killed at random moments (issue: 30 with printed seeds). */
  AIM_KILL_RUNS: "30",
};

const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["run", "--allow-all", fileURLToPath(new URL("main.ts", import.meta.url)), ...Deno.args],
  env: { ...runs, ...Deno.env.toObject() },
}).spawn().status;
Deno.exit(code);
