/**
 * What the API server's admission and its registries put into new objects of some kinds, beyond the defaults of single
 * fields: a pod's service account and its token, a Job's selector, a claim's protection, a Service's address.
 */

import { equalJson } from "../../kube/json/equal.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { jobLabels } from "../validation/workloads.ts";

/** What a cluster gives once. */
export interface Allocator {
  newAddress(): string;
  newNodePort(): number;
  /** The time as objects hold it. */
  now(): string;
}

/** A pod gets an account, the account's token in each container, and the tolerations of all pods. */
export function admitPod(object: JsonObject): void {
  const spec = object.spec as JsonObject;
  const account = spec.serviceAccountName ?? "default";
  spec.serviceAccountName = account;
  spec.serviceAccount = account;
  if (Number(spec.terminationGracePeriodSeconds) < 0) spec.terminationGracePeriodSeconds = 1;
  spec.priority ??= 0;
  spec.preemptionPolicy ??= "PreemptLowerPriority";
  tolerate(spec);
  if (spec.automountServiceAccountToken !== false) mountToken(object, spec);
  object.status = { phase: "Pending", qosClass: qualityOf(spec) };
}

/** A pod stays for a while on a node that is lost, unless it says for how long. */
function tolerate(spec: JsonObject): void {
  const tolerations = list(spec.tolerations);
  const missing = ["not-ready", "unreachable"].map((taint) => `node.kubernetes.io/${taint}`)
    .filter((taint) =>
      !tolerations.some(({ key, effect }) => (!key || key === taint) && (!effect || effect === "NoExecute"))
    );
  if (missing.length === 0) return;
  spec.tolerations = [
    ...tolerations,
    ...missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 })),
  ];
}

/** What a pod got by admission stays where an update does not say it. */
export function keepAdmitted(object: JsonObject, old: JsonObject): void {
  if (object.spec === old.spec) return;
  const [spec, before] = [{ ...object.spec as JsonObject }, old.spec as JsonObject];
  spec.priority ??= before.priority;
  spec.preemptionPolicy ??= before.preemptionPolicy;
  tolerate(spec);
  object.spec = spec;
}

const tokenFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

function mountToken({ metadata }: JsonObject, spec: JsonObject): void {
  const containers = [...list(spec.initContainers), ...list(spec.containers)];
  const open = containers.filter(({ volumeMounts }) =>
    !list(volumeMounts).some(({ mountPath }) => mountPath === tokenFolder)
  );
  if (open.length === 0) return;
  const name = `kube-api-access-${String((metadata as JsonObject).uid).slice(0, 5)}`;
  for (const container of open) {
    container.volumeMounts = [...list(container.volumeMounts), {
      name,
      readOnly: true,
      mountPath: tokenFolder,
    }];
  }
  const fieldRef = { apiVersion: "v1", fieldPath: "metadata.namespace" };
  spec.volumes = [...list(spec.volumes), {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef }] } },
      ],
    },
  }];
}

/** Guaranteed when every container is limited to what it requests of CPU and memory, Burstable when one says anything. */
export function qualityOf(spec: JsonObject): string {
  const containers = [...list(spec.initContainers), ...list(spec.containers)].map(({ resources }) => {
    const { limits = {}, requests = {} } = (resources ?? {}) as {
      limits?: JsonObject;
      requests?: JsonObject;
    };
    return ["cpu", "memory"].map((name) => ({
      limit: limits[name],
      request: requests[name] ?? limits[name],
    }));
  });
  const all = containers.flat();
  if (all.every(({ limit, request }) => limit !== undefined && String(limit) === String(request))) {
    return "Guaranteed";
  }
  return all.some(({ limit, request }) => limit !== undefined || request !== undefined)
    ? "Burstable"
    : "BestEffort";
}

/** A Job finds its pods by its own UID, unless whoever made it chose a selector. */
export function admitJob(object: JsonObject): void {
  const metadata = object.metadata as JsonObject;
  const spec = object.spec as JsonObject;
  object.status = {};
  if (spec.manualSelector === true || !isObject(spec.template)) return;
  const labels = { ...jobLabels(metadata, "batch.kubernetes.io/"), ...jobLabels(metadata, "") };
  const template = spec.template as JsonObject;
  const inTemplate = (template.metadata ?? {}) as JsonObject;
  // What was said of them stays, and is refused where it is not so.
  const all = { ...labels, ...inTemplate.labels as JsonObject };
  template.metadata = { ...inTemplate, labels: all };
  // Those that it was given for want of its own are one with those of its pods.
  if (equalJson(metadata.labels, inTemplate.labels)) metadata.labels = { ...all };
  const said = (spec.selector ?? {}) as JsonObject;
  const own = { "batch.kubernetes.io/controller-uid": metadata.uid, ...said.matchLabels as JsonObject };
  spec.selector = { ...said, matchLabels: own };
}

