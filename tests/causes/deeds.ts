/** How faults come about and are mended: what people, nodes and other controllers do. */

import { inferenceServiceName } from "../../lib/operator/naming/object_names.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, runtimeConfig, template } from "../e2e/catalogue.ts";
import { onRealCluster } from "../e2e/half.ts";
import type { AnyObject } from "../e2e/user.ts";
import type { Webhooks } from "../apiserver/webhook_server.ts";
import type { ServedRegistry } from "../registry/served_registry.ts";
import { account } from "../registry/token_server.ts";
import type { Played } from "./played.ts";

/** Where a fault is, and by what it is done. */
export interface Place {
  readonly namespace: string;
  readonly plane: Cluster;
  /** What the pods of the namespace do; nothing said, they succeed or serve. */
  readonly pods: Played;
  /** Two registries: one for everybody, one that wants an account. */
  readonly registries: Registries;
  /** Where webhooks are asked: what one answers is in its path. */
  readonly webhooks: Webhooks;
}

export interface Registries {
  readonly open: ServedRegistry;
  readonly closed: ServedRegistry;
}

export const good = { model: { name: "good" } };

/** There from the beginning: what services without a fault of their own stand on. */
export const catalogue: readonly AnyObject[] = [
  clusterModel("good"),
  clusterTemplate("good-latency", "good"),
];

export const apply = (objects: (name: string) => readonly AnyObject[]) => ({ plane, namespace }: Place) =>
  plane.apply(objects(namespace));

/** Changes the service's spec. */
export const edit = (spec: AnyObject) => ({ plane, namespace }: Place) =>
  plane.request(
    "PATCH",
    `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimservices/s`,
    { spec },
    "application/merge-patch+json",
  );

/** Whatever the pods did, they do it no more: they are made anew. */
export async function podsAnew({ plane, namespace, pods }: Place): Promise<void> {
  pods.mend();
  for (const { metadata } of await podsOf({ plane, namespace })) {
    await plane.request("DELETE", `/api/v1/namespaces/${namespace}/pods/${metadata.name}`);
  }
}

/** The Jobs' pods are made anew, of what they were. */
export async function jobPodsAnew(place: Place): Promise<void> {
  place.pods.mend();
  for (const { metadata } of await podsOf(place)) {
    if (!metadata.ownerReferences?.some(({ kind }: AnyObject) => kind === "Job")) continue;
    await place.plane.request("DELETE", podPath(place.namespace, metadata.name));
  }
}

/** Jobs begin anew, since what their pods are made of has changed. */
async function otherJobs({ plane, namespace, pods }: Place): Promise<void> {
  pods.mend();
  await plane.apply([runtimeConfig("default", namespace, { env: [{ name: "MENDED", value: "yes" }] })]);
}

async function podsOf({ plane, namespace }: Pick<Place, "plane" | "namespace">): Promise<AnyObject[]> {
  return (await plane.request("GET", `/api/v1/namespaces/${namespace}/pods`)).items;
}

/** Whether a container of a pod waits for that reason. */
export const podWaits = (...reasons: string[]) => async (place: Place) =>
  (await podsOf(place)).some(({ status }) =>
    status?.containerStatuses?.some(({ state }: AnyObject) => reasons.includes(state?.waiting?.reason))
  );

const podFailed = async (place: Place) =>
  (await podsOf(place)).some(({ status }) => status?.phase === "Failed");

export const unschedulable = async (place: Place) =>
  (await podsOf(place)).some(({ status }) =>
    status?.conditions?.some(({ type, reason }: AnyObject) =>
      type === "PodScheduled" && reason === "Unschedulable"
    )
  );

/** Whether the namespace has an event with that reason. */
export const event = (reason: string, words = /(?:)/) => async ({ plane, namespace }: Place) =>
  (await plane.request("GET", `/api/v1/namespaces/${namespace}/events`)).items
    .some((each: AnyObject) => each.reason === reason && words.test(each.message ?? ""));

