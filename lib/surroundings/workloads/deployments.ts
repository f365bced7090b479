/** Deployments: a ReplicaSet for each template, and the way from one to the next. */

import type { Deployment, DeploymentCondition, ReplicaSet } from "kubernetes-types/apps/v1";
import { crc32 } from "node:zlib";
import { equalJson } from "../../kube/json/equal.ts";
import { type KubeObject, lastApplied, type Live } from "../../kube/object.ts";
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
import { deployments, replicaSets } from "../resources.ts";
import type { LiveReplicaSet } from "./replica_sets.ts";

type LiveDeployment = Live<KubeObject> & Deployment;

const setsByController = byController(replicaSets);
const hashLabel = "pod-template-hash";
const revisionAnnotation = "deployment.kubernetes.io/revision";

export const deploymentController: Controller<LiveDeployment> = {
  name: "deployment-controller",
  resource: deployments,
  watches: [controlled(replicaSets, "Deployment")],
  reconcile(deployment, view) {
    if (deployment.metadata.deletionTimestamp !== undefined) return [];
    const sets = view.by<LiveReplicaSet>(setsByController, deployment.metadata.uid);
    const current = sets.find((set) => hasTemplate(set, deployment));
    const old = sets.filter((set) => set !== current).toSorted(byRevision);
    const writes = deployment.spec?.paused ? [] : rollOut(deployment, current, old);
    return [...writes, ...statusWrites(deployment, current, sets, view)];
  },
};

/** The next step from the old ReplicaSets to that of the template that is wanted now. */
function rollOut(
  deployment: LiveDeployment,
  current: LiveReplicaSet | undefined,
  old: readonly LiveReplicaSet[],
): Write[] {
  const recreate = deployment.spec?.strategy?.type === "Recreate";
  const oldPods = sum(
    old,
    (set) => Math.max(replicasOf(set), set.status?.replicas ?? 0) + terminatingOf(set),
  );
  if (recreate && oldPods > 0) return old.flatMap((set) => scale(deployment, set, 0));
  const wanted = deployment.spec?.replicas ?? 1;
  const { surge, unavailable } = recreate ? { surge: 0, unavailable: wanted } : limits(deployment);
  const room = wanted + surge - sum(old, replicasOf);
  const revision = nextRevision(old);
  if (current === undefined) {
    return [createSet(deployment, revision, Math.max(0, Math.min(wanted, room)))];
  }
  // A template that comes back is the newest revision again.
  if (revisionOf(current) < revision) return [revised(current, revision)];
  const up = scale(
    deployment,
    current,
    replicasOf(current) > wanted ? wanted : Math.max(replicasOf(current), Math.min(wanted, room)),
  );
  if (up.length > 0) return up;
  return [...scaleDown(deployment, current, old, wanted - unavailable), ...forget(deployment, old)];
}

/** Takes pods from the old sets, those that do not serve first, as long as enough serve. */
function scaleDown(
  deployment: LiveDeployment,
  current: LiveReplicaSet,
  old: readonly LiveReplicaSet[],
  atLeast: number,
): Write[] {
  const all = replicasOf(current) + sum(old, replicasOf);
  let spare = all - atLeast - (replicasOf(current) - availableOf(current));
  const writes: Write[] = [];
  const left = new Map(old.map((set) => [set, replicasOf(set)]));
  const take = (set: LiveReplicaSet, most: number) => {
    const taken = Math.max(0, Math.min(left.get(set)!, most, spare));
    left.set(set, left.get(set)! - taken);
    spare -= taken;
  };
  for (const set of old) take(set, replicasOf(set) - availableOf(set));
  for (const set of old) take(set, left.get(set)!);
  for (const [set, replicas] of left) writes.push(...scale(deployment, set, replicas));
  return writes;
}

/** Deletes the oldest of the old sets that have no pods, but for as many as are to be kept. */
function forget(deployment: LiveDeployment, old: readonly LiveReplicaSet[]): Write[] {
  const empty = old.filter((set) => replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0);
  const surplus = empty.length - (deployment.spec?.revisionHistoryLimit ?? 10);
  return empty.slice(0, Math.max(0, surplus)).map((set) => ({ delete: set, resource: replicaSets }));
}

