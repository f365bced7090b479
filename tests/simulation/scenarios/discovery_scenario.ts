/** Templates that are discovered, with a Job controller, a kubelet and users around them. */

import { clusterTemplateController, templateController } from "../../../controllers/template/reconcile.ts";
import type { AIMModel, AIMServiceTemplate } from "../../../lib/api/mod.ts";
import { type DiscoveryResult, readDiscoveryLog } from "../../../lib/images/mod.ts";
import {
  clusterModels,
  clusterTemplates,
  jobs,
  models,
  nodes,
  pods,
  templates,
  watchedKinds,
} from "../../../lib/cluster/kinds.ts";
import type { Job, Pod } from "../../../lib/operator/objects.ts";
import { discoveryResult } from "../../../lib/facts/discovery_result.ts";
import { podLog, retryOfLog } from "../../../lib/facts/pod_log.ts";
import { apiVersionOf, type KubeObject, type Live, type Resource } from "../../../lib/kube/object.ts";
import type { Fact } from "../../../lib/operator/core/view.ts";
import type { Random } from "../random.ts";
import { apiError } from "../process/simulated_api_server.ts";
import type { Program } from "../process/simulated_process.ts";
import type { Scenario, World } from "../world.ts";

/** What becomes of a discovery Job that begins: `memory.discovery`. */
type Fate = "succeed" | "fail" | "babble" | "unpullable" | "hang";
export const fates: readonly Fate[] = [
  "succeed",
  "succeed",
  "succeed",
  "fail",
  "babble",
  "unpullable",
  "hang",
];

/** The facts that the template controllers ask for. */
export const discoveryFacts: Program["facts"] = [
  { fact: asAny(podLog), timeout: 10_000, freshFor: Infinity, retry: retryOfLog },
  { fact: asAny(discoveryResult), timeout: 30_000, freshFor: Infinity, retry: retryOfLog },
];

function asAny<A, F>(fact: Fact<A, F>): Fact<never, unknown> {
  return fact as unknown as Fact<never, unknown>;
}

/** The model that the image finds: it tells image and profile, so that a stale result can be told. */
export function foundFor(image: string, profileId: string | undefined): string {
  return `org/${image.replace(/[^a-z0-9]/g, "-")}-${profileId ?? "any"}`;
}

/** What the log of a pod says: by its Job as it was made. */
export function discoveryAnswer(world: World, name: string, key: string): string | DiscoveryResult {
  const [namespace, pod, uid] = key.split("/");
  const live = world.server.get(pods.resource, namespace, pod);
  if (live?.metadata.uid !== uid) throw new Error(`pod ${pod} is gone`);
  if (name === podLog.name) return "Traceback\nno profile";
  return readDiscoveryLog(live.metadata.annotations!.prints);
}

/** One step of each discovery Job of the cluster; whether any was made. */
export function runDiscovery(world: World): boolean {
  return world.server.list(jobs.resource, undefined)
    .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === "discovery")
    .map((job) => runJob(world, job as Live<Job>)).includes(true);
}

function runJob(world: World, job: Live<Job>): boolean {
  const { server, clock } = world;
  const { namespace, name, uid } = job.metadata;
  const end = job.status?.conditions?.[0];
  if (end !== undefined) {
    if (clock.now() < Date.parse(end.lastTransitionTime!) + job.spec!.ttlSecondsAfterFinished! * 1000) {
      return false;
    }
    server.delete(jobs.resource, namespace, name);
    return true;
  }
  if (clock.now() >= Date.parse(job.metadata.creationTimestamp!) + job.spec!.activeDeadlineSeconds! * 1000) {
    const pod = `${name}-${uid}`;
    if (server.get(pods.resource, namespace, pod) !== undefined) server.delete(pods.resource, namespace, pod);
    endJob(world, job, "Failed", "DeadlineExceeded");
    return true;
  }
  const pod = server.get(pods.resource, namespace, `${name}-${uid}`) as Live<Pod> | undefined;
  if (pod === undefined) return makePod(world, job);
  return runPod(world, job, pod);
}

