/** Health of what serves: the InferenceService and its pods (services.md §11.3). */

import { eventsByUid } from "../../../lib/cluster/indexes.ts";
import { deployments, pods, replicaSets } from "../../../lib/cluster/kinds.ts";
import type { InferenceService, Pod } from "../../../lib/operator/objects.ts";
import { logsOf } from "../../../lib/facts/pod_log.ts";
import { keyOf, type Live } from "../../../lib/kube/object.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { replicaRefusal } from "../../../lib/operator/inspect/deployment.ts";
import { eventsAbout } from "../../../lib/operator/inspect/events.ts";
import { leaving } from "../../../lib/operator/inspect/leaving.ts";
import { inspectInferenceService, isServing } from "../../../lib/operator/inspect/inference_service.ts";
import { inspectPredictorPods, servingPods } from "../../../lib/operator/inspect/pods/predictor_pods.ts";
import { type Rollout, rolloutOf } from "../../../lib/operator/inspect/rollout.ts";
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
const replicaSetsOfInferenceService = replicaSets.index("inference service", byInferenceService);

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
  if (live === undefined) return { ...inspectInferenceService(live, about), follows: "Cache" };
  const gone = leaving("InferenceService", live, about, "CreatingRuntime");
  if (gone !== undefined) return gone;
  const health = inspectInferenceService(live, about, {
    events: view.list(eventsByUid, live.metadata.uid),
    rollout: rolloutFor(live, view),
    serves: isAnswering(live, view),
  });
  // It is not ready because its pods are not: these say why.
  return health.state === "Progressing" ? { ...health, follows: aboutPods.component } : health;
}

/** Whether KServe says that the endpoint answers by its newest spec. */
export function isUp(live: Live<InferenceService>, view: View): boolean {
  return isServing(live, rolloutFor(live, view));
}

/** Whether any pod of the endpoint answers requests, of whatever revision: what `Degraded` is decided by. */
export function isAnswering(live: Live<InferenceService>, view: View): boolean {
  return servingPods(podsOf(live, view)).length > 0;
}

/** The pods of the endpoint, in any state. */
export function podsOf(live: Live<InferenceService>, view: View): readonly Live<Pod>[] {
  return view.list(podsOfInferenceService, keyOfEndpoint(live));
}

function rolloutFor(live: Live<InferenceService>, view: View): Rollout | undefined {
  return rolloutOf(live.spec?.predictor, view.list(replicaSetsOfInferenceService, keyOfEndpoint(live)));
}

function keyOfEndpoint({ metadata }: Live<InferenceService>): string {
  return keyOf(metadata.namespace, metadata.name);
}

/** Health of the pods behind an InferenceService that exists. */
export function podsHealth(live: Live<InferenceService>, view: View): ComponentHealth {
  const key = keyOfEndpoint(live);
  const refusal = replicaRefusal(view.list(deploymentsOfInferenceService, key));
  const rollout = rolloutFor(live, view);
  return inspectPredictorPods(podsOf(live, view), aboutPods, {
    eventsOf: (pod) => eventsAbout(pod, view.list(eventsByUid, (pod as Live<Pod>).metadata.uid)),
    logOf: logsOf(view),
    minReplicas: live.spec?.predictor?.minReplicas ?? 1,
    ...(rollout === undefined ? {} : { isNewest: rollout.isNewest }),
    ...(refusal === undefined ? {} : { refusal }),
  });
}
