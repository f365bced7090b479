/** The service that a command is about, and what the operator's own functions want to know of it. */

import type { AIMService } from "../../api/mod.ts";
import { services } from "../../cluster/kinds.ts";
import { runtimeConfigOf } from "../../cluster/runtime_config.ts";
import type { Live } from "../../kube/object.ts";
import { type Context, contextOf } from "../../../controllers/service/context.ts";
import { notThere } from "../faults.ts";
import type { Look } from "./look.ts";
import type { ReadCluster } from "./read.ts";

/** @throws CommandFault where there is no such service, with the names that come nearest */
export function serviceIn(
  cluster: ReadCluster,
  look: Look,
  namespace: string,
  name: string,
): Live<AIMService> {
  const service = look.get(services, namespace, name);
  if (service === undefined) throw notThere("AIMService", namespace, name, namesIn(cluster, namespace));
  return service;
}

/** Names of the services of a namespace that were read. */
function namesIn({ cache }: ReadCluster, namespace: string): string[] {
  return [...cache.store(services).keys()].filter((key) => key.startsWith(`${namespace}/`))
    .map((key) => key.slice(namespace.length + 1)).sort();
}

/** The service with the runtime config that it goes by. */
export function contextIn(service: Live<AIMService>, look: Look): Context {
  const { metadata: { namespace }, spec } = service;
  const config = runtimeConfigOf(look, "AIMService", namespace, spec?.runtimeConfigName);
  return contextOf(service, config.spec, config.breakTies);
}
