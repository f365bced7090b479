/** `kubectl aim rebind SERVICE`: shows what would come of it, asks, and sets the annotation. The only command that writes. */

import { services } from "../../cluster/kinds.ts";
import type { Transport } from "../../kube/transport.ts";
import { mergePatch } from "../../kube/write.ts";
import { annotation } from "../../operator/naming/labels.ts";
import { Look } from "../cluster/look.ts";
import type { ReadCluster } from "../cluster/read.ts";
import { newWish, type Rebinding, rebindingOf } from "../cluster/rebinding.ts";
import { serviceIn } from "../cluster/service.ts";
import { describeRef } from "../../../controllers/service/resolve/resolved.ts";

/** @throws CommandFault where there is no such service */
export function rebindingOfService(
  cluster: ReadCluster,
  namespace: string,
  name: string,
): Rebinding | undefined {
  const look = new Look(cluster.cache, cluster.at);
  return rebindingOf(serviceIn(cluster, look, namespace, name), look);
}

/** What a user decides about. */
export function rebindPlan(name: string, { from, to, because, pods, download }: Rebinding): string[] {
  return [
    `${name} goes from ${describeRef(from)}`,
    `to ${describeRef(to)}: ${because.replace(/^chosen: /, "")}.`,
    `${pods} pod${pods === 1 ? "" : "s"} will be replaced; ${
      download ?? "nothing"
    } will be downloaded first.`,
  ];
}

/** Sets the annotation to a value that was not there before; the operator does the rest, and tells it as an event. */
export async function askToRebind(transport: Transport, namespace: string, name: string): Promise<void> {
  const annotations = { [annotation.forceRebind]: newWish() };
  await mergePatch(transport, services.resource, { namespace, name }, { metadata: { annotations } }, {
    fieldManager: "kubectl-aim",
  });
}
