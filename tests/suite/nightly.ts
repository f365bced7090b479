/** `deno task nightly`: long churn, what the histories find of planted faults and the catalogue tests of small ones, storms of events, then both halves of the suite with many more random cases. */

import { fileURLToPath } from "node:url";

/** More cases of every property test. What is set outside wins. */
const runs = {
  /** So many times the cases of `deno task test`. */
  AIM_PROPERTY_RUNS: "40",
  /** Random histories of the whole operator. */
  AIM_HISTORIES: "10000",
  /** Random changes whose plan is compared with what comes. */
  AIM_PLANS: "200",
  /** The same beside an operator that runs. */
  AIM_LIVE_PLANS: "200",
  /** Inputs of each fuzz test, each of them timed. */
  AIM_FUZZ_INPUTS: "100000",
  /** Random objects a kind that the schemas and the API server must agree on. */
  AGREEMENT_RUNS: "1000",
  /** Random catalogues whose smallest changes are carried out. */
  AIM_CATALOGUES: "200",
  /** Random conversations with both API servers, and which. */
  CONVERSATIONS: "3000",
  SEED: String(Date.now() % 1_000_000),
  /** Runs in which the operator is killed at random moments (issue: 30 with printed seeds). */
  AIM_KILL_RUNS: "30",
  /** How often a leader is killed, stopped, frozen and cut off. */
  AIM_LEADER_ROUNDS: "20,10,5,5",
  /** Fleets on which the room for replicas is compared with kube-scheduler (issue: 500). */
  AIM_FIT_FLEETS: "500",
  /** Whether each fault's code must come within 15 s. */
  AIM_CAUSES_IN_TIME: "1",
  /** Rights of the operator that are taken away in turn. */
  AIM_RIGHTS_REMOVED: ".",
  /** Downloads each of whose answers is cut at random bytes. */
  AIM_CUT_SEEDS: "20",
  /** How often each bad hour of the API server is lived through. */
  AIM_HOUR_ROUNDS: "5",
  /** Services that run while the operator goes over to a new build. */
  AIM_UPGRADE_SERVICES: "200",
  /** Waits for what takes a minute by itself: another discovery attempt, a registry that never answers. */
  AIM_PATIENT: "1",
};

/** Runs a program of the tests; returns its exit code. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-check",
      "--frozen",
      fileURLToPath(new URL(program, import.meta.url)),
      ...args,
    ],
    env: { ...runs, ...Deno.env.toObject() },
  }).spawn().status;
  return code;
}

// What is held after fifty thousand operations and the deletion of everything.
const churn = await run("../bench/bench.ts", ["--embedded", "--operations=50000"]);
const planted = await run("../simulation/whole/planted/main.ts", []);
// How many small faults in the rules of selection the catalogue tests find.
const mutation = await run("../mutation/main.ts", []);
// A storm of events, through the seam of the client and from a real API server.
const overload = await run("../bench/overload/main.ts", []);
const suite = await run("main.ts", ["--all", ...Deno.args]);
Deno.exit(churn || planted || mutation || overload || suite);
