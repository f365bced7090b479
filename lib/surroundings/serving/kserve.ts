/**
 * KServe 0.20 in Standard mode, without an ingress of its own: a Deployment and a Service for each InferenceService, an
 * autoscaler where one is asked for, and the status that its controller writes.
 */

import type { Deployment } from "kubernetes-types/apps/v1";
import type { Container, Pod, PodSpec, Service } from "kubernetes-types/core/v1";
import { equalJson } from "../../kube/json/equal.ts";
import { type KubeObject, lastApplied, type Live, type Resource } from "../../kube/object.ts";
import {
  byController,
  controlled,
  type Controller,
  controllerReference,
  type Index,
  type View,
  type Write,
} from "../controller.ts";
import { deployments, inferenceServices, pods, services } from "../resources.ts";
import { isReady } from "../workloads/pods_of_template.ts";
import { type InferenceServiceCondition, readiness } from "./readiness.ts";

interface InferenceService extends KubeObject {
  spec?: {
    predictor?: PodSpec & {
      minReplicas?: number;
      maxReplicas?: number;
      autoScaling?: unknown;
      deploymentStrategy?: NonNullable<Deployment["spec"]>["strategy"];
      labels?: Record<string, string>;
      annotations?: Record<string, string>;
    };
  };
  status?: { conditions?: InferenceServiceCondition[] };
}

export type LiveInferenceService = Live<InferenceService>;

const finalizer = "inferenceservice.finalizers";
const stopAnnotation = "serving.kserve.io/stop";
const deploymentsByController = byController(deployments);
const domain = "example.com";

/** Pods by the InferenceService that they serve. */
const podsByInferenceService: Index = {
  resource: pods,
  valuesOf: ({ metadata }) => {
    const name = metadata.labels?.["serving.kserve.io/inferenceservice"];
    return name === undefined ? [] : [`${metadata.namespace}/${name}`];
  },
};

export const kserve: Controller<LiveInferenceService> = {
  name: "kserve-controller",
  resource: inferenceServices,
  watches: [
    controlled(deployments, "InferenceService"),
    controlled(services, "InferenceService"),
    {
      resource: pods,
      keysOf: (pod) =>
        podsByInferenceService.valuesOf(pod).map((key) => {
          const [namespace, name] = key.split("/");
          return { namespace, name };
        }),
    },
  ],
  reconcile(object, view) {
    const { finalizers = [], deletionTimestamp } = object.metadata;
    if (deletionTimestamp !== undefined) {
      return finalizers.includes(finalizer)
        ? [withFinalizers(object, finalizers.filter((each) => each !== finalizer))]
        : [];
    }
    if (!finalizers.includes(finalizer)) return [withFinalizers(object, [...finalizers, finalizer])];
    const stopped = object.metadata.annotations?.[stopAnnotation] === "true";
    const deployment = deploymentOf(object);
    const [there] = view.by<Live<KubeObject> & Deployment>(deploymentsByController, object.metadata.uid);
    // KServe's webhook, which is not here, takes no predictor without a container: what is there stays.
    const hasContainer = (object.spec?.predictor?.containers ?? []).length > 0;
    return [
      ...(hasContainer ? stand(deployments, deployment, stopped, view) : []),
      ...stand(services, serviceOf(object), stopped, view),
      ...status(object, there, stopped, view),
    ];
  },
};

function withFinalizers(object: LiveInferenceService, finalizers: string[]): Write {
  return { update: { ...object, metadata: { ...object.metadata, finalizers } }, resource: inferenceServices };
}

/** Makes, changes or removes one of its objects. */
function stand(
  resource: Resource,
  wanted: KubeObject & { spec?: object },
  stopped: boolean,
  view: View,
): Write[] {
  const { namespace, name } = wanted.metadata!;
  const there = view.get<KubeObject & { spec?: object }>(resource, namespace, name!);
  if (there === undefined) return stopped ? [] : [{ create: wanted, resource }];
  if (stopped) return there.metadata.deletionTimestamp === undefined ? [{ delete: there, resource }] : [];
  const spec = { ...there.spec, ...wanted.spec };
  // Annotations of others on the pods, as of `kubectl rollout restart`, go again.
  if (contains(there.spec, wanted.spec) && equalJson(podAnnotations(there), podAnnotations(wanted))) {
    return [];
  }
  return [{ update: { ...there, spec } as Live<KubeObject>, resource }];
}

function podAnnotations({ spec }: { spec?: object }): Record<string, string> {
  return (spec as Deployment["spec"])?.template?.metadata?.annotations ?? {};
}

/** Whether `part` is in `whole`: the API server adds defaults to what was written. */
function contains(whole: unknown, part: unknown): boolean {
  if (whole === part) return true;
  if (Array.isArray(part)) {
    return Array.isArray(whole) && whole.length === part.length &&
      part.every((each, index) => contains(whole[index], each));
  }
  if (typeof part === "object" && part !== null) {
    return typeof whole === "object" && whole !== null &&
      Object.entries(part).every(([key, value]) =>
        value === undefined || contains((whole as Record<string, unknown>)[key], value)
      );
  }
  return equalJson(whole, part);
}

