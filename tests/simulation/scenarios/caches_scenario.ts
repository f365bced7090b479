/** Template caches and artifacts, with a Job controller, a binder, a downloader and users around them. */

import { aimFacts } from "../aim_facts.ts";
import { artifactController } from "../../../controllers/artifact/reconcile.ts";
import { templateCacheController } from "../../../controllers/template_cache/reconcile.ts";
import {
  type AIMArtifact,
  type AIMServiceTemplate,
  type AIMTemplateCache,
  type ModelSource,
  parseQuantity,
  wholeUnits,
} from "../../../lib/api/mod.ts";
import {
  artifacts,
  events,
  jobs,
  persistentVolumeClaims,
  pods,
  runtimeConfigs,
  serviceAccounts,
  storageClasses,
  templateCaches,
  templates,
  watchedKinds,
} from "../../../lib/cluster/kinds.ts";
import type { Job, PersistentVolumeClaim, Pod } from "../../../lib/operator/objects.ts";
import type { FailureClass } from "../../../lib/download/failure.ts";
import type { KubeObject, Live, Resource } from "../../../lib/kube/object.ts";
import { secretVersion } from "../../../lib/facts/secret_version.ts";
import type { Random } from "../random.ts";
import type { Scenario, World } from "../world.ts";

const namespace = "ml";
const apiVersion = "aim.eai.amd.com/v1alpha1";
const sources: readonly ModelSource[] = [
  { modelId: "org/a", sourceUri: "hf://org/a", size: "1Gi" },
  { modelId: "org/b", sourceUri: "hf://org/b", size: "3Gi", env: [{ name: "B", value: "1" }] },
  { modelId: "org/c", sourceUri: "s3://bucket/c" },
];

/** UIDs of claims that a download has filled. */
export function filled(world: World): Set<string> {
  const known = world.memory.get("filled") as Set<string> | undefined;
  if (known === undefined) world.memory.set("filled", new Set());
  return known ?? filled(world);
}

export type Fate =
  | "succeed"
  | "fail"
  | "denied"
  | "hang"
  /** It fails and leaves this as its termination message. */
  | { readonly class: FailureClass; readonly message: string };

/** What becomes of a download: the same for all, or as a scenario decides by the Job. */
function fateOf({ memory }: World, job: Live<Job>): Fate {
  const fate = (memory.get("fate") ?? "succeed") as Fate | ((job: Live<Job>) => Fate);
  return typeof fate === "function" ? fate(job) : fate;
}

export const cachesScenario: Scenario = {
  program: {
    kinds: watchedKinds,
    controllers: [templateCacheController, artifactController],
    facts: aimFacts,
  },
  begin: (world) => {
    makeTemplate(world, "one", sources.slice(0, 2));
    makeTemplate(world, "two", sources.slice(1));
    makeCache(world, "shared", { templateName: "one" });
    makeCache(world, "also", { templateName: "two", storageClassName: "fast" });
    makeCache(world, "own", { templateName: "one", mode: "Dedicated" });
    make(world, artifacts.resource, "by-hand", { spec: { sourceUri: "hf://org/b", size: "3Gi" } });
  },
  mutate: everydayEdits,
  others: (world) => [bindClaims(world), runJobs(world)].includes(true),
  fact: cachesAnswer,
  heal: (world) => {
    world.memory.set("fate", "succeed");
    allowGrowth(world, true);
    makeTemplate(world, "one", sources.slice(0, 2));
    makeTemplate(world, "two", sources.slice(1));
  },
};

/** The version of the one Secret that there is. */
export function cachesAnswer(world: World, name: string): unknown {
  return name === secretVersion.name ? world.memory.get("secret") ?? "1" : undefined;
}

function make(
  world: World,
  resource: Resource,
  name: string,
  rest: object,
  labels?: Record<string, string>,
): void {
  if (world.server.get(resource, namespace, name) !== undefined) return;
  world.say(`user makes ${resource.kind} ${name} ${JSON.stringify(rest)}`);
  const object = { apiVersion, kind: resource.kind, metadata: { name, namespace, labels }, ...rest };
  world.server.create(resource, object as KubeObject, "kubectl");
}

function makeTemplate(world: World, name: string, modelSources: readonly ModelSource[]): void {
  make(world, templates.resource, name, { spec: { modelName: "m" } });
  setStatus(world, templates.resource, name, { status: "Ready", modelSources });
}

function makeCache(world: World, name: string, spec: Partial<AIMTemplateCache["spec"]>): void {
  make(world, templateCaches.resource, name, { spec: { templateScope: "Namespace", ...spec } });
}

function setStatus({ server }: World, resource: Resource, name: string, status: object): void {
  if (server.get(resource, namespace, name) === undefined) return;
  server.patch(resource, namespace, name, { status }, { manager: "outside", subresource: "status" });
}

