/**
 * Every combination of what a service stands on and what serves for it: which word it shows, which component speaks in
 * `Ready`, and whether an edit is carried out. What is right is said by rules of the specification, written down here once
 * more and in another way than the controller has them (spec/README "Decided after the first build", services.md §11.5).
 */

import assert from "node:assert/strict";
import type { AIMServiceSpec, AIMServiceStatus } from "../../lib/api/mod.ts";
import type { InferenceService, Pod, ReplicaSet } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  cache,
  cacheName,
  endpoint,
  inferenceService,
  model,
  type Pass,
  pass,
  pod,
  service,
  template,
} from "./service_sample.ts";

/** One combination. */
interface State {
  readonly asks: "by name" | "for the best";
  readonly model: "ready" | "troubled by another template" | "failed" | "gone";
  readonly template: "ready" | "progressing" | "failed" | "not available" | "gone";
  /** `progressing`: the weights that are mounted are there; `lost`: they are not. */
  readonly cache: "ready" | "progressing" | "lost" | "failed" | "gone";
  /** The pods of the newest revision; undefined where there is no endpoint. */
  readonly pods:
    | undefined
    | "ready"
    | "starting"
    | "without a place"
    | "pulled again"
    | "refused an image"
    | "crashing";
  /** Whether pods of the revision before still serve. */
  readonly before: boolean;
  readonly edit: "none" | "replicas" | "env";
}

const every: { readonly [K in keyof State]: readonly State[K][] } = {
  asks: ["by name", "for the best"],
  model: ["ready", "troubled by another template", "failed", "gone"],
  template: ["ready", "progressing", "failed", "not available", "gone"],
  cache: ["ready", "progressing", "lost", "failed", "gone"],
  pods: [undefined, "ready", "starting", "without a place", "pulled again", "refused an image", "crashing"],
  before: [false, true],
  edit: ["none", "replicas", "env"],
};

function* states(): Generator<State> {
  let all: Partial<State>[] = [{}];
  for (const [key, values] of Object.entries(every)) {
    all = all.flatMap((state) => values.map((value) => ({ ...state, [key]: value })));
  }
  for (const state of all as State[]) {
    if (state.pods === undefined && (state.before || state.edit !== "none")) continue;
    if (state.pods === "ready" && state.before) continue; // the rollout is over
    yield state;
  }
}

// The world of a state.

const told = (type: string, reason: string, message: string) =>
  [{ type, status: "False", reason, message, lastTransitionTime: "2026-01-01T00:00:00Z" }] as never;

function modelOf({ model: state }: State): KubeObject[] {
  switch (state) {
    case "ready":
      return [model()];
    case "troubled by another template": {
      const conditions = [
        { type: "ImageMetadataReady", status: "True", reason: "ImageFound", message: "" },
        ...told("ServiceTemplatesReady", "SomeTemplatesDegraded", "t2 failed") as object[],
        ...told("Ready", "SomeTemplatesDegraded", "t2 failed") as object[],
      ] as never;
      return [
        model({ status: { status: "Degraded", conditions } }),
        template({ metadata: { name: "t2" }, status: { status: "Failed" } }),
      ];
    }
    case "failed": {
      const conditions = [
        ...told("ImageMetadataReady", "ImageNotFound", "no such image") as object[],
        ...told("Ready", "ImageNotFound", "no such image") as object[],
      ] as never;
      return [model({ status: { status: "Failed", conditions } })];
    }
    case "gone":
      return [];
  }
}

function templateOf({ template: state }: State): KubeObject[] {
  const words = { progressing: "Progressing", failed: "Failed", "not available": "NotAvailable" } as const;
  if (state === "gone") return [];
  if (state === "ready") return [template()];
  const status = { status: words[state] };
  if (state !== "not available") return [template({ status })];
  const conditions = told("GPUReady", "GPUNotAvailable", "No node has GPU MI300X");
  return [template({ status: { ...status, conditions } })];
}

function cacheOf({ cache: state }: State): KubeObject[] {
  if (state === "gone") return [];
  if (state === "ready") return [cache()];
  const status = state === "failed" ? "Failed" : "Progressing";
  if (state === "progressing") return [cache({ status: { status } })];
  const artifact = { name: "a", model: "org/m", status, persistentVolumeClaim: "pvc-1", uid: "uid-a" };
  return [cache({ status: { status, artifacts: { "org/m": artifact } } } as Parameters<typeof cache>[0])];
}