const componentName = (object: LiveInferenceService) => `${object.metadata.name}-predictor`;

function deploymentOf(object: LiveInferenceService): KubeObject & { spec?: object } {
  const {
    minReplicas = 1,
    maxReplicas: _,
    autoScaling: _autoScaling,
    deploymentStrategy,
    labels,
    annotations,
    ...podSpec
  } = object.spec?.predictor ?? {} as PodSpec & Record<string, never>;
  const metadata = metadataOf(object, { labels, annotations });
  const scaled = scalesItself(object);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      // An autoscaler decides once the Deployment is there.
      ...(scaled ? {} : { replicas: minReplicas }),
      selector: { matchLabels: { app: `isvc.${componentName(object)}` } },
      strategy: deploymentStrategy ?? {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
      },
      template: {
        metadata: {
          name: metadata.name,
          namespace: metadata.namespace,
          labels: metadata.labels,
          annotations: metadata.annotations,
        },
        spec: { ...podSpec, containers: (podSpec.containers ?? []).map((each) => completed(object, each)) },
      },
    },
  };
}

/** The container with what KServe adds: its name for the model, and a probe of its port. */
function completed(object: LiveInferenceService, container: Container): Container {
  if (container.name !== "kserve-container") return container;
  const env = [...container.env ?? [], { name: "INFERENCE_SERVICE_NAME", value: object.metadata.name }];
  const port = container.ports?.[0]?.containerPort ?? 8080;
  const readinessProbe = container.readinessProbe ?? {
    tcpSocket: { port },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
  return { ...container, env, readinessProbe };
}

function serviceOf(object: LiveInferenceService): KubeObject & { spec?: Service["spec"] } {
  const ports = object.spec?.predictor?.containers?.[0]?.ports ?? [];
  const named = ports.length > 0
    ? ports
    : [{ name: componentName(object), containerPort: 8080, protocol: "TCP" }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadataOf(object, {}),
    spec: {
      selector: { app: `isvc.${componentName(object)}` },
      ports: named.map(({ name, containerPort, protocol = "TCP" }, index) => ({
        name,
        port: index === 0 ? 80 : containerPort,
        targetPort: containerPort,
        protocol,
      })),
    },
  };
}

function metadataOf(
  object: LiveInferenceService,
  own: { labels?: Record<string, string>; annotations?: Record<string, string> },
) {
  const { [lastApplied]: _, ...annotations } = object.metadata.annotations ?? {};
  return {
    name: componentName(object),
    namespace: object.metadata.namespace,
    labels: {
      ...object.metadata.labels,
      ...own.labels,
      app: `isvc.${componentName(object)}`,
      component: "predictor",
      "serving.kserve.io/inferenceservice": object.metadata.name,
    },
    annotations: { ...annotations, ...own.annotations },
    ownerReferences: [controllerReference(object, inferenceServices)],
  };
}

/** Whether something else than `minReplicas` decides how many there are. */
export function scalesItself({ metadata }: LiveInferenceService): boolean {
  const by = metadata.annotations?.["serving.kserve.io/autoscalerClass"] ?? "hpa";
  return by === "hpa" || by === "keda";
}

function status(
  object: LiveInferenceService,
  deployment: (Live<KubeObject> & Deployment) | undefined,
  stopped: boolean,
  view: View,
): Write[] {
  const { name, namespace } = object.metadata;
  const own = view.by<Live<KubeObject> & Pod>(podsByInferenceService, `${namespace}/${name}`);
  const conditions = readiness(
    object.status?.conditions,
    deployment?.status?.conditions,
    stopped,
    view.now(),
  );
  const ready = conditions.find(({ type }) => type === "Ready")?.status === "True";
  const state = ready ? "Loaded" : "Pending";
  const url = (host: string) => `http://${host}-${namespace}.${domain}`;
  const next = {
    // KServe tells which generation of its Deployment was observed, not of the InferenceService.
    ...(deployment?.status?.observedGeneration === undefined
      ? {}
      : { observedGeneration: deployment.status.observedGeneration }),
    deploymentMode: "Standard",
    conditions,
    ...(stopped ? {} : {
      url: url(name),
      address: { url: `http://${componentName(object)}.${namespace}.svc.cluster.local` },
      components: { predictor: { url: url(componentName(object)) } },
      modelStatus: {
        copies: { failedCopies: 0, totalCopies: own.filter(isReady).length },
        states: { activeModelState: ready ? "Loaded" : "", targetModelState: state },
        transitionStatus: ready ? "UpToDate" : "InProgress",
      },
    }),
  };
  if (equalJson(next, object.status)) return [];
  const before = object.status?.conditions?.find(({ type }) => type === "Ready")?.status;
  const event = ready && before !== "True"
    ? [{
      event: {
        type: "Normal" as const,
        reason: "InferenceServiceReady",
        message: `InferenceService [${name}] is Ready`,
      },
      about: object,
      resource: inferenceServices,
    }]
    : [];
  return [
    { updateStatus: { ...object, status: next } as Live<KubeObject>, resource: inferenceServices },
    ...event,
  ];
}
