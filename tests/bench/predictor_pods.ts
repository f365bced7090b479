/**
 * Stands for KServe's Deployment and the kubelet: one labelled pod, Running and Ready, for each
 * InferenceService. Two requests a pod by a bare client, so that the bench measures the operator and not a
 * simulated kubelet.
 */

import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { create, patch } from "./bare_client.ts";

/** What makes a pod for each InferenceService of the given namespaces. */
export function podMaker(
  transport: Transport,
  namespaces: readonly string[],
): (inferenceService: Live<KubeObject>) => void {
  const wanted = new Set(namespaces);
  return (object) => {
    if (!wanted.has(object.metadata.namespace ?? "")) return;
    podOf(transport, object).catch((error) =>
      console.error(`  no pod for ${object.metadata.name}: ${error}`)
    );
  };
}

async function podOf(transport: Transport, { metadata }: Live<KubeObject>): Promise<void> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods`;
  const name = `${metadata.name}-predictor-0`;
  await create(transport, path, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: metadata.namespace,
      labels: { "serving.kserve.io/inferenceservice": metadata.name, component: "predictor" },
      ownerReferences: [{
        apiVersion: "serving.kserve.io/v1beta1",
        kind: "InferenceService",
        name: metadata.name,
        uid: metadata.uid,
      }],
    },
    spec: { containers: [{ name: "kserve-container", image: "registry.example.com/bench/model:1.0" }] },
  });
  await patch(transport, `${path}/${name}/status`, {
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: new Date().toISOString() }],
      containerStatuses: [{
        name: "kserve-container",
        ready: true,
        restartCount: 0,
        image: "registry.example.com/bench/model:1.0",
        imageID: "",
        state: { running: { startedAt: new Date().toISOString() } },
      }],
    },
  });
}
