/** Stands for KEDA, as the bench does. */

import type { Resource } from "../../lib/kube/object.ts";
import { autoscalerMaker } from "../bench/autoscalers.ts";
import { bareClient } from "../bench/bare_client.ts";
import { observe } from "../bench/progress.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";

const inferenceServices: Resource = {
  group: "serving.kserve.io",
  version: "v1beta1",
  kind: "InferenceService",
  plural: "inferenceservices",
  namespaced: true,
};

/** An autoscaler that works for each InferenceService which asks for one, until `signal` is aborted. */
export async function playAutoscaler(plane: ControlPlane, signal: AbortSignal): Promise<void> {
  const transport = await bareClient(plane.adminKubeconfig);
  observe(transport, inferenceServices, autoscalerMaker(transport), signal).catch(() => {});
}
