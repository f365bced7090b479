/** The neighbours of an operator, on a cluster in memory: everything that moves there but the operator itself. */

import { realClock } from "../apiserver/clock.ts";
import type { ApiServer } from "../apiserver/server.ts";
import { shelfOf } from "../apiserver/kinds/kind.ts";
import { type BehaviourOf, type BoundPod, usual } from "./kubelet/behaviour.ts";
import { kubelet, nodeController, podCollector } from "./kubelet/kubelet.ts";
import { InMemoryCluster } from "./in_memory.ts";
import { namespaceController } from "./namespaces.ts";
import { quotaController } from "./quotas.ts";
import { endpointSliceController } from "./network/endpoint_slices.ts";
import { gatewayController } from "./network/routes.ts";
import { Surroundings, type SurroundingsOptions } from "./run.ts";
import { scheduler } from "./scheduling/scheduler.ts";
import { autoscalerController, keda } from "./serving/autoscalers.ts";
import { kserve } from "./serving/kserve.ts";
import { claimController, volumeController } from "./storage/claims.ts";
import { deploymentController } from "./workloads/deployments.ts";
import { jobController, jobPodCollector } from "./workloads/jobs.ts";
import { replicaSetController } from "./workloads/replica_sets.ts";
import type { Controller } from "./controller.ts";
import { pods } from "./resources.ts";

export { defaultStorageClass, defaultStorageClassName } from "./storage/default_class.ts";
export { neighbourDefinitions } from "./crds/definitions.ts";

export interface NeighbourOptions extends SurroundingsOptions {
  /** What pods do; undefined leaves it to their owner's kind: those of Jobs succeed, others serve. */
  readonly behaviourOf?: BehaviourOf;
  /** Pods that something else runs: a node agent with real processes. */
  readonly runsElsewhere?: (pod: BoundPod) => boolean;
  /** What signed the API server's certificate, as PEM, for pods that speak with it. */
  readonly certificateAuthority?: string;
}

/** All neighbours on a cluster in memory. Whoever drives its clock settles them; see {@link Surroundings}. */
export function neighboursOf(server: ApiServer, options: NeighbourOptions = {}): Surroundings {
  const { behaviourOf, runsElsewhere = () => false, certificateAuthority } = options;
  const controllers = [
    namespaceController(certificateAuthority),
    quotaController,
    nodeController,
    kubelet({
      behaviourOf: behaviourOf && withLogs(server, behaviourOf),
      runs: (pod) => !runsElsewhere(pod),
    }),
    podCollector,
    scheduler,
    claimController,
    volumeController,
    replicaSetController,
    deploymentController,
    jobController,
    jobPodCollector,
    kserve,
    keda,
    autoscalerController,
    endpointSliceController,
    gatewayController,
  ] as Controller[];
  return new Surroundings(new InMemoryCluster(server), controllers, options);
}

/** The same behaviours, whose logs the API server has as long as their pods are there. */
function withLogs({ cluster: { logs, store } }: ApiServer, behaviourOf: BehaviourOf): BehaviourOf {
  store.listen(shelfOf(pods), ({ type, object }) => {
    if (type === "DELETED") logs.delete(object.metadata.uid);
  });
  return (pod) => {
    const behaviour = behaviourOf(pod) ?? usual(pod);
    const log = "log" in behaviour ? behaviour.log : undefined;
    if (log !== undefined) logs.set(pod.metadata!.uid!, typeof log === "string" ? log : [...log()].join(""));
    return behaviour;
  };
}

/** Lets the neighbours work as soon as they have something to do, in pieces, so that requests are answered between. */
export function inTheBackground(server: ApiServer, options: NeighbourOptions = {}): Surroundings {
  let scheduled = false;
  const work = () => {
    scheduled = false;
    neighbours.settle(200);
    if (!neighbours.isSettled) schedule();
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    realClock.after(0, work);
  };
  const neighbours: Surroundings = neighboursOf(server, { ...options, queued: schedule });
  schedule();
  return neighbours;
}