export const pullFails = (message: string) => ({
  pods: { serving: { does: "fail to pull", message } },
  shows: podWaits("ErrImagePull", "ImagePullBackOff"),
  heal: podsAnew,
} as const);

export const downloadFails = (log: string) => ({
  pods: { job: { does: "run", exitCode: 1, log } },
  shows: podFailed,
  heal: otherJobs,
} as const);

/** A template of the fault's own model, for one GPU unless said otherwise. */
export const ownTemplate = (spec: AnyObject = {}) => (name: string) => [
  clusterModel(name),
  clusterTemplate(`${name}-latency`, name, spec),
];

/** Nodes with GPUs of their own, for faults that concern a whole node: each is used by one row. */
export const lonelyNodes = [
  { name: "mi308x-0", deviceId: "74a2", count: 1 },
  { name: "mi350x-0", deviceId: "75a0", count: 8 },
  { name: "mi355x-0", deviceId: "75a3", count: 8 },
] as const;

export const onGpu = (model: string) => ({ hardware: { gpu: { requests: 1, model } } });

/** Changes a node. */
export const node = (name: string, spec: AnyObject) => ({ plane }: Place) =>
  plane.request("PATCH", `/api/v1/nodes/${name}`, { spec }, "application/merge-patch+json");

export const endpointName = (namespace: string) => inferenceServiceName("s", namespace).first;

/** A pod of somebody else that takes a node's only GPU. */
export async function takeGpu({ plane, namespace }: Place): Promise<void> {
  await plane.apply([{
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "blocker", namespace },
    spec: {
      nodeSelector: { "amd.com/gpu.device-id": "74a2" },
      containers: [{
        name: "c",
        image: "registry.example.com/blocker:1",
        resources: { limits: { "amd.com/gpu": "1" }, requests: { "amd.com/gpu": "1" } },
      }],
    },
  }]);
  await until(
    "the blocker to have its node",
    async () => (await plane.request("GET", podPath(namespace, "blocker"))).spec.nodeName,
  );
}

export const podPath = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/pods/${name}`;

/** The pod of the endpoint. */
function servingPod(place: Place): Promise<AnyObject> {
  return until(
    "the pod of the endpoint",
    async () =>
      (await podsOf(place)).find(({ metadata, spec }) =>
        metadata.labels?.["serving.kserve.io/inferenceservice"] !== undefined && spec.nodeName
      ),
  );
}

/** Says of the endpoint's pod whether it is ready, as its node would. */
export const ready = (status: "True" | "False") => async (place: Place) => {
  const { metadata, status: before } = await servingPod(place);
  const conditions = before.conditions.map((each: AnyObject) =>
    ["Ready", "ContainersReady"].includes(each.type)
      ? { ...each, status, lastTransitionTime: new Date().toISOString() }
      : each
  );
  const containerStatuses = before.containerStatuses.map((each: AnyObject) => ({
    ...each,
    ready: status === "True",
  }));
  await place.plane.request(
    "PATCH",
    `${podPath(place.namespace, metadata.name)}/status`,
    { status: { conditions, containerStatuses } },
    "application/merge-patch+json",
  );
};

/** An event about the endpoint's pod. */
export const tell = (reason: string, message: string) => async (place: Place) => {
  const { metadata: { name, namespace, uid } } = await servingPod(place);
  const now = new Date().toISOString();
  await place.plane.request("POST", `/api/v1/namespaces/${namespace}/events`, {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace },
    involvedObject: { apiVersion: "v1", kind: "Pod", name, namespace, uid },
    type: "Warning",
    reason,
    message,
    source: { component: "kubelet" },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  });
};

export const inTurn = (...steps: ((place: Place) => Promise<unknown>)[]) => async (place: Place) => {
  for (const step of steps) await step(place);
};

/** Of the service of every namespace: the name of its endpoint. */
export async function endpointOf({ plane, namespace }: Place): Promise<string> {
  const { items } = await plane.request(
    "GET",
    `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices`,
  );
  return items[0].metadata.name;
}

export const routed = (routing: AnyObject) => ({ ...good, routing: { enabled: true, ...routing } });
export const gatewayRef = { name: "inference", namespace: "gateways" };

/** The gateway of the namespace's services. */
export const routedTo = (gateway: string) => (namespace: string) => [
  runtimeConfig("default", namespace, { routing: { gatewayRef: { ...gatewayRef, name: gateway } } }),
];

/** Says of the route that its gateway rejects it; in memory the gateway says so itself. */
export async function rejectRoute({ plane, namespace }: Place): Promise<void> {
  if (!onRealCluster) return;
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`;
  const route = await until("the route", async () => (await plane.request("GET", path)).items[0]);
  const said = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: "",
    observedGeneration: route.metadata.generation,
    lastTransitionTime: new Date().toISOString(),
  });
  await until(
    "the route accepted",
    async () => (await plane.request("GET", `${path}/${route.metadata.name}`)).status?.parents?.length > 0,
  );
  await plane.request("PATCH", `${path}/${route.metadata.name}/status`, {
    status: {
      parents: [{
        parentRef: route.spec.parentRefs[0],
        controllerName: "example.com/kwok-gateway",
        conditions: [
          said("Accepted", "False", "NoMatchingParent"),
          said("ResolvedRefs", "True", "ResolvedRefs"),
        ],
      }],
    },
  }, "application/merge-patch+json");
}

