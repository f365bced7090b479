/**
 * Stands for KServe's Deployment and the kubelet: one labelled pod, Running and Ready, for each
 * InferenceService. Two requests a pod by a bare client, so that the bench measures the operator and not a
 * simulated kubelet.
 */

import { Discovery } from "../../lib/kube/discovery.ts";
import { Informer } from "../../lib/kube/informer.ts";
import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { create, patch } from "./bare_client.ts";

const inferenceServices: Resource = {
  group: "serving.kserve.io",
  version: "v1beta1",
  kind: "InferenceService",
  plural: "inferenceservices",
  namespaced: true,
};

/** Makes pods until `signal` is aborted; only in the given namespaces. */
export function makePods(
  transport: Transport,
  namespaces: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Set(namespaces);
  const made = new Set<string>();
  const put = (object: Live<KubeObject>) => {
    const { uid, namespace = "" } = object.metadata;
    if (made.has(uid) || !wanted.has(namespace)) return;
    made.add(uid);
    podOf(transport, object).catch((error) =>
      console.error(`  no pod for ${object.metadata.name}: ${error}`)
    );
  };
  const informer = new Informer<KubeObject>({
    transport,
    discovery: new Discovery(transport),
    resource: inferenceServices,
    sink: { put, replaced: (items) => items.forEach(put), removed: () => {}, uninstalled: () => {} },
  });
  return informer.run(signal);
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
