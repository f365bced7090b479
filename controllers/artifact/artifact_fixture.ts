/** For the tests of this folder: artifacts and what stands around them, on a view. */

import type { AIMArtifact, AIMArtifactStatus } from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { Event, Job, PersistentVolumeClaim, Pod } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import type { Plan } from "../../lib/operator/core/plan.ts";
import type { Known } from "../../lib/operator/core/view.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import { memoryAnnotation } from "./memory.ts";
import { artifactController } from "./reconcile.ts";

export const namespace = "ml";
/** With the artifact `test-hf` in it, the names of caching-and-artifacts.md §3.1. */
export const uid = "11111111-2222-3333-4444-555555555555";
export const claimUid = "claim-uid";
export const claimName = "test-hf-cache-16b81fda";
export const jobName = "test-hf-download-16b81fda";

export function artifact(
  spec: Partial<AIMArtifact["spec"]> = {},
  status?: AIMArtifactStatus,
  metadata: Partial<AIMArtifact["metadata"]> = {},
): AIMArtifact {
  return {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMArtifact",
    metadata: { name: "test-hf", namespace, uid, generation: 3, ...metadata },
    spec: { sourceUri: "hf://Qwen/Qwen3-32B", size: "1Gi", ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

export function claim(phase = "Bound", metadata: KubeObject["metadata"] = {}): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: claimName, namespace, uid: claimUid, ...metadata },
    spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "2Gi" } } },
    status: { phase },
  };
}

export interface JobFacts {
  readonly attempt?: number;
  readonly inputs?: string;
  readonly claim?: string;
  readonly ended?: { readonly type: "Complete" | "Failed"; readonly reason?: string; readonly at?: string };
  readonly metadata?: KubeObject["metadata"];
}

export function job({ attempt = 1, inputs, claim = claimUid, ended, metadata }: JobFacts = {}): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName,
      namespace,
      uid: "job-uid",
      annotations: {
        "aim.eai.amd.com/attempt": String(attempt),
        "aim.eai.amd.com/claim-uid": claim,
        ...(inputs === undefined ? {} : { "aim.eai.amd.com/inputs": inputs }),
      },
      ...metadata,
    },
    status: {
      conditions: ended === undefined ? [] : [{
        type: ended.type,
        status: "True",
        reason: ended.reason,
        message: `${ended.type} ${ended.reason ?? ""}`,
        lastTransitionTime: ended.at ?? "2025-12-31T23:59:30Z",
      }],
    },
  };
}

export function pod(status: Pod["status"], name = "test-hf-download-x1"): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      ownerReferences: [{
        apiVersion: "batch/v1",
        kind: "Job",
        name: jobName,
        uid: "job-uid",
        controller: true,
      }],
    },
    status,
  };
}

/** A pod whose container has ended with that code, reason and termination message. */
export function failedPod(exitCode: number, reason: string, message?: string): Pod {
  return pod({
    phase: "Failed",
    containerStatuses: [{ name: "model-download", state: { terminated: { exitCode, reason, message } } }],
  });
}

export function event(about: KubeObject, reason: string, message: string): Event {
  const { name, uid } = liveObject(about).metadata;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${reason}`, namespace },
    reason,
    message,
    involvedObject: { kind: about.kind, namespace, name, uid },
    lastTimestamp: "2025-12-31T23:59:00Z",
  };
}

/** Account and binding as this operator makes them. */
export function reporting(subject = "aim-engine-artifact-downloader"): KubeObject[] {
  return [
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "aim-engine-artifact-downloader", namespace },
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "aim-engine-artifact-status-updater", namespace },
      subjects: [{ kind: "ServiceAccount", name: subject, namespace }],
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "aim-engine-artifact-status-updater",
      },
    } as KubeObject,
  ];
}

export function runtimeConfig(spec: object, name = "default"): KubeObject {
  return {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMRuntimeConfig",
    metadata: { name, namespace },
    spec,
  } as KubeObject;
}

/** A status in which the download is verified. */
export const verifiedStatus: AIMArtifactStatus = {
  status: "Ready",
  persistentVolumeClaim: claimName,
  allocatedSize: "2Gi",
  headroomPercent: 10,
  conditions: [{
    type: "DownloadComplete",
    status: "True",
    reason: "Verified",
    message: "Verified",
    lastTransitionTime: "2025-12-31T00:00:00Z",
  }],
};

/** An artifact whose download is verified on the claim of that UID. */
export function verified(spec: Partial<AIMArtifact["spec"]> = {}, on = claimUid): AIMArtifact {
  return artifact(spec, verifiedStatus, { annotations: { [memoryAnnotation.verified]: on } });
}

export interface Seen {
  readonly plan: Plan<AIMArtifactStatus>;
  /** `Kind name`, or `- Kind name` for a removal, sorted. */
  readonly wants: readonly string[];
  readonly status: AIMArtifactStatus | undefined;
  /** `type status reason` of each condition. */
  readonly conditions: readonly string[];
  readonly messages: Readonly<Record<string, string>>;
}

/** Versions of the Secrets of the namespace, by their names; others are still being asked for. */
export type Secrets = Readonly<Record<string, string>>;

/** One pass of the artifact among the other objects, at a time (default 2026-01-01T00:00:00Z). */
export function pass(
  subject: AIMArtifact,
  others: readonly KubeObject[] = [],
  now?: string,
  secrets: Secrets = { hf: "1", reg: "1", new: "1" },
  log?: string | "pending",
): Seen {
  const facts = Object.fromEntries(
    Object.entries(secrets).map((
      [name, value],
    ) => [`secretVersion|${namespace}/${name}`, { state: "known" as const, value }]),
  );
  const logs: Record<string, Known<unknown>> = log === "pending" ? {} : {
    [`podLog|${namespace}/p1/uid-Pod-${namespace}-p1/check-size/0`]: log === undefined
      ? { state: "failed", error: new Error("gone") }
      : { state: "known", value: log },
  };
  const { result: plan } = onView(
    [subject, ...others],
    { kinds: watchedKinds, now, facts: { ...facts, ...logs } },
    (view) => artifactController.reconcile(liveObject(subject), view),
  );
  const status = plan.status?.(outcomesOf(plan as Plan<object>));
  return {
    plan,
    wants: [
      ...plan.children.map(({ ref }) => `${ref.kind.resource.kind} ${ref.name}`),
      ...plan.removals.map(({ ref }) => `- ${ref.kind.resource.kind} ${ref.name}`),
    ].sort(),
    status,
    conditions: (status?.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    messages: Object.fromEntries(
      (status?.conditions ?? []).map(({ type, message }) => [type, message ?? ""]),
    ),
  };
}

/** The artifact as a pass leaves it: with the status and the annotations that follow. */
export function after(subject: AIMArtifact, { plan, status }: Seen): AIMArtifact {
  const annotations = { ...subject.metadata.annotations };
  for (const { patch } of plan.edits ?? []) {
    const { annotations: changed } = patch.metadata as { annotations: Record<string, string | null> };
    for (const [key, value] of Object.entries(changed)) {
      if (value === null) delete annotations[key];
      else annotations[key] = value;
    }
  }
  return { ...subject, metadata: { ...subject.metadata, annotations }, status };
}

/** What is wanted of the child of that kind. */
export function desired<T extends KubeObject>({ plan }: Seen, kind: string): T {
  const child = plan.children.find(({ ref }) => ref.kind.resource.kind === kind);
  if (child === undefined || child.how === "keep") throw new Error(`no ${kind} is wanted`);
  return child.desired as T;
}