/** A Job without labels has those of its pods. */
export function labelJob(object: JsonObject): void {
  const metadata = object.metadata as JsonObject;
  const labels = at(object, "spec", "template", "metadata", "labels");
  if (isObject(labels) && Object.keys(labels).length > 0) metadata.labels ??= { ...labels };
}

/** A claim says twice what it is filled from. */
export function nameSources(object: JsonObject): void {
  const claim = object.spec as JsonObject;
  const { dataSource, dataSourceRef } = claim;
  if (isObject(dataSource)) {
    if (dataSourceRef === undefined || dataSourceRef === null) {
      object.spec = { ...claim, dataSourceRef: { ...dataSource } };
    }
  } else if (isObject(dataSourceRef) && !dataSourceRef.namespace) {
    object.spec = { ...claim, dataSource: { ...dataSourceRef } };
  }
}

/** A claim stays as long as a pod mounts it. */
export function admitClaim(object: JsonObject): void {
  const metadata = object.metadata as JsonObject;
  nameSources(object);
  const protection = "kubernetes.io/pvc-protection";
  const finalizers = (metadata.finalizers ?? []) as string[];
  if (!finalizers.includes(protection)) metadata.finalizers = [...finalizers, protection];
  object.status = { phase: "Pending" };
}

/** A volume stays as long as a claim has it. */
export function admitVolume(object: JsonObject, cluster: Allocator): void {
  const metadata = object.metadata as JsonObject;
  const protection = "kubernetes.io/pv-protection";
  const finalizers = (metadata.finalizers ?? []) as string[];
  if (!finalizers.includes(protection)) metadata.finalizers = [...finalizers, protection];
  object.status = { phase: "Pending", lastPhaseTransitionTime: cluster.now() };
}

/** A Service gets an address of its own, unless it wants none. */
export function admitService(object: JsonObject, cluster: Allocator): void {
  object.status = { loadBalancer: {} };
  object.spec = provided(object.spec as JsonObject, true, cluster);
}

/** A Service gets what its type needs now and did not before. One that was made without an address stays so. */
export function provideService(object: JsonObject, old: JsonObject, cluster: Allocator): void {
  if (object.spec === old.spec && at(old, "spec", "ipFamilies") !== undefined) return;
  object.spec = provided(object.spec as JsonObject, at(old, "spec", "type") === "ExternalName", cluster);
}

function provided(said: JsonObject, addressed: boolean, cluster: Allocator): JsonObject {
  if (said.type === "ExternalName") return said;
  const spec = { ...said };
  if (addressed) {
    spec.clusterIP ??= cluster.newAddress();
    spec.clusterIPs ??= [spec.clusterIP];
  }
  // Whoever lists the addresses of a Service without one, and without pods of its own, may list any.
  const any = spec.clusterIP === "None" && spec.selector === undefined;
  spec.ipFamilies ??= any ? ["IPv4", "IPv6"] : ["IPv4"];
  spec.ipFamilyPolicy ??= any ? "RequireDualStack" : "SingleStack";
  if (spec.type === "NodePort" || spec.type === "LoadBalancer") {
    spec.ports = list(spec.ports).map((port) => ({
      ...port,
      nodePort: port.nodePort ?? cluster.newNodePort(),
    }));
  }
  return spec;
}

/** What a range does not say follows from what it says: the default from the most, the request from the default or the least. */
export function defaultLimits(object: JsonObject): void {
  const { spec } = object;
  if (!isObject(spec) || !Array.isArray(spec.limits)) return;
  const limits = spec.limits.map((limit: JsonObject) => {
    if (limit?.type !== "Container") return limit;
    const said = (name: string) => (limit[name] ?? {}) as JsonObject;
    const defaults = { ...said("max"), ...said("default") };
    const requests = { ...said("min"), ...defaults, ...said("defaultRequest") };
    return {
      ...limit,
      ...Object.keys(defaults).length > 0 ? { default: defaults } : {},
      ...Object.keys(requests).length > 0 ? { defaultRequest: requests } : {},
    };
  });
  object.spec = { ...spec, limits };
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value as JsonObject[] : [];
}