export const routeUnanswered = async ({ plane, namespace }: Place) =>
  (await plane.request("GET", `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`)).items
    .some(({ status }: AnyObject) => status?.parents === undefined || status.parents.length === 0);

export const endpointGone = async ({ plane, namespace }: Place) =>
  (await plane.request("GET", `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices`))
    .items.length === 0;

export const routeRejected = async ({ plane, namespace }: Place) =>
  (await plane.request("GET", `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes`)).items
    .some(({ status }: AnyObject) =>
      status?.parents?.some(({ conditions }: AnyObject) =>
        conditions.some(({ type, status }: AnyObject) => type === "Accepted" && status === "False")
      )
    );

/** A policy that lets no pod of the namespace in, as a webhook would. */
export const denyPods = (name: string) =>
  denying(name, {
    rule: { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
    expression:
      "!has(object.metadata.labels) || !('serving.kserve.io/inferenceservice' in object.metadata.labels)",
    message: "no team label",
  });

const denying = (
  name: string,
  { rule, ...validation }: { rule: object; expression: string; message: string },
) => [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
        resourceRules: [rule],
      },
      validations: [validation],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  },
];

export const endpoints = {
  apiGroups: ["serving.kserve.io"],
  apiVersions: ["v1beta1"],
  resources: ["inferenceservices"],
};
export const pods = { apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };

