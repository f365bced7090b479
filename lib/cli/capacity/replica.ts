/** One replica of a service, or of a template without a service: its pod as the operator and KServe make it. */

import type { Container, Pod } from "kubernetes-types/core/v1";
import type { AIMService } from "../../api/mod.ts";
import {
  apiVersion,
  bytesQuantity,
  formatQuantity,
  isQuantity,
  parseQuantity,
  wholeUnits,
} from "../../api/mod.ts";
import type { Live } from "../../kube/object.ts";
import { headroomPercent } from "../../operator/runtime_config.ts";
import { isReady } from "../../operator/status/status_words.ts";
import { hasEnded } from "../../surroundings/workloads/pods_of_template.ts";
import { claimBytes } from "../../../controllers/artifact/size.ts";
import { affinityFor } from "../../../controllers/service/endpoint/affinity.ts";
import { inferenceServiceSlot } from "../../../controllers/service/endpoint/names.ts";
import { containerResources } from "../../../controllers/service/endpoint/resources.ts";
import { findCache } from "../../../controllers/service/cache/template_cache.ts";
import {
  refOf,
  type ResolvedModel,
  type ResolvedTemplate,
} from "../../../controllers/service/resolve/resolved.ts";
import type { Look } from "../cluster/look.ts";
import { contextIn } from "../cluster/service.ts";
import { CommandFault } from "../faults.ts";

/** What one replica asks for. */
export interface Replica {
  readonly pod: Pod;
  /** What has to be stored first; nothing where the weights are cached already, or their size is not known. */
  readonly claims: readonly Claim[];
  /** Whether some size is not known. */
  readonly sizeUnknown: boolean;
}

export interface Claim {
  readonly size: string;
  readonly bytes: number;
  /** Empty: the cluster's default. */
  readonly storageClass: string;
}

/** A service as one would write it for a template. */
export function serviceFor(namespace: string, template: ResolvedTemplate): Live<AIMService> {
  const { name } = template.object.metadata;
  const { modelName = "" } = template.object.spec ?? {};
  return {
    apiVersion,
    kind: "AIMService",
    metadata: { name, namespace, uid: "", resourceVersion: "" },
    spec: { model: { name: modelName }, template: { name } },
  } as Live<AIMService>;
}

/**
 * @param running its own pods: a new one is as they are
 * @throws CommandFault where the operator would make none
 */
export function replicaOf(
  service: Live<AIMService>,
  model: ResolvedModel,
  template: ResolvedTemplate,
  running: readonly Pod[],
  look: Look,
): Replica {
  const context = contextIn(service, look);
  const { namespace, name } = service.metadata;
  const live = inferenceServiceSlot(service, look).child?.live;
  const { resources, error } = containerResources(
    context,
    template,
    model,
    live?.spec?.predictor?.containers?.[0]?.resources,
  );
  if (error !== undefined) throw new CommandFault(error.message);
  const nodeAffinity = affinityFor(template, live);
  const container = { name: "kserve-container", image: model.object.spec?.image, resources } as Container;
  const newest = running.filter((pod) => !hasEnded(pod)).toSorted((a, b) => createdAt(b) - createdAt(a))[0];
  const spec = newest?.spec === undefined
    ? { containers: [container], ...(nodeAffinity && { affinity: { nodeAffinity } }) }
    : { ...newest.spec, nodeName: undefined };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${name}-next`, namespace, labels: newest?.metadata?.labels },
    spec,
  } as Pod;
  return { pod, ...claimsFor(service, template, look) };
}

const createdAt = ({ metadata }: Pod) => Date.parse(String(metadata?.creationTimestamp ?? "")) || 0;

/** The volumes for the weights, where no cache of the template is Ready. */
function claimsFor(
  service: Live<AIMService>,
  template: ResolvedTemplate,
  look: Look,
): Pick<Replica, "claims" | "sizeUnknown"> {
  if (isReady(findCache(service, refOf(template), look))) return { claims: [], sizeUnknown: false };
  const { config } = contextIn(service, look);
  const percent = service.spec?.storage?.pvcHeadroomPercent ?? headroomPercent(config);
  const storageClass = service.spec?.storage?.defaultStorageClassName ??
    config?.storage?.defaultStorageClassName ?? "";
  const sources = template.object.status?.modelSources ?? template.object.spec?.modelSources ?? [];
  const sizes = sources.map(({ size }) => isQuantity(size) ? wholeUnits(parseQuantity(size)) : 0n);
  const claims = sizes.filter((size) => size > 0n).map((size): Claim => {
    const bytes = claimBytes(size, percent);
    return { size: formatQuantity(bytesQuantity(bytes)), bytes: Number(bytes), storageClass };
  });
  return { claims, sizeUnknown: claims.length < sources.length || sources.length === 0 };
}
