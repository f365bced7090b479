/** What the operator's controllers ask of the outside; a scenario answers it. */

import { discoveryResult } from "../../lib/facts/discovery_result.ts";
import { imageMetadata } from "../../lib/facts/image_metadata.ts";
import { retrySoon } from "../../lib/facts/image_error.ts";
import { podLog, retryOfLog } from "../../lib/facts/pod_log.ts";
import { secretVersion } from "../../lib/facts/secret_version.ts";
import type { Fact } from "../../lib/operator/core/view.ts";
import type { Program } from "./process/simulated_process.ts";

/** Sources as the program has them, less the fetch. */
export const aimFacts: Program["facts"] = [
  { fact: asAny(discoveryResult), timeout: 30_000, freshFor: Infinity, retry: retryOfLog },
  { fact: asAny(podLog), timeout: 10_000, freshFor: Infinity, retry: retryOfLog },
  {
    fact: asAny(imageMetadata),
    timeout: 30_000,
    freshFor: Infinity,
    retry: retrySoon,
  },
  {
    fact: asAny(secretVersion),
    timeout: 10_000,
    freshFor: 30_000,
    retry: { first: 2_000, longest: 60_000 },
  },
];

function asAny<A, F>(fact: Fact<A, F>): Fact<never, unknown> {
  return fact as unknown as Fact<never, unknown>;
}