/** `maxSurge` and `maxUnavailable` in pods; at least one of them is above zero. */
function limits({ spec }: LiveDeployment): { surge: number; unavailable: number } {
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec?.strategy?.rollingUpdate ?? {};
  const inPods = (value: number | string, round: (value: number) => number) =>
    typeof value === "number" ? value : round((spec?.replicas ?? 1) * Number.parseInt(value) / 100);
  const surge = inPods(maxSurge, Math.ceil);
  const unavailable = inPods(maxUnavailable, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function scale(deployment: LiveDeployment, set: LiveReplicaSet, replicas: number): Write[] {
  const before = replicasOf(set);
  if (before === replicas) return [];
  const verb = replicas > before ? "Scaled up" : "Scaled down";
  return [
    { update: { ...set, spec: { ...set.spec, replicas } } as Live<KubeObject>, resource: replicaSets },
    scaled(deployment, `${verb} replica set ${set.metadata.name} from ${before} to ${replicas}`),
  ];
}

function scaled(deployment: LiveDeployment, message: string): Write {
  return {
    event: { type: "Normal", reason: "ScalingReplicaSet", message },
    about: deployment,
    resource: deployments,
  };
}

function revised(set: LiveReplicaSet, revision: number): Write {
  const annotations = { ...set.metadata.annotations, [revisionAnnotation]: String(revision) };
  return { update: { ...set, metadata: { ...set.metadata, annotations } }, resource: replicaSets };
}

function createSet(deployment: LiveDeployment, revision: number, replicas: number): Write {
  const { template, selector } = deployment.spec!;
  const hash = crc32(JSON.stringify(template)).toString(16).padStart(8, "0");
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const name = `${deployment.metadata.name}-${hash}`;
  const { [lastApplied]: _, ...annotations } = deployment.metadata.annotations ?? {};
  return {
    create: {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: {
        name,
        namespace: deployment.metadata.namespace,
        labels,
        annotations: { ...annotations, [revisionAnnotation]: String(revision) },
        ownerReferences: [controllerReference(deployment, deployments)],
      },
      spec: {
        replicas,
        selector: { matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    } as KubeObject,
    resource: replicaSets,
    created: () =>
      replicas === 0 ? [] : [scaled(deployment, `Scaled up replica set ${name} from 0 to ${replicas}`)],
  };
}

function hasTemplate(set: LiveReplicaSet, deployment: LiveDeployment): boolean {
  const template = (set.spec as ReplicaSet["spec"])?.template;
  const { [hashLabel]: _, ...labels } = template?.metadata?.labels ?? {};
  const wanted = deployment.spec?.template;
  return equalJson({ ...template, metadata: { ...template?.metadata, labels } }, {
    ...wanted,
    metadata: { ...wanted?.metadata, labels: wanted?.metadata?.labels ?? {} },
  });
}

function statusWrites(
  deployment: LiveDeployment,
  current: LiveReplicaSet | undefined,
  sets: readonly LiveReplicaSet[],
  view: View,
): Write[] {
  const wanted = deployment.spec?.replicas ?? 1;
  const counts: Counts = {
    replicas: sum(sets, (set) => set.status?.replicas ?? 0),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(sets, (set) => set.status?.readyReplicas ?? 0),
    availableReplicas: sum(sets, availableOf),
  };
  const available = counts.availableReplicas;
  const enough = available >= wanted - limits(deployment).unavailable;
  const conditions = [
    conditionOf(
      deployment,
      view,
      "Available",
      enough,
      enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      `Deployment ${enough ? "has" : "does not have"} minimum availability.`,
    ),
    ...failure(deployment, current, view),
    progressing(deployment, current, counts, view),
  ];
  const status = {
    observedGeneration: deployment.metadata.generation,
    ...counts,
    unavailableReplicas: Math.max(0, counts.replicas - available, wanted - available),
    terminatingReplicas: sum(sets, terminatingOf),
    conditions,
  };
  const revision = current === undefined ? undefined : current.metadata.annotations?.[revisionAnnotation];
  const writes: Write[] = [];
  let written = deployment; // a status that is written says the annotations too
  if (revision !== undefined && deployment.metadata.annotations?.[revisionAnnotation] !== revision) {
    const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision };
    written = { ...deployment, metadata: { ...deployment.metadata, annotations } };
    writes.push({ update: written, resource: deployments });
  }
  if (!equalJson(compared(status), compared(deployment.status ?? {}))) {
    writes.push({ updateStatus: { ...written, status } as Live<KubeObject>, resource: deployments });
  }
  const deadline = remaining(deployment, conditions, view);
  if (deadline !== undefined) writes.push({ requeueAfter: deadline });
  return writes;
}

/** Whether the rollout goes on, is through, or has taken longer than it may. */
function progressing(
  deployment: LiveDeployment,
  current: LiveReplicaSet | undefined,
  counts: Counts,
  view: View,
): DeploymentCondition {
  const wanted = deployment.spec?.replicas ?? 1;
  const before = deployment.status?.conditions?.find(({ type }) => type === "Progressing");
  const of = (holds: boolean, reason: string, message: string) =>
    conditionOf(deployment, view, "Progressing", holds, reason, message);
  if (current === undefined) return before ?? of(true, "NewReplicaSetCreated", "Created new replica set");
  const set = `ReplicaSet "${current.metadata.name}"`;
  const { replicas, updatedReplicas, availableReplicas } = counts;
  if ([replicas, updatedReplicas, availableReplicas].every((count) => count === wanted)) {
    return of(true, "NewReplicaSetAvailable", `${set} has successfully progressed.`);
  }
  const goesOn = of(true, "ReplicaSetUpdated", `${set} is progressing.`);
  if (hasMoved(deployment.status, counts)) return { ...goesOn, lastUpdateTime: seconds(view.now()) };
  if (before?.reason === "ProgressDeadlineExceeded") return before;
  if (before !== undefined && timedOut(deployment, before, view)) {
    return of(false, "ProgressDeadlineExceeded", `${set} has timed out progressing.`);
  }
  return { ...goesOn, lastUpdateTime: before?.lastUpdateTime ?? goesOn.lastUpdateTime };
}

interface Counts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

/** Whether there are more of the new pods, fewer of the old ones, or more that serve. */
function hasMoved(before: Deployment["status"], now: Counts): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = before ?? {};
  return now.updatedReplicas > updatedReplicas || now.readyReplicas > readyReplicas ||
    now.availableReplicas > availableReplicas ||
    now.replicas - now.updatedReplicas < replicas - updatedReplicas;
}

function timedOut({ spec }: LiveDeployment, before: DeploymentCondition, view: View): boolean {
  if (before.reason === "NewReplicaSetAvailable") return false;
  const since = Date.parse(before.lastUpdateTime ?? before.lastTransitionTime ?? "");
  return view.now().getTime() - since >= (spec?.progressDeadlineSeconds ?? 600) * 1000;
}

function remaining(
  { spec }: LiveDeployment,
  conditions: readonly DeploymentCondition[],
  view: View,
): number | undefined {
  const now = conditions.find(({ type }) => type === "Progressing")!;
  if (now.reason === "NewReplicaSetAvailable" || now.status !== "True") return undefined;
  const since = Date.parse(now.lastUpdateTime ?? now.lastTransitionTime ?? "");
  return Math.max(0, since + (spec?.progressDeadlineSeconds ?? 600) * 1000 - view.now().getTime()) + 1;
}

function failure(
  deployment: LiveDeployment,
  current: LiveReplicaSet | undefined,
  view: View,
): DeploymentCondition[] {
  const found = current?.status?.conditions?.find(({ type }) => type === "ReplicaFailure");
  if (found === undefined) return [];
  return [conditionOf(deployment, view, "ReplicaFailure", true, found.reason ?? "", found.message ?? "")];
}

function conditionOf(
  deployment: LiveDeployment,
  view: View,
  type: string,
  holds: boolean,
  reason: string,
  message: string,
): DeploymentCondition {
  const before = deployment.status?.conditions;
  const old = before?.find((each) => each.type === type);
  const next = condition<DeploymentCondition>(before, view.now(), {
    type,
    status: holds ? "True" : "False",
    reason,
    message,
  });
  const same = old?.status === next.status && old.reason === reason && old.message === message;
  return { ...next, lastUpdateTime: same ? old.lastUpdateTime : seconds(view.now()) };
}

/** What makes a status another one: no times of updates, and counts as they are stored, zeros left out. */
function compared(status: Deployment["status"] & object): unknown {
  const said = Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0));
  return { ...said, conditions: status.conditions?.map(({ lastUpdateTime: _, ...rest }) => rest) };
}

function replicasOf(set: LiveReplicaSet): number {
  return set.spec?.replicas ?? 1;
}

function availableOf(set: LiveReplicaSet): number {
  return set.status?.availableReplicas ?? 0;
}

function terminatingOf({ status }: LiveReplicaSet): number {
  return (status as { terminatingReplicas?: number } | undefined)?.terminatingReplicas ?? 0;
}

function revisionOf(set: LiveReplicaSet): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0);
}

function nextRevision(old: readonly LiveReplicaSet[]): number {
  return 1 + Math.max(0, ...old.map(revisionOf));
}

function byRevision(a: LiveReplicaSet, b: LiveReplicaSet): number {
  return revisionOf(a) - revisionOf(b);
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