/** A webhook that is asked about each new object of a kind in the namespace. */
export const askWebhook =
  (path: string, kind: object) => ({ plane, namespace, webhooks: { places } }: Place) =>
    plane.apply([{
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: namespace },
      webhooks: [{
        name: "gate.example.com",
        clientConfig: { url: `${places.$webhooks}${path}`, caBundle: places.$bundle },
        rules: [{ ...kind, operations: ["CREATE"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
      }],
    }]);

export const withoutWebhook = inTurn(
  ({ plane, namespace }) =>
    plane.request(
      "DELETE",
      `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${namespace}`,
    ),
  replicaSetsAnew,
);

/** Nobody may delete services of the namespace: one that goes does not get further than to its endpoint. */
export const keepServices = (name: string) =>
  denying(name, {
    rule: {
      apiGroups: ["aim.eai.amd.com"],
      apiVersions: ["*"],
      operations: ["DELETE"],
      resources: ["aimservices"],
    },
    expression: "false",
    message: "services are kept",
  });

/** ReplicaSets try again after a pause that grows; new ones at once. */
export async function replicaSetsAnew({ plane, namespace }: Place): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/replicasets`;
  for (const { metadata } of (await plane.request("GET", path)).items) {
    await plane.request("DELETE", `${path}/${metadata.name}`, { propagationPolicy: "Background" });
  }
}

/** The Job controller tries again after a pause that grows; the operator makes a new Job at once. */
export async function jobsAnew({ plane, namespace }: Place): Promise<void> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
  for (const { metadata } of (await plane.request("GET", path)).items) {
    await plane.request("DELETE", `${path}/${metadata.name}`, { propagationPolicy: "Background" });
  }
}

export const storage = (defaultStorageClassName: string) => (namespace: string) => [
  runtimeConfig("default", namespace, { storage: { defaultStorageClassName } }),
];

export const storageClass = (name: string, provisioner: string) => [{
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name },
  provisioner,
}];

/**
 * Makes a StorageClass of the namespace's name whose provisioner makes volumes. In memory each one does; on the real cluster none
 * runs for it, so the volume that it would make for each claim is made here.
 */
export async function provide({ plane, namespace }: Place): Promise<void> {
  await plane.apply(storageClass(namespace, "volumes.example.com"));
  if (!onRealCluster) return;
  const { items } = await plane.request("GET", `/api/v1/namespaces/${namespace}/persistentvolumeclaims`);
  await plane.apply(items.map(({ metadata: { name, uid }, spec }: AnyObject) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${uid}` },
    spec: {
      storageClassName: namespace,
      accessModes: spec.accessModes,
      capacity: spec.resources.requests,
      claimRef: { namespace, name },
      hostPath: { path: `/tmp/pvc-${uid}` },
    },
  })));
}

/** A pull secret for the closed registry. */
export const pullSecret = (password: string) => ({ plane, namespace, registries }: Place) =>
  plane.apply([{
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "regcred", namespace },
    type: "kubernetes.io/dockerconfigjson",
    stringData: {
      ".dockerconfigjson": JSON.stringify({
        auths: { [registries.closed.host]: { username: account.username, password } },
      }),
    },
  }]);

/** The fault's own model, of an image of a registry, with a template written by hand. */
export const ownModel = (image: (registries: Registries) => string, more: AnyObject = {}) => (place: Place) =>
  place.plane.apply([
    {
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMModel",
      metadata: { name: place.namespace, namespace: place.namespace },
      spec: {
        image: image(place.registries),
        discovery: { createServiceTemplates: false },
        ...more,
      },
    },
    template(`${place.namespace}-latency`, place.namespace, place.namespace),
  ]);

export const changeModel = (spec: AnyObject) => ({ plane, namespace }: Place) =>
  plane.request(
    "PATCH",
    `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimmodels/${namespace}`,
    { spec },
    "application/merge-patch+json",
  );

export const quota = (hard: string, of = "requests.amd.com/gpu") => (namespace: string) => [{
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "few", namespace },
  spec: { hard: { [of]: hard } },
}];

export async function scaleTarget(
  { plane, namespace }: Place,
  autoscaler: string,
  name: string,
): Promise<void> {
  await plane.request(
    "PATCH",
    `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${autoscaler}`,
    { spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name } } },
    "application/merge-patch+json",
  );
}

/** KServe refuses a least number above the largest. */
export async function patchEndpoint(place: Place, replicas: number): Promise<void> {
  await place.plane.request(
    "PATCH",
    `/apis/serving.kserve.io/v1beta1/namespaces/${place.namespace}/inferenceservices/${await endpointOf(
      place,
    )}?fieldManager=stubborn-scaler`,
    { spec: { predictor: { minReplicas: replicas, maxReplicas: replicas } } },
    "application/merge-patch+json",
  );
}

/** Sets a field whenever it is not as it wants it, until the fault is mended; returns once it has done so three times. */
export async function insist(place: Place): Promise<void> {
  const { plane, namespace, pods } = place;
  let times = 0;
  const path = `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices`;
  const controller = async () => {
    while (!pods.isMended) {
      const { items } = await plane.request("GET", path);
      if (items[0].spec.predictor.minReplicas !== 7) {
        await patchEndpoint(place, 7);
        times++;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  controller();
  await until("a contest", () => times >= 3);
}
