/**
 * What the API server warns of in objects of built-in kinds: it takes them, and tells whoever writes them what they most
 * likely do not mean. The words are the original's; what concerns volumes and annotations that no kubelet knows any more,
 * and addresses written in an old way, is left out.
 */
import { isMore, listOf, objectOf } from "../validation/values.ts";
import { canonicalQuantity, isQuantity } from "../../api/values/quantity.ts";
import { at, type JsonObject } from "../json.ts";
import { labelNameProblem } from "../../kube/names.ts";
import { fractionWarning, podSpecWarnings } from "./pod_spec.ts";

type Warnings = (object: JsonObject, old?: JsonObject) => string[];

const kinds: Readonly<Record<string, Warnings>> = {
  CronJob: (object, old) => [
    ...nameWarnings(object, old, inPodNames),
    ...templateWarnings(object, old, "spec", "jobTemplate", "spec", "template"),
  ],
  DaemonSet: (object, old) => templateWarnings(object, old, "spec", "template"),
  Deployment: workloadWarnings,
  Job: workloadWarnings,
  PersistentVolumeClaim: claimWarnings,
  Pod: (object, old) =>
    old === undefined
      ? [
        ...nameWarnings(object, old, "the Pod's hostname"),
        ...podSpecWarnings(object.spec, "spec"),
      ]
      : [],
  ReplicaSet: workloadWarnings,
  ResourceQuota: quotaWarnings,
  Service: serviceWarnings,
  StatefulSet: (object, old) => [
    ...templateWarnings(object, old, "spec", "template"),
    ...Number(at(object, "spec", "revisionHistoryLimit") ?? 0) < 0
      ? [
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
      ]
      : [],
  ],
};

/** @param old what is stored, where it is an update of the object itself, not of its status */
export function builtInWarnings(kind: string, object: JsonObject, old?: JsonObject): string[] {
  return kinds[kind]?.(object, old) ?? [];
}

const inPodNames = "Pod names and hostnames";

function workloadWarnings(object: JsonObject, old?: JsonObject): string[] {
  return [...nameWarnings(object, old, inPodNames), ...templateWarnings(object, old, "spec", "template")];
}

/** A name that is taken, and does not make good names of hosts. */
function nameWarnings(object: JsonObject, old: JsonObject | undefined, where: string): string[] {
  const name = String(at(object, "metadata", "name") ?? "");
  if (old !== undefined || labelNameProblem(name) === undefined) return [];
  const problems = [
    ...name.length > 63 ? [labelNameProblem(name)] : [],
    ...name.includes(".") ? ["must not contain dots"] : [],
  ];
  return [
    `metadata.name: this is used in ${where}, which can result in surprising behavior; a DNS label is recommended: ` +
    `[${problems.join(" ")}]`,
  ];
}

/** Of an update only where something is wanted otherwise than before. */
function templateWarnings(object: JsonObject, old: JsonObject | undefined, ...path: string[]): string[] {
  if (old !== undefined && at(object, "metadata", "generation") === at(old, "metadata", "generation")) {
    return [];
  }
  return podSpecWarnings(at(object, ...path, "spec"), [...path, "spec"].join("."));
}

function claimWarnings({ spec }: JsonObject): string[] {
  return ["requests", "limits"].flatMap((list) =>
    fractionWarning(at(spec, "resources", list, "storage"), `spec.resources.${list}[storage]`)
  );
}

function quotaWarnings(object: JsonObject, old?: JsonObject): string[] {
  if (old !== undefined) return [];
  const hard = objectOf(at(object, "spec", "hard"));
  return ["cpu", "memory", "ephemeral-storage"].flatMap((name) => {
    const plain = hard[`requests.${name}`] === undefined && (name === "cpu" || name === "memory");
    const [request, limit] = [plain ? name : `requests.${name}`, `limits.${name}`];
    if (!isMore(hard[request], hard[limit])) return [];
    const shown = (key: string) => `${key} (${isQuantity(hard[key]) ? canonicalQuantity(hard[key]) : ""})`;
    return [`ResourceQuota ${shown(request)} should be less than ${shown(limit)}`];
  });
}

function serviceWarnings({ spec }: JsonObject): string[] {
  const { type, clusterIP, loadBalancerIP, externalIPs, sessionAffinity, externalName } = objectOf(spec);
  const headless = type === "ClusterIP" && clusterIP === "None";
  const outside = listOf(externalIPs).length > 0;
  const { trafficDistribution } = objectOf(spec);
  return [
    ...headless && loadBalancerIP ? ["spec.loadBalancerIP is ignored for headless services"] : [],
    ...headless && outside ? ["spec.externalIPs is ignored for headless services"] : [],
    ...headless && sessionAffinity !== "None"
      ? ["spec.SessionAffinity is ignored for headless services"]
      : [],
    ...type === "ExternalName" && outside
      ? ['spec.externalIPs is ignored when spec.type is "ExternalName"']
      : [],
    ...type !== "ExternalName" && externalName
      ? ['spec.externalName is ignored when spec.type is not "ExternalName"']
      : [],
    ...trafficDistribution === "PreferClose"
      ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
      : [],
  ];
}