/** Whether claims of class `fast` may be made larger. */
function allowGrowth({ server }: World, allowVolumeExpansion: boolean): void {
  const { resource } = storageClasses;
  if (server.edit(resource, undefined, "fast", (draft) => Object.assign(draft, { allowVolumeExpansion }))) {
    return;
  }
  const fast = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "fast" } };
  server.create(resource, { ...fast, allowVolumeExpansion } as KubeObject, "kubectl");
}

function everydayEdits(world: World, random: Random): void {
  const { server } = world;
  const any = <T extends KubeObject>(resource: Resource): Live<T> | undefined => {
    const all = server.list(resource, namespace);
    return all.length === 0 ? undefined : random.pick(all) as Live<T>;
  };
  const drop = (resource: Resource) => {
    const object = any(resource);
    if (object === undefined) return;
    world.say(`user deletes ${resource.kind} ${object.metadata.name}`);
    server.delete(resource, namespace, object.metadata.name);
  };
  const edit = <T extends KubeObject>(resource: Resource, change: (draft: Live<T>) => void) => {
    const object = any(resource);
    if (object !== undefined) server.edit<T>(resource, namespace, object.metadata.name, change);
  };
  const env = random.chance(0.5)
    ? [{ name: "X", value: random.pick(["1", "2"]) }]
    : [{ name: "X", valueFrom: { secretKeyRef: { name: "secret", key: "x" } } }];
  const template = random.pick(["one", "two"]);
  random.weighted<() => void>([
    [4, () => world.memory.set("fate", random.pick<Fate>(["succeed", "succeed", "fail", "denied", "hang"]))],
    [1, () => world.memory.set("secret", random.pick(["1", "2"]))],
    [1, () => world.memory.set("source bytes", random.pick([1, 3, 5]) * 2 ** 30)],
    [1, () => allowGrowth(world, random.chance(0.7))],
    [2, () => makeCache(world, random.pick(["shared", "also", "own"]), { templateName: template })],
    [1, () => makeCache(world, "own", { templateName: template, mode: "Dedicated" })],
    [2, () => drop(templateCaches.resource)],
    [1, () => drop(artifacts.resource)],
    [2, () => drop(persistentVolumeClaims.resource)],
    [1, () => drop(jobs.resource)],
    [1, () => drop(serviceAccounts.resource)],
    [1, () => drop(templates.resource)],
    [2, () => makeTemplate(world, template, sources.filter(() => random.chance(0.7)))],
    [2, () => edit<AIMArtifact>(artifacts.resource, ({ spec }) => spec!.env = env)],
    [1, () => edit<AIMTemplateCache>(templateCaches.resource, ({ spec }) => spec!.env = env)],
    [1, () => edit<AIMTemplateCache>(templateCaches.resource, ({ spec }) => spec!.storageClassName = "fast")],
    [
      1,
      () =>
        edit<AIMServiceTemplate>(
          templates.resource,
          ({ status }) => status && (status.status = "NotAvailable"),
        ),
    ],
    [1, () => make(world, runtimeConfigs.resource, "default", { spec: { env } })],
    [1, () => drop(runtimeConfigs.resource)],
    [2, () => {
      const artifact = any(artifacts.resource);
      if (artifact === undefined) return;
      const progress = { percentage: random.below(101), displayPercentage: "x %" };
      setStatus(world, artifacts.resource, artifact.metadata.name, { progress });
    }],
  ])();
}

