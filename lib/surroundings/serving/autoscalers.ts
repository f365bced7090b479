/**
 * KEDA, as far as it concerns us: an autoscaler for each InferenceService that asks for one, and as many replicas of its
 * Deployment as it says. Nothing measures a load here: it asks for the fewest.
 */

import type { Deployment } from "kubernetes-types/apps/v1";
import type { HorizontalPodAutoscaler } from "kubernetes-types/autoscaling/v2";
import { equalJson } from "../../kube/json/equal.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import {
  byController,
  condition,
  controlled,
  type Controller,
  controllerReference,
  seconds,
  type View,
  type Write,
} from "../controller.ts";
import { autoscalers, deployments, inferenceServices } from "../resources.ts";
import { type LiveInferenceService, scalesItself } from "./kserve.ts";

type LiveAutoscaler = Live<KubeObject> & HorizontalPodAutoscaler;

const autoscalersByController = byController(autoscalers);

export const keda: Controller<LiveInferenceService> = {
  name: "keda-operator",
  resource: inferenceServices,
  watches: [controlled(autoscalers, "InferenceService")],
  reconcile(object, view) {
    const [there] = view.by<LiveAutoscaler>(autoscalersByController, object.metadata.uid);
    const wanted = scalesItself(object) && object.metadata.deletionTimestamp === undefined &&
      object.metadata.annotations?.["serving.kserve.io/stop"] !== "true";
    if (!wanted) return there === undefined ? [] : [{ delete: there, resource: autoscalers }];
    const { minReplicas = 1, maxReplicas = 1 } = object.spec?.predictor ?? {};
    const spec = {
      minReplicas: Math.max(1, minReplicas),
      maxReplicas: Math.max(1, minReplicas, maxReplicas),
      scaleTargetRef: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: `${object.metadata.name}-predictor`,
      },
    };
    if (there !== undefined) {
      const same = there.spec?.minReplicas === spec.minReplicas &&
        there.spec.maxReplicas === spec.maxReplicas;
      return same ? [] : [{
        update: { ...there, spec: { ...there.spec, ...spec } } as LiveAutoscaler,
        resource: autoscalers,
      }];
    }
    return [{
      create: {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: {
          name: `keda-hpa-${object.metadata.name}-predictor`,
          namespace: object.metadata.namespace,
          labels: { ...object.metadata.labels },
          ownerReferences: [controllerReference(object, inferenceServices)],
        },
        spec,
      } as KubeObject,
      resource: autoscalers,
    }];
  },
};

/** The controller behind autoscalers: writes how many are wanted, and scales what they name. */
export const autoscalerController: Controller<LiveAutoscaler> = {
  name: "horizontal-pod-autoscaler",
  resource: autoscalers,
  watches: [{
    resource: deployments,
    keysOf: ({ metadata }) => [{ namespace: metadata.namespace, name: `keda-hpa-${metadata.name}` }],
  }],
  reconcile(autoscaler, view) {
    const target = view.get<Live<KubeObject> & Deployment>(
      deployments,
      autoscaler.metadata.namespace,
      autoscaler.spec?.scaleTargetRef.name ?? "",
    );
    const { minReplicas = 1, maxReplicas = 1 } = autoscaler.spec ?? {};
    const current = target?.spec?.replicas ?? 0;
    const desired = Math.min(maxReplicas, Math.max(minReplicas, current));
    const scaling: Write[] = target === undefined || desired === current ? [] : [{
      update: { ...target, spec: { ...target.spec, replicas: desired } } as Live<KubeObject>,
      resource: deployments,
    }];
    return [...scaling, ...statusWrite(autoscaler, { target: target !== undefined, current, desired }, view)];
  },
};

function statusWrite(
  autoscaler: LiveAutoscaler,
  { target, current, desired }: { target: boolean; current: number; desired: number },
  view: View,
): Write[] {
  const of = (type: string, reason: string, message: string, status = "True") =>
    condition(autoscaler.status?.conditions, view.now(), { type, status, reason, message });
  const conditions = target
    ? [
      of("AbleToScale", "SucceededGetScale", "the HPA controller was able to get the target's current scale"),
      of("ScalingActive", "ValidMetricFound", "the HPA was able to successfully calculate a replica count"),
    ]
    : [
      of(
        "AbleToScale",
        "FailedGetScale",
        "the HPA controller was unable to get the target's current scale",
        "False",
      ),
    ];
  const { lastScaleTime } = autoscaler.status ?? {};
  const status = {
    currentReplicas: current,
    desiredReplicas: target ? desired : 0,
    conditions,
    ...(desired !== current && target
      ? { lastScaleTime: seconds(view.now()) }
      : lastScaleTime
      ? { lastScaleTime }
      : {}),
  };
  return equalJson(status, autoscaler.status)
    ? []
    : [{ updateStatus: { ...autoscaler, status } as Live<KubeObject>, resource: autoscalers }];
}
