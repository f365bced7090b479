/** Stands for KEDA: an autoscaler that works for each InferenceService which asks for one. */

import { isStatus } from "../../lib/kube/errors.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { create, patch } from "./bare_client.ts";

/** Makes an autoscaler where KServe would have KEDA make one, and takes it away where it is not wanted any more. */
export function autoscalerMaker(transport: Transport): (inferenceService: Live<KubeObject>) => void {
  const made = new Set<string>();
  return (object) => {
    const { uid, annotations } = object.metadata;
    const wanted = annotations?.["serving.kserve.io/autoscalerClass"] === "keda";
    if (wanted === made.has(uid)) return;
    if (wanted) made.add(uid);
    else made.delete(uid);
    (wanted ? autoscale(transport, object) : remove(transport, object)).catch((error) => {
      // Gone meanwhile, or one of a former InferenceService is still being collected: it is told again.
      if (isStatus(error, 404) || isStatus(error, 409)) made.delete(uid);
      else console.error(`  no autoscaler for ${object.metadata.name}: ${error}`);
    });
  };
}

const pathOf = ({ metadata }: Live<KubeObject>) =>
  `/apis/autoscaling/v2/namespaces/${metadata.namespace}/horizontalpodautoscalers`;
const nameOf = ({ metadata }: Live<KubeObject>) => `keda-hpa-${metadata.name}-predictor`;

async function autoscale(transport: Transport, object: Live<KubeObject>): Promise<void> {
  const { name, namespace, uid, labels } = object.metadata;
  const { minReplicas = 1, maxReplicas = 1 } = (object as unknown as {
    spec?: { predictor?: { minReplicas?: number; maxReplicas?: number } };
  }).spec?.predictor ?? {};
  await create(transport, pathOf(object), {
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
  });
  const condition = (type: string) => ({
    type,
    status: "True",
    reason: "Fine",
    message: "",
    lastTransitionTime: new Date().toISOString(),
  });
  await patch(transport, `${pathOf(object)}/${nameOf(object)}/status`, {
    status: {
      currentReplicas: minReplicas,
      desiredReplicas: minReplicas,
      conditions: [condition("AbleToScale"), condition("ScalingActive")],
    },
  });
}

async function remove(transport: Transport, object: Live<KubeObject>): Promise<void> {
  const path = `${pathOf(object)}/${nameOf(object)}`;
  await transport.performRequest({ method: "DELETE", path, expectJson: true });
}