/** Those of a class that a scenario calls missing stay unbound, and an event says so. */
function bindClaims(world: World): boolean {
  const missing = world.memory.get("missing class");
  const isMissing = ({ spec }: PersistentVolumeClaim) =>
    missing !== undefined && spec?.storageClassName === missing;
  const all = world.server.list(persistentVolumeClaims.resource, namespace) as Live<PersistentVolumeClaim>[];
  const pending = all.filter((claim) => claim.status === undefined && isMissing(claim));
  for (const { metadata: { name, uid } } of pending) {
    setStatus(world, persistentVolumeClaims.resource, name, { phase: "Pending" });
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name}.provisioning`, namespace },
      type: "Warning",
      reason: "ProvisioningFailed",
      message: `storageclass.storage.k8s.io "${missing}" not found`,
      involvedObject: { kind: "PersistentVolumeClaim", namespace, name, uid },
    };
    world.server.create(events.resource, event as KubeObject, "binder");
  }
  const unbound = all.filter((claim) => claim.status?.phase !== "Bound" && !isMissing(claim));
  // Bound ones become as large as they ask to be: what the API server let through is carried out.
  const smaller = all.filter(({ status, spec }) =>
    status?.phase === "Bound" && status.capacity?.storage !== spec?.resources?.requests?.storage
  );
  for (const { metadata, spec } of [...unbound, ...smaller]) {
    const status = { phase: "Bound", capacity: spec?.resources?.requests };
    setStatus(world, persistentVolumeClaims.resource, metadata.name, status);
  }
  return unbound.length + pending.length + smaller.length > 0;
}

/**
 * Bytes of each source; what a size check finds. Volumes of a class that have fewer, or fewer than a scenario says
 * that they take on a disk, are full before the end.
 */
function sourceBytes({ memory }: World): number {
  return (memory.get("source bytes") as number | undefined) ?? 2 ** 30;
}

function isFull(world: World, claim: Live<KubeObject> | undefined): boolean {
  const { spec, status } = (claim as Live<PersistentVolumeClaim> | undefined) ?? {};
  const capacity = status?.capacity;
  return capacity !== undefined && spec?.storageClassName !== undefined &&
    wholeUnits(parseQuantity(capacity.storage)) <
      BigInt(world.memory.get("disk bytes") as number ?? sourceBytes(world));
}

/** One step of each download that has not ended. */
function runJobs(world: World): boolean {
  const downloads = world.server.list(jobs.resource, namespace).filter(({ metadata }) =>
    metadata.labels?.["aim.eai.amd.com/cache.name"] !== undefined
  );
  return downloads.map((job) => runJob(world, job as Live<Job>)).includes(true);
}

function runJob(world: World, job: Live<Job>): boolean {
  if ((job.status?.conditions ?? []).length > 0) return false;
  const made = world.server.list(pods.resource, namespace).filter(({ metadata }) =>
    metadata.ownerReferences?.[0].uid === job.metadata.uid
  ) as Live<Pod>[];
  const current = made.find(({ status }) => status?.phase !== "Failed");
  if (current !== undefined) return runPod(world, job, current);
  if (made.length > job.spec!.backoffLimit!) {
    endJob(world, job, { type: "Failed", reason: "BackoffLimitExceeded" });
  } else {
    const owner = { apiVersion: "batch/v1", kind: "Job", name: job.metadata.name, uid: job.metadata.uid };
    const metadata = {
      name: `${job.metadata.name}-${job.metadata.uid}-${made.length}`,
      namespace,
      labels: job.spec?.template?.metadata?.labels,
      ownerReferences: [{ ...owner, controller: true }],
    };
    const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: {}, status: {} };
    world.server.create(pods.resource, pod as KubeObject, "job-controller");
    setStatus(world, pods.resource, metadata.name, { phase: "Pending" });
  }
  return true;
}

function runPod(world: World, job: Live<Job>, { metadata, status }: Live<Pod>): boolean {
  const { server } = world;
  const pod = job.spec!.template!.spec!;
  const measures = job.metadata.labels?.["aim.eai.amd.com/component"] === "check-size";
  const claimName = pod.volumes![0].persistentVolumeClaim?.claimName ?? "";
  const claim = server.get(persistentVolumeClaims.resource, namespace, claimName);
  const account = server.get(serviceAccounts.resource, namespace, pod.serviceAccountName!);
  if (status?.phase === "Pending") {
    if ((claim === undefined && !measures) || account === undefined) return false;
    setStatus(world, pods.resource, metadata.name, { phase: "Running" });
    return true;
  }
  const fate = fateOf(world, job);
  if (fate === "hang") return false;
  const { name: container } = pod.containers[0];
  if (fate === "succeed" && measures) {
    const message = JSON.stringify({ url: pod.containers[0].args![0], sizeBytes: sourceBytes(world) });
    const state = { terminated: { exitCode: 0, reason: "Completed", message } };
    setStatus(world, pods.resource, metadata.name, {
      phase: "Succeeded",
      containerStatuses: [{ name: container, state }],
    });
    endJob(world, job, { type: "Complete", reason: "" });
    return true;
  }
  const full = fate === "succeed" && isFull(world, claim);
  if (fate !== "succeed" || full || claim === undefined) {
    const verdict = full ? { class: "storageFull", message: "no space left on device" } : fate;
    const log = fate === "denied" ? "Cannot access gated repo: org/a" : "Traceback";
    const message = typeof verdict === "string" ? log : JSON.stringify(verdict);
    setStatus(world, pods.resource, metadata.name, {
      phase: "Failed",
      containerStatuses: [{
        name: container,
        state: { terminated: { exitCode: 1, reason: "Error", message } },
      }],
    });
    return true;
  }
  const artifact = job.metadata.ownerReferences![0].name;
  setStatus(world, artifacts.resource, artifact, {
    progress: { percentage: 100, displayPercentage: "100 %" },
  });
  setStatus(world, pods.resource, metadata.name, { phase: "Succeeded" });
  filled(world).add(claim.metadata.uid);
  endJob(world, job, { type: "Complete", reason: "" });
  return true;
}

function endJob(world: World, job: Live<Job>, ended: { type: string; reason: string }): void {
  const lastTransitionTime = new Date(world.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  const conditions = [{ ...ended, status: "True", message: ended.reason, lastTransitionTime }];
  setStatus(world, jobs.resource, job.metadata.name, { conditions });
}

/** What is there at the end, and should be Ready. */
export function endState({ server }: World) {
  return {
    caches: server.list(templateCaches.resource, namespace) as Live<AIMTemplateCache>[],
    artifacts: server.list(artifacts.resource, namespace) as Live<AIMArtifact>[],
    claim: (name: string) => server.get(persistentVolumeClaims.resource, namespace, name),
  };
}
