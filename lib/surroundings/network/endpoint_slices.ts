/** EndpointSlices: the addresses of the pods behind a Service. */

import type { Pod, Service } from "kubernetes-types/core/v1";
import type { EndpointSlice } from "kubernetes-types/discovery/v1";
import { equalJson } from "../../kube/json/equal.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import {
  byController,
  controlled,
  type Controller,
  controllerReference,
  keysOf,
  type View,
} from "../controller.ts";
import { endpointSlices, pods, services } from "../resources.ts";
import { hasEnded, isReady, type LivePod } from "../workloads/pods_of_template.ts";

type LiveService = Live<KubeObject> & Service;

const slicesByController = byController(endpointSlices);

/** Services by one of the labels that they select, and pods by all of theirs: a pod finds the Services it may be behind. */
const byLabel = (labels: Record<string, string> | undefined, namespace = "") =>
  Object.entries(labels ?? {}).map(([key, value]) => `${namespace}/${key}=${value}`);

const servicesByFirstLabel = {
  resource: services,
  valuesOf: (service: Live<KubeObject>) =>
    byLabel((service as LiveService).spec?.selector, service.metadata.namespace).slice(0, 1),
};

const podsByLabel = {
  resource: pods,
  valuesOf: (pod: Live<KubeObject>) => {
    const { app } = pod.metadata.labels ?? {};
    return app === undefined ? [] : byLabel({ app }, pod.metadata.namespace);
  },
};

export const endpointSliceController: Controller<LiveService> = {
  name: "endpointslice-controller",
  resource: services,
  watches: [controlled(endpointSlices, "Service"), {
    resource: pods,
    keysOf: ({ metadata }, view) =>
      keysOf(
        byLabel(metadata.labels, metadata.namespace).flatMap((value) => view.by(servicesByFirstLabel, value)),
      ),
  }],
  reconcile(service, view) {
    const selector = service.spec?.selector;
    if (selector === undefined || service.metadata.deletionTimestamp !== undefined) return [];
    const behind = selected(service, view).filter((pod) => pod.status?.podIP !== undefined && !hasEnded(pod));
    const [there] = view.by<Live<KubeObject> & EndpointSlice>(slicesByController, service.metadata.uid);
    const endpoints = behind.map(endpointOf);
    const ports = (service.spec?.ports ?? []).map(({ name, targetPort, port, protocol = "TCP" }) => ({
      ...(name === undefined ? {} : { name }),
      port: portOf(targetPort ?? port, behind[0]),
      protocol,
    }));
    if (there !== undefined) {
      return equalJson(there.endpoints ?? [], endpoints) && equalJson(there.ports ?? [], ports)
        ? []
        : [{ update: { ...there, endpoints, ports } as Live<KubeObject>, resource: endpointSlices }];
    }
    return [{
      create: {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: {
          generateName: `${service.metadata.name}-`,
          namespace: service.metadata.namespace,
          labels: {
            ...service.metadata.labels,
            "kubernetes.io/service-name": service.metadata.name,
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
          },
          ownerReferences: [controllerReference(service, services)],
        },
        addressType: "IPv4",
        endpoints,
        ports,
      } as KubeObject,
      resource: endpointSlices,
    }];
  },
};

function selected(service: LiveService, view: View): readonly LivePod[] {
  const selector = Object.entries(service.spec?.selector ?? {});
  const { namespace } = service.metadata;
  const app = service.spec?.selector?.app;
  const candidates = app === undefined
    ? view.list<LivePod>(pods, namespace)
    : view.by<LivePod>(podsByLabel, `${namespace}/app=${app}`);
  return candidates
    .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value))
    .toSorted((a, b) => a.metadata.name < b.metadata.name ? -1 : 1);
}

function endpointOf(pod: LivePod) {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isReady(pod);
  return {
    addresses: [pod.status!.podIP!],
    conditions: { ready: serving && !terminating, serving, terminating },
    nodeName: pod.spec?.nodeName,
    targetRef: {
      kind: "Pod",
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    },
  };
}

/** The number of a port that may be given by its name in the pod. */
function portOf(port: number | string, pod: Pod | undefined): number | undefined {
  if (typeof port === "number") return port;
  return pod?.spec?.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === port)
    ?.containerPort;
}
