/**
 * Stands for KServe, its Deployment and the kubelet: one labelled pod, Running and Ready, for each InferenceService,
 * which is Ready then. Three requests by a bare client, so that the bench measures the operator and not those who play
 * the rest: kwok takes two to three times the operator's CPU for it.
 */

import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { gpuNode } from "../control_plane/nodes.ts";
import { create, patch } from "./bare_client.ts";

/** A node that nobody runs, Ready all the same. */
export function benchNode(): Record<string, unknown> {
  const { status, ...node } = gpuNode("bench-node", { model: "MI300X" });
  return { ...node, status: { ...status, conditions: [condition("Ready")] } };
}

/** What makes a pod for each InferenceService of the given namespaces, and says of each generation that it is Ready. */
export function playKserve(
  transport: Transport,
  namespaces: readonly string[],
): (inferenceService: Live<KubeObject>) => void {
  const wanted = new Set(namespaces);
  /** UID → the last generation that was played. */
  const played = new Map<string, number | undefined>();
  return (object) => {
    const { uid, name, namespace = "", generation } = object.metadata;
    if (!wanted.has(namespace) || played.has(uid) && played.get(uid) === generation) return;
    const isNew = !played.has(uid);
    played.set(uid, generation);
    const play = async () => {
      if (isNew) await runPod(transport, object);
      await sayReady(transport, object);
    };
    play().catch((error) => console.error(`  ${name} does not become Ready: ${error}`));
  };
}

async function runPod(transport: Transport, { metadata }: Live<KubeObject>): Promise<void> {
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
      conditions: [condition("Ready")],
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

function sayReady(transport: Transport, { metadata }: Live<KubeObject>): Promise<unknown> {
  const { name, namespace, generation } = metadata;
  return patch(
    transport,
    `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices/${name}/status`,
    {
      status: {
        observedGeneration: generation,
        url: `http://${name}.${namespace}.example.com`,
        conditions: ["IngressReady", "PredictorReady", "Ready"].map(condition),
      },
    },
  );
}

function condition(type: string) {
  return { type, status: "True", lastTransitionTime: new Date().toISOString() };
}
