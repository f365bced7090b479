/** Pod Security: pods against the standard that their namespace's labels ask for. */
import type { Cluster } from "../../cluster.ts";
import { at, isObject, type JsonObject } from "../../json.ts";
import { forbidden, invalid } from "../../status.ts";
import type { StoredObject } from "../../store/store.ts";
import { type Attributes, isBuiltIn, nameOf, namespaceOf } from "../attributes.ts";
import { containersOf, initContainersOf, items } from "../pod_amounts.ts";
import { shownViolations, violations } from "./checks.ts";
import { compareLevels, nameOfStandard, policyOf, type Standard } from "./policy.ts";

/** What makes pods, and where it says which. */
const templates: Readonly<Record<string, readonly string[]>> = {
  "apps/Deployment": ["spec", "template"],
  "apps/ReplicaSet": ["spec", "template"],
  "apps/StatefulSet": ["spec", "template"],
  "apps/DaemonSet": ["spec", "template"],
  "batch/Job": ["spec", "template"],
  "batch/CronJob": ["spec", "jobTemplate", "spec", "template"],
};

/**
 * Gives what is warned of.
 * @throws Refusal 403 for a pod that the standard does not allow, 422 for labels of a namespace that cannot be read
 */
export function checkPodSecurity(cluster: Cluster, attributes: Attributes): string[] {
  if (attributes.subresource || attributes.operation === "DELETE" || attributes.kind.custom) return [];
  if (isBuiltIn(attributes, "", "Namespace")) return checkLabels(cluster, attributes);
  if (isBuiltIn(attributes, "", "Pod")) return checkPod(cluster, attributes);
  const path = templates[`${attributes.kind.group}/${attributes.kind.kind}`];
  const template = path && at(attributes.object, ...path);
  return isObject(template) ? warningsOf(policyIn(cluster, attributes).warn, template) : [];
}

function policyIn(cluster: Cluster, attributes: Attributes) {
  const namespace = cluster.store.get("namespaces", undefined, namespaceOf(attributes)!);
  return policyOf(namespace?.metadata.labels).policy;
}

function checkPod(cluster: Cluster, attributes: Attributes): string[] {
  const { object, old, kind } = attributes;
  if (old !== undefined && !isOtherPod(object, old)) return [];
  const { enforce, warn } = policyIn(cluster, attributes);
  const found = violations(enforce, object.metadata as JsonObject, object.spec as JsonObject);
  if (found.length === 0) return warningsOf(warn, object);
  const why = `violates PodSecurity "${nameOfStandard(enforce)}": ${shownViolations(found)}`;
  throw forbidden(kind, nameOf(attributes), why);
}

function warningsOf(standard: Standard, { metadata, spec }: JsonObject): string[] {
  const found = violations(standard, (metadata ?? {}) as JsonObject, (spec ?? {}) as JsonObject);
  if (found.length === 0) return [];
  return [`would violate PodSecurity "${nameOfStandard(standard)}": ${shownViolations(found)}`];
}

/** Of what may change in a pod only other images, and containers that are added for a while, matter. */
function isOtherPod({ spec }: JsonObject, { spec: before }: JsonObject): boolean {
  const images = (all: readonly JsonObject[]) => all.map(({ image }) => image).join("\n");
  const added = new Map(items(at(before, "ephemeralContainers")).map(({ name, image }) => [name, image]));
  return images(containersOf(spec)) !== images(containersOf(before)) ||
    images(initContainersOf(spec)) !== images(initContainersOf(before)) ||
    items(at(spec, "ephemeralContainers")).some(({ name, image }) => added.get(name) !== image);
}

function checkLabels(cluster: Cluster, { kind, object, old }: Attributes): string[] {
  const { name, labels } = object.metadata as StoredObject["metadata"];
  const { policy: { enforce }, errors } = policyOf(labels);
  const before = old && policyOf(old.metadata.labels);
  const isNew = JSON.stringify(errors) !== JSON.stringify(before?.errors ?? []);
  if (errors.length > 0 && isNew) throw invalid({ ...kind, group: "" }, name, errors);
  if (before === undefined || nameOfStandard(enforce) === nameOfStandard(before.policy.enforce)) return [];
  const loosened = enforce.version === before.policy.enforce.version &&
    compareLevels(enforce.level, before.policy.enforce.level) < 1;
  return loosened ? [] : ofPodsThere(cluster, name, enforce);
}

/** Pods that are there stay, and whoever tightens the standard hears of them. */
function ofPodsThere(cluster: Cluster, namespace: string, standard: Standard): string[] {
  const pods = new Map<string, string[]>();
  for (const { metadata, spec } of cluster.store.list("pods", namespace)) {
    const found = violations(standard, metadata as unknown as JsonObject, spec as JsonObject);
    if (found.length === 0) continue;
    const why = found.map(({ reason }) => reason).join(", ");
    pods.set(why, [...pods.get(why) ?? [], metadata.name]);
  }
  if (pods.size === 0) return [];
  const said = `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level ` +
    `"${nameOfStandard(standard)}"`;
  const lines = [...pods].map(([why, [first, ...others]]) => {
    const more = `${others.length} other pod${others.length === 1 ? "" : "s"}`;
    return `${first}${others.length > 0 ? ` (and ${more})` : ""}: ${why}`;
  });
  return [said, ...lines.sort()];
}
