/**
 * What is taken for granted of the operator's neighbours in a rehearsal: claims are bound, downloads end well, what is
 * deleted goes. What only a run would tell (the size of weights, what an image prints) nobody makes up: those Jobs never end.
 * KServe and the schedulers are not played: what they make of an endpoint is theirs.
 */

import type { ApiServer } from "../../apiserver/server.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import { label } from "../../operator/naming/labels.ts";
import type { InferenceService, Job, PersistentVolumeClaim, Pod } from "../../operator/objects.ts";
import { type Controller, seconds, type Write } from "../../surroundings/controller.ts";
import { InMemoryCluster } from "../../surroundings/in_memory.ts";
import { claims, inferenceServices, jobs, pods } from "../../surroundings/resources.ts";
import { Surroundings, type SurroundingsOptions } from "../../surroundings/run.ts";
import { claimController, defaultClass } from "../../surroundings/storage/claims.ts";

const binding: Controller<Live<PersistentVolumeClaim>> = {
  ...claimController as unknown as Controller<Live<PersistentVolumeClaim>>,
  reconcile(claim, view) {
    if (claim.metadata.deletionTimestamp !== undefined) {
      return claimController.reconcile(claim as never, view);
    }
    if (claim.status?.phase !== undefined && claim.status.phase !== "Pending") return [];
    const storageClassName = claim.spec?.storageClassName ?? defaultClass(view);
    if (storageClassName !== claim.spec?.storageClassName) {
      const spec = { ...claim.spec, storageClassName };
      return [{ update: { ...claim, spec } as Live<KubeObject>, resource: claims }];
    }
    const { accessModes, resources } = claim.spec ?? {};
    const capacity = { storage: resources?.requests?.storage };
    return [{
      updateStatus: { ...claim, status: { phase: "Bound", accessModes, capacity } } as Live<KubeObject>,
      resource: claims,
    }];
  },
};

const downloading: Controller<Live<Job>> = {
  name: "job-controller",
  resource: jobs,
  reconcile(job, view) {
    const { metadata: { labels, deletionTimestamp }, status } = job;
    const isOver = status?.conditions?.some(({ type, status }) =>
      ["Complete", "Failed"].includes(type) && status === "True"
    );
    if (labels?.[label.component] !== "download" || deletionTimestamp !== undefined || isOver) return [];
    const now = seconds(view.now());
    const end = { status: "True", reason: "CompletionsReached", message: "", lastTransitionTime: now };
    const conditions = ["SuccessCriteriaMet", "Complete"].map((type) => ({ type, ...end }));
    const startTime = status?.startTime ?? now;
    return [{
      updateStatus: {
        ...job,
        status: { conditions, startTime, completionTime: now, succeeded: 1 },
      } as Live<KubeObject>,
      resource: jobs,
    }];
  },
};

const podsGoing: Controller<Live<Pod>> = {
  name: "kubelet",
  resource: pods,
  reconcile: (pod) => going(pod, pods, () => false),
};

const endpointsGoing: Controller<Live<InferenceService>> = {
  name: "kserve",
  resource: inferenceServices,
  reconcile: (endpoint) =>
    going(endpoint, inferenceServices, (finalizer) => finalizer.startsWith("aim.eai.amd.com/")),
};

/** Lets what is being deleted go, but for finalizers that are the operator's own. */
function going(
  object: Live<KubeObject>,
  resource: Controller["resource"],
  stays: (finalizer: string) => boolean,
): Write[] {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined) return [];
  const left = finalizers.filter(stays);
  return [
    ...(left.length === finalizers.length
      ? []
      : [{ update: { ...object, metadata: { ...object.metadata, finalizers: left } }, resource }]),
    ...(resource === pods ? [{ delete: object, resource, gracePeriodSeconds: 0 }] : []),
  ];
}

/** Whoever drives the server's clock settles them; see {@link Surroundings}. */
export function assumedNeighbours(server: ApiServer, options: SurroundingsOptions): Surroundings {
  const all = [binding, downloading, podsGoing, endpointsGoing] as unknown as Controller[];
  const { kinds } = server.cluster;
  const served = all.filter(({ resource: { group, version, plural } }) => kinds.find(group, version, plural));
  return new Surroundings(new InMemoryCluster(server), served, options);
}
