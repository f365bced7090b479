/** Stands for KEDA: an autoscaler that works for each InferenceService which asks for one. */

import { bareClient } from "../bench/bare_client.ts";
import { observe } from "../bench/progress.ts";
import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";
import { isStatus } from "../../lib/kube/errors.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";

const inferenceServices: Resource = {
  group: "serving.kserve.io",
  version: "v1beta1",
  kind: "InferenceService",
  plural: "inferenceservices",
  namespaced: true,
};

/** Until `signal` is aborted. */
export async function playAutoscaler(plane: ControlPlane, signal: AbortSignal): Promise<void> {
  const transport = await bareClient(plane.adminKubeconfig);
  const follow = follower(transport);
  observe(transport, inferenceServices, follow, signal).catch(() => {});
}

/** Makes an autoscaler where KServe would have KEDA make one, and takes it away where it is not wanted any more. */
export function follower(transport: Transport): (inferenceService: Live<KubeObject>) => void {
  const made = new Set<string>();
  return (object) => {
    const { uid, annotations } = object.metadata;
    const wanted = annotations?.["serving.kserve.io/autoscalerClass"] === "keda";
    if (wanted === made.has(uid)) return;
    if (wanted) made.add(uid);
    else made.delete(uid);
    (wanted ? create(transport, object) : remove(transport, object)).catch((error) => {
      // Gone meanwhile, or left by a former one that is being collected: its end is seen, and told again.
      if (isStatus(error, 404) || isStatus(error, 409)) made.delete(uid);
      else console.error(`  no autoscaler for ${object.metadata.name}: ${error}`);
    });
  };
}

const pathOf = ({ metadata }: Live<KubeObject>) =>
  `/apis/autoscaling/v2/namespaces/${metadata.namespace}/horizontalpodautoscalers`;
const nameOf = ({ metadata }: Live<KubeObject>) => `keda-hpa-${metadata.name}-predictor`;

async function create(transport: Transport, object: Live<KubeObject>): Promise<void> {
  const { name, namespace, uid, labels } = object.metadata;
  const { minReplicas = 1, maxReplicas = 1 } = (object as unknown as {
    spec?: { predictor?: { minReplicas?: number; maxReplicas?: number } };
  }).spec?.predictor ?? {};
  await transport.performRequest({
    method: "POST",
    path: pathOf(object),
    bodyJson: {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: {
        name: nameOf(object),
        namespace,
        labels, // KServe hands its labels on to KEDA's object, and KEDA to the autoscaler
        ownerReferences: [{ apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService", name, uid }],
      },
      spec: {
        minReplicas,
        maxReplicas,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: `${name}-predictor` },
      },
    },
    expectJson: true,
  });
  const condition = (type: string) => ({
    type,
    status: "True",
    reason: "Fine",
    message: "",
    lastTransitionTime: new Date().toISOString(),
  });
  await transport.performRequest({
    method: "PATCH",
    path: `${pathOf(object)}/${nameOf(object)}/status`,
    contentType: "application/merge-patch+json",
    bodyJson: {
      status: {
        currentReplicas: minReplicas,
        desiredReplicas: minReplicas,
        conditions: [condition("AbleToScale"), condition("ScalingActive")],
      },
    },
    expectJson: true,
  });
}

async function remove(transport: Transport, object: Live<KubeObject>): Promise<void> {
  await transport.performRequest({
    method: "DELETE",
    path: `${pathOf(object)}/${nameOf(object)}`,
    expectJson: true,
  });
}
