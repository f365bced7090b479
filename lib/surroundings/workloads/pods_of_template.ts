/** Pods as a controller makes them from a template, and what counts as which. */

import type { Pod, PodTemplateSpec } from "kubernetes-types/core/v1";
import { byController, controllerReference, type Write } from "../controller.ts";
import type { KubeObject, Live, Resource } from "../../kube/object.ts";
import { pods } from "../resources.ts";

export type LivePod = Live<KubeObject> & Pod;

export const podsByController = byController(pods);

/** The pod that a controller creates for one of its objects; the API server completes its name. */
function podOfTemplate(
  owner: Live<KubeObject>,
  resource: Resource,
  template: PodTemplateSpec | undefined,
  extra: { finalizers?: string[] } = {},
): KubeObject {
  const { labels, annotations } = template?.metadata ?? {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels,
      annotations,
      ownerReferences: [controllerReference(owner, resource)],
      ...extra,
    },
    spec: template?.spec,
  } as KubeObject;
}

/** Creates a pod, and tells of it, or of the refusal, by an event on the owner. */
export function createPod(
  owner: Live<KubeObject>,
  resource: Resource,
  template: PodTemplateSpec | undefined,
  options: { finalizers?: string[]; refused?: (message: string) => Write[] } = {},
): Write {
  const { finalizers, refused } = options;
  return {
    create: podOfTemplate(owner, resource, template, { finalizers }),
    resource: pods,
    created: (pod) => [{
      event: { type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${pod.metadata.name}` },
      about: owner,
      resource,
    }],
    refused: (message) => [
      {
        event: { type: "Warning", reason: "FailedCreate", message: `Error creating: ${message}` },
        about: owner,
        resource,
      },
      ...(refused?.(message) ?? []),
    ],
  };
}

/** Deletes a pod, and tells of it by an event on the owner. */
export function deletePod(owner: Live<KubeObject>, resource: Resource, pod: LivePod): Write[] {
  return [
    { delete: pod, resource: pods },
    {
      event: { type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${pod.metadata.name}` },
      about: owner,
      resource,
    },
  ];
}

/** Whether it counts for its owner: it has not ended and is not going. */
export function isActive({ metadata, status }: LivePod): boolean {
  return !hasEnded({ status }) && metadata.deletionTimestamp === undefined;
}

export function hasEnded({ status }: Pick<Pod, "status">): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

export function isReady({ status }: Pick<Pod, "status">): boolean {
  return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