const hash = "pod-template-hash";
const revision = (name: string, number: string, env: string): ReplicaSet => {
  const [container] = inferenceService().spec!.predictor!.containers!;
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${endpoint}-${name}`,
      namespace: "ns",
      labels: { "serving.kserve.io/inferenceservice": endpoint, [hash]: name },
      annotations: { "deployment.kubernetes.io/revision": number },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "d", uid: "d", controller: true }],
    },
    spec: {
      template: {
        spec: {
          containers: [{ ...container, env: [...container.env!, { name: "AGE", value: env }] }],
          volumes: inferenceService().spec!.predictor!.volumes,
        },
      },
    },
  } as ReplicaSet;
};

function endpointOf(state: State): KubeObject[] {
  if (state.pods === undefined) return [];
  const of = (name: string) => ({
    name: `p-${name}`,
    labels: { "serving.kserve.io/inferenceservice": endpoint, [hash]: name },
  });
  const waiting = (reason: string, message: string): Pod["status"] => ({
    phase: "Pending",
    containerStatuses: [{ name: "kserve-container", state: { waiting: { reason, message } } }],
  });
  const statuses: Record<NonNullable<State["pods"]>, Pod["status"]> = {
    "ready": { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    "starting": { phase: "Running", conditions: [{ type: "Ready", status: "False" }] },
    "without a place": {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" }],
    },
    "pulled again": waiting("ImagePullBackOff", "i/o timeout"),
    "refused an image": waiting("ImagePullBackOff", "pull access denied, authorization failed"),
    "crashing": {
      phase: "Running",
      containerStatuses: [{
        name: "kserve-container",
        restartCount: 3,
        state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" } },
        lastState: { terminated: { exitCode: 1, reason: "Error" } },
      }],
    },
  };
  const before = state.before ? [revision("old", "1", "old"), pod({ metadata: of("old") })] : [];
  // KServe goes by the Deployment's Available, which the old revision keeps True.
  const answers = serves(state) ? "True" : "False";
  return [
    inferenceService(
      { status: { conditions: [{ type: "Ready", status: answers }] } },
    ),
    ...before,
    revision("new", "2", "new"),
    pod({ metadata: of("new"), status: statuses[state.pods] }),
  ];
}

const recorded: AIMServiceStatus = {
  status: "Running",
  observedGeneration: 4,
  resolvedModel: { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" },
  resolvedTemplate: { name: "t1", namespace: "ns", scope: "Namespace", uid: "uid-AIMServiceTemplate-ns-t1" },
  cache: {
    templateCacheRef: { name: cacheName, namespace: "ns", uid: `uid-AIMTemplateCache-ns-${cacheName}` },
  },
};

function made(state: State): Pass {
  const spec: Partial<AIMServiceSpec> = {
    ...(state.asks === "by name" ? { template: { name: "t1" } } : {}),
    ...(state.edit === "replicas" ? { replicas: 3 } : {}),
    ...(state.edit === "env" ? { env: [{ name: "A", value: "1" }] } : {}),
  };
  const generation = state.edit === "none" ? 4 : 5;
  const status = state.pods === undefined ? undefined : recorded;
  return pass(service({ metadata: { generation }, spec, status }), [
    ...modelOf(state),
    ...templateOf(state),
    ...cacheOf(state),
    ...endpointOf(state),
  ]);
}

// What is right.

function serves({ pods, before }: State): boolean {
  return pods === "ready" || before;
}

/** Whether what the endpoint is made of is known and may be used. */
function usable({ model, template }: State): boolean {
  return template === "ready" && model !== "gone";
}

type Word = "Pending" | "Starting" | "Running" | "Degraded" | "Failed";
/** Each component that is not as it should be, in the order of the conditions, with the word that it means alone. */
type Troubles = [component: string, word: Word][];

function troublesOf(state: State): Troubles {
  return state.pods === undefined ? beforeEndpoint(state) : underEndpoint(state);
}

/** Nothing is made yet: services.md §11.3 row by row, and the seed's words. */
function beforeEndpoint({ asks, model, template, cache }: State): Troubles {
  const named = asks === "by name";
  const found: Troubles = [];
  if (model === "failed" || model === "gone") found.push(["Model", "Failed"]);
  // A template that is Ready has nothing to do with the others of its model.
  if (model === "troubled by another template" && template !== "ready") {
    found.push(["Model", "Failed"]);
  }
  if (template === "gone") found.push(["Template", named ? "Failed" : "Pending"]);
  else if (template === "failed") found.push(["Template", named ? "Failed" : "Pending"]);
  else if (template !== "ready") found.push(["Template", "Pending"]);
  else if (model === "gone" && !named) found.push(["Template", "Pending"]);
  if (template === "ready" && (named || model !== "gone") && cache !== "ready") {
    found.push(["Cache", cache === "failed" ? "Failed" : "Starting"]);
  }
  return found;
}

/** An endpoint lives: it serves and is Degraded by whatever is wrong, or nothing serves and the cause decides. */
function underEndpoint(state: State): Troubles {
  const served = serves(state);
  const found: Troubles = [];
  const say = (component: string, alone: Word) => found.push([component, served ? "Degraded" : alone]);
  const named = state.asks === "by name";
  if (state.model === "failed" || state.model === "gone") say("Model", "Failed");
  if (state.model === "troubled by another template" && state.template !== "ready") say("Model", "Failed");
  if (state.template === "gone") say("Template", named ? "Failed" : "Pending");
  else if (state.template === "failed") say("Template", "Failed");
  else if (state.template !== "ready") say("Template", "Pending");
  const pods: Record<NonNullable<State["pods"]>, Word | undefined> = {
    "ready": undefined,
    "starting": "Starting",
    "without a place": "Pending",
    "pulled again": "Starting",
    "refused an image": "Failed",
    "crashing": "Failed",
  };
  const word = pods[state.pods!];
  // A new revision that is on its way is nothing that is wrong.
  if (word !== undefined) {
    found.push(["InferenceServicePods", served && state.pods !== "starting" ? "Degraded" : word]);
  }
  // Weights that come besides those that are mounted are on their way; nothing is wrong.
  if (state.cache === "progressing") found.push(["Cache", "Starting"]);
  else if (state.cache !== "ready") say("Cache", state.cache === "failed" ? "Failed" : "Starting");
  return found;
}

const ranks: readonly Word[] = ["Failed", "Degraded", "Pending", "Starting", "Running"];

Deno.test("every state: the word, who speaks, and whether edits are carried out", () => {
  const faults = new Map<string, number>();
  let count = 0;
  for (const state of states()) {
    count++;
    const fault = faultOf(state);
    if (fault !== undefined) faults.set(fault, (faults.get(fault) ?? 0) + 1);
  }
  assert.equal(count, 6800);
  const lines = [...faults].map(([fault, times]) => `${times} × ${fault}`);
  assert.equal(
    lines.length,
    0,
    `${lines.length} kinds of fault in ${count} states:\n${lines.slice(0, 60).join("\n")}`,
  );
});

/** Refused credentials, then what is missing, speak before all (§11.5 rule 1); else the worst, of equals the first. */
function speakerOf(state: State, troubles: Troubles, word: Word): string | undefined {
  if (word === "Failed" && state.pods === "refused an image" && !state.before) return "InferenceServicePods";
  const missing = [
    state.model === "gone" && "Model",
    state.template === "gone" && state.pods === undefined && "Template",
  ];
  const failed = troubles.filter((trouble) => trouble[1] === word).map(([component]) => component);
  return word === "Failed" ? failed.find((each) => missing.includes(each)) ?? failed[0] : failed[0];
}

function faultOf(state: State): string | undefined {
  const result = made(state);
  const where = Object.entries(state).map(([key, value]) => `${key} ${value}`).join(", ");
  const troubles = troublesOf(state);
  const waits = state.edit === "env" && !usable(state);
  const words = troubles.map(([, word]) => word);
  const word = ranks.find((each) => words.includes(each)) ??
    (waits || state.pods === undefined || !serves(state) ? "Starting" : "Running");
  if (result.status.status !== word) return `is ${result.status.status}, not ${word}: ${where}`;
  const progress = result.status.conditions!.map(({ type }) => type).filter((type) =>
    type === "Stalled" || type === "Reconciling"
  );
  // kstatus: what has failed is Stalled, what is not Ready for another reason is in progress.
  const isUp = word === "Running";
  if (result.condition("Ready")?.startsWith("True") !== isUp) {
    return `Ready is ${result.condition("Ready")}: ${where}`;
  }
  const expected = isUp ? "" : word === "Failed" ? "Stalled" : "Reconciling";
  if (progress.join() !== expected) return `is "${progress}", not "${expected}": ${where}`;
  const speaker = speakerOf(state, troubles, word);
  const says = result.message("Ready")!;
  if (speaker !== undefined && !new RegExp(`^(?:Component |(?!Component )[^:]+: )${speaker}\\b`).test(says)) {
    return `${speaker} does not speak but "${says}": ${where}`;
  }
  const has = result.children.some((child) => /^(keep|apply) InferenceService /.test(child));
  const wanted = state.pods !== undefined || troubles.length === 0;
  if (has !== wanted) return `${has ? "an" : "no"} InferenceService: ${where}`;
  if (result.removals.some((each) => each.startsWith("InferenceService"))) return `it is removed: ${where}`;
  if (state.edit === "none") return undefined;
  const carried = result.desired<InferenceService>("InferenceService")?.spec?.predictor;
  const replicas = carried?.minReplicas === 3;
  if (state.edit === "replicas" && !replicas) return `replicas are not carried out: ${where}`;
  const env = carried?.containers?.[0].env?.some(({ name }) => name === "A") ?? false;
  if (state.edit === "env" && env === waits) return `env is ${env ? "" : "not "}carried out: ${where}`;
  const seen = result.status.observedGeneration;
  if (seen !== (waits ? 4 : 5)) return `generation ${seen} is claimed: ${where}`;
  if (waits && result.condition("Ready")?.startsWith("True")) return `Ready though an edit waits: ${where}`;
  if (waits && !/env A/.test(result.message("InferenceServiceReady") ?? "")) {
    return `the edit is not named: ${where}`;
  }
  return undefined;
}