function makePod({ server, clock, memory }: World, { metadata, spec }: Live<Job>): boolean {
  const { namespace, name, uid } = metadata;
  const { image, env } = spec!.template!.spec!.containers[0];
  const profileId = env?.find((each) => each.name === "AIM_PROFILE_ID")?.value;
  const fate = memory.get("discovery") ?? "succeed";
  const found = foundFor(image!, profileId);
  const prints = fate === "babble"
    ? "hello"
    : JSON.stringify([{ profile: {}, models: [{ name: found, source: `hf://${found}` }] }]);
  const owner = { apiVersion: "batch/v1", kind: "Job", name, uid, controller: true };
  const pod: KubeObject = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-${uid}`,
      namespace,
      labels: { ...spec!.template!.metadata!.labels, "job-name": name },
      annotations: { prints, fate: fate as string },
      ownerReferences: [owner],
    },
  };
  server.create(pods.resource, pod, "job-controller");
  setStatus(server, pods.resource, pod, { phase: "Pending" });
  // So that time stops there, and the Job controller looks.
  clock.schedule(Date.parse(metadata.creationTimestamp!) + spec!.activeDeadlineSeconds! * 1000, () => {});
  return true;
}

function runPod(world: World, job: Live<Job>, pod: Live<Pod>): boolean {
  const { server } = world;
  const fate = pod.metadata.annotations!.fate as Fate;
  const { phase, containerStatuses } = pod.status ?? {};
  if (phase === "Pending") {
    if (fate !== "unpullable") {
      setStatus(server, pods.resource, pod, { phase: "Running" });
      return true;
    }
    if (containerStatuses !== undefined) return false;
    const waiting = { reason: "ErrImagePull", message: "manifest unknown" };
    setStatus(server, pods.resource, pod, { containerStatuses: [{ name: "discovery", state: { waiting } }] });
    return true;
  }
  if (phase === "Running") {
    if (fate === "hang") return false;
    const terminated = { exitCode: 1, reason: "Error" };
    setStatus(
      server,
      pods.resource,
      pod,
      fate === "fail"
        ? { phase: "Failed", containerStatuses: [{ name: "discovery", state: { terminated } }] }
        : { phase: "Succeeded" },
    );
    return true;
  }
  if (phase === "Failed") endJob(world, job, "Failed", "BackoffLimitExceeded");
  else endJob(world, job, "Complete", "");
  return true;
}

function endJob({ server, clock }: World, job: Live<Job>, type: string, reason: string): void {
  const lastTransitionTime = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = [{ type, status: "True", reason, message: reason, lastTransitionTime }];
  setStatus(server, jobs.resource, job, { conditions });
  clock.schedule(clock.now() + job.spec!.ttlSecondsAfterFinished! * 1000, () => {});
}

function setStatus(
  server: World["server"],
  resource: Resource,
  { metadata }: KubeObject,
  status: object,
): void {
  const options = { manager: "outside", subresource: "status" } as const;
  server.patch(resource, metadata!.namespace, metadata!.name!, { status }, options);
}

const images = ["reg.test/a:1", "reg.test/a:2"];
const gpu = { hardware: { gpu: { requests: 1, model: "MI300X" } } };

function make(
  world: World,
  resource: Resource,
  namespace: string | undefined,
  name: string,
  rest: object,
): void {
  if (world.server.get(resource, namespace, name) !== undefined) return;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...rest };
  world.server.create(resource, object as KubeObject, "kubectl");
}

/** The models, a node, and more templates than there are places; a quota may refuse their Jobs. */
function begin(world: World): void {
  world.server.admission = (resource, { metadata }) => {
    if (resource !== jobs.resource || metadata.namespace !== world.memory.get("quota")) return;
    if (world.server.get(resource, metadata.namespace, metadata.name) !== undefined) return;
    throw apiError("POST", 403, "Forbidden", "exceeded quota: count/jobs.batch");
  };
  const labels = { "amd.com/gpu.device-id": "74a1" };
  make(world, nodes.resource, undefined, "n1", {});
  world.server.edit(nodes.resource, undefined, "n1", ({ metadata }) => metadata.labels = labels, "labeller");
  make(world, clusterModels.resource, undefined, "m", { spec: { image: images[0] } });
  make(world, models.resource, "one", "m", { spec: { image: images[0] } });
  for (const [namespace, count] of [["crowd", 14], ["few", 3], ["one", 1]] as const) {
    for (let n = 0; n < count; n++) {
      make(world, templates.resource, namespace, `t${n}`, {
        spec: { modelName: "m", ...(n % 2 ? gpu : {}) },
      });
    }
  }
  for (const name of ["x", "y"]) {
    make(world, clusterTemplates.resource, undefined, name, { spec: { modelName: "m", ...gpu } });
  }
}

/** The templates of both scopes. */
export function allTemplates({ server }: World): Live<AIMServiceTemplate>[] {
  return [
    ...server.list(templates.resource, undefined),
    ...server.list(clusterTemplates.resource, undefined),
  ] as Live<
    AIMServiceTemplate
  >[];
}

function mutate(world: World, random: Random): void {
  const { server } = world;
  const all = allTemplates(world);
  const { kind, metadata } = all.length > 0 ? random.pick(all) : { kind: "", metadata: undefined };
  const resource = (kind === "AIMServiceTemplate" ? templates : clusterTemplates).resource;
  const edit = (change: (draft: Live<AIMServiceTemplate>) => void) => {
    if (metadata === undefined) return;
    server.edit<AIMServiceTemplate>(resource, metadata.namespace, metadata.name, change, "kubectl");
  };
  const image = random.pick(images);
  random.weighted<() => void>([
    [5, () => world.memory.set("discovery", random.pick(fates))],
    [2, () => begin(world)],
    [2, () => world.memory.set("quota", random.pick(["", "crowd", "crowd"]))],
    [3, () => edit(({ spec }) => spec!.profileId = random.pick(["p", "q"]))],
    [1, () => edit(({ spec }) => spec!.env = [{ name: "E", value: random.pick(["1", "2"]) }])],
    [1, () => {
      world.memory.set(`inline ${metadata?.uid}`, true);
      edit(({ spec }) => spec!.modelSources = [{ modelId: "o/i", sourceUri: "hf://o/i" }]);
    }],
    [1, () => edit(({ spec }) => delete spec!.modelSources)],
    [1, () => {
      if (metadata !== undefined) server.delete(resource, metadata.namespace, metadata.name);
    }],
    [1, () => {
      const job = server.list(jobs.resource, undefined)[0];
      if (job !== undefined) server.delete(jobs.resource, job.metadata.namespace, job.metadata.name);
    }],
    [1, () => {
      const of = random.chance(0.5) ? clusterModels : models;
      const namespace = of === models ? "one" : undefined;
      server.edit<AIMModel>(of.resource, namespace, "m", ({ spec }) => spec!.image = image, "kubectl");
    }],
    [1, () => {
      if (server.get(nodes.resource, undefined, "n1") !== undefined) {
        server.delete(nodes.resource, undefined, "n1");
      }
    }],
  ])();
}

/** The image that a template's model has. */
export function imageOf({ server }: World, { metadata }: Live<AIMServiceTemplate>): string {
  const own = metadata.namespace && server.get(models.resource, metadata.namespace, "m");
  return ((own || server.get(clusterModels.resource, undefined, "m")) as AIMModel).spec!.image;
}

/** How many discovery Jobs of the cluster have not ended. */
export function activeJobs({ server }: World): Live<Job>[] {
  return server.list(jobs.resource, undefined).filter((job) =>
    job.metadata.deletionTimestamp === undefined && (job as Job).status?.conditions === undefined
  ) as Live<Job>[];
}

export const discoveryScenario: Scenario = {
  program: {
    kinds: watchedKinds,
    controllers: [templateController, clusterTemplateController],
    facts: discoveryFacts,
  },
  begin,
  mutate,
  others: runDiscovery,
  fact: discoveryAnswer,
  heal: (world) => {
    world.memory.set("discovery", "succeed");
    world.memory.set("quota", "");
    begin(world);
  },
};
