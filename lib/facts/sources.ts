/** Every source of facts: what the program provides to its controllers. */

import type { Transport } from "../kube/transport.ts";
import type { AnyFactSource } from "../operator/core/facts.ts";
import { discoveryResultSource } from "./discovery_result.ts";
import { podLogSource } from "./pod_log.ts";

export function factSources(transport: Transport): readonly AnyFactSource[] {
  return [podLogSource(transport), discoveryResultSource(transport)];
}
