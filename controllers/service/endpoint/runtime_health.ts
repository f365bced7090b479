/** Health of what serves: the InferenceService and its pods (services.md §11.3). */

import { eventsByUid } from "../../../lib/cluster/indexes.ts";
import { deployments, pods } from "../../../lib/cluster/kinds.ts";
import type { InferenceService, Pod } from "../../../lib/cluster/objects.ts";
import { logsOf } from "../../../lib/facts/pod_log.ts";
import { keyOf, type Live } from "../../../lib/kube/object.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { replicaRefusal } from "../../../lib/operator/inspect/deployment.ts";
import { eventsAbout } from "../../../lib/operator/inspect/events.ts";
import { inspectInferenceService } from "../../../lib/operator/inspect/inference_service.ts";
import { inspectPods } from "../../../lib/operator/inspect/pods.ts";
import { label } from "../../../lib/operator/naming/labels.ts";
import { formerOwner, type OwnedChild } from "./names.ts";
import type { View } from "../../../lib/operator/core/view.ts";

const byInferenceService = (
  object: { metadata?: { namespace?: string; labels?: Record<string, string> } },
) => {
  const name = object.metadata?.labels?.[label.inferenceService];
  return name === undefined ? [] : [keyOf(object.metadata?.namespace, name)];
};
const podsOfInferenceService = pods.index("inference service", byInferenceService);
const deploymentsOfInferenceService = deployments.index("inference service", byInferenceService);

const about = { component: "InferenceService", dependency: "Downstream" } as const;
const aboutPods = { component: "InferenceServicePods", dependency: "none" } as const;

/** Health of the InferenceService, present or not. */
export function inferenceServiceHealth(
  { live, installed, blocked, name }: OwnedChild<InferenceService>,
  view: View,
): ComponentHealth {
  if (blocked) return formerOwner(about, `InferenceService ${name}`);
  if (!installed) {
    return failing(about, {
      category: "MissingDownstream",
      reason: "KServeNotInstalled",
      message: "KServe (serving.kserve.io/v1beta1) is not installed; the endpoint follows once it is",
    });
  }
  // One that is not made yet waits for the cache: what the cache says is the cause.
  if (live === undefined) return { ...inspectInferenceService(live, about, []), follows: "Cache" };
  return inspectInferenceService(live, about, view.list(eventsByUid, live.metadata.uid));
}

/** Health of the pods behind an InferenceService that exists. */
export function podsHealth(live: Live<InferenceService>, view: View): ComponentHealth {
  const key = keyOf(live.metadata.namespace, live.metadata.name);
  const refusal = replicaRefusal(view.list(deploymentsOfInferenceService, key));
  return inspectPods(view.list(podsOfInferenceService, key), aboutPods, {
    eventsOf: (pod) => eventsAbout(pod, view.list(eventsByUid, (pod as Live<Pod>).metadata.uid)),
    logOf: logsOf(view),
    predictor: { minReplicas: live.spec?.predictor?.minReplicas ?? 1 },
    ...(refusal === undefined ? {} : { refusal }),
  });
}
