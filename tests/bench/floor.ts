/**
 * The floor: the writes that a service needs until it runs, sent blindly by a bare client to the same API
 * server, as fast as it takes them. Nobody waits for anything; what is left is the price of the writes.
 */

import type { Transport } from "../../lib/kube/transport.ts";
import { create, inParallel, patch } from "./bare_client.ts";
import { floorNamespaces, namespacedPath } from "./scenario.ts";

/** What one service cost in the measured run, as bodies to send again for another name. */
export interface Bodies {
  readonly inferenceService: Record<string, unknown>;
  /** The last status, as a whole. */
  readonly status: Record<string, unknown>;
  readonly events: number;
}

/** Sends all writes for `count` services and returns the seconds that took. */
export async function floor(transport: Transport, count: number, bodies: Bodies): Promise<number> {
  const began = performance.now();
  await inParallel(Array.from({ length: count }, (_, n) => n), (n) => serviceOf(transport, n, bodies));
  return (performance.now() - began) / 1000;
}

async function serviceOf(transport: Transport, n: number, bodies: Bodies): Promise<void> {
  const namespace = floorNamespaces[n % floorNamespaces.length];
  const name = `floor-${n}`;
  const apiVersion = "aim.eai.amd.com/v1alpha1";
  const services = namespacedPath(namespace, "aimservices");
  const metadata = { name, namespace, annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } };
  const made = await create(transport, services, {
    apiVersion,
    kind: "AIMService",
    metadata,
    spec: { model: { name: "bench-model" }, replicas: 1 },
  }) as { metadata: { uid: string } };
  await patch(transport, `${services}/${name}`, {
    metadata: { finalizers: ["aim.eai.amd.com/template-cache-cleanup"] },
  });
  const { status: word, ...rest } = bodies.status;
  await patch(transport, `${services}/${name}/status`, { status: { ...rest, status: "Starting" } });
  const path = `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices/${name}`;
  await patch(transport, path, {
    ...bodies.inferenceService,
    metadata: {
      ...bodies.inferenceService.metadata as Record<string, unknown>,
      name,
      namespace,
      ownerReferences: [{ apiVersion, kind: "AIMService", name, uid: made.metadata.uid, controller: true }],
    },
  }, { contentType: "application/apply-patch+yaml", query: { fieldManager: "floor", force: "true" } });
  await patch(transport, `${services}/${name}/status`, { status: { ...rest, status: word } });
  for (let i = 0; i < bodies.events; i++) {
    await create(transport, `/api/v1/namespaces/${namespace}/events`, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion, kind: "AIMService", name, namespace, uid: made.metadata.uid },
      type: "Normal",
      reason: "Created",
      message: "An event about as long as those that the operator writes about a service and its child",
      source: { component: "floor" },
    });
  }
}
