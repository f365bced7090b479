/**
 * Volumes, Jobs and a downloader, played: what is on each volume is known here, whatever the operator believes. Bytes
 * that cross the wire are counted for each source and volume.
 */

import type { AIMArtifact } from "../../../lib/api/mod.ts";
import {
  artifacts,
  jobs,
  persistentVolumeClaims,
  pods,
  serviceAccounts,
} from "../../../lib/cluster/kinds.ts";
import type { Job, PersistentVolumeClaim, Pod } from "../../../lib/operator/objects.ts";
import type { KubeObject, Live, Resource } from "../../../lib/kube/object.ts";
import type { World } from "../world.ts";

/** What the source has. */
export const sizes: Readonly<Record<string, number>> = {
  "hf://org/a": 2 ** 30,
  "hf://org/b": 3 * 2 ** 30,
  "s3://bucket/c": 2 * 2 ** 30,
};
export const uris = Object.keys(sizes);

/** What becomes of a pod; the classes are those of the termination message (caching-and-artifacts.md §6.3). */
export const fates = [
  "succeed",
  "succeed",
  "auth",
  "notFound",
  "storageFull",
  "network",
  "killed",
  "wrong",
  "hang",
] as const;
export type Fate = typeof fates[number];

/** Has a claim stay as long as a pod uses it, as in every cluster. */
const protection = "kubernetes.io/pvc-protection";

export class PlayedDownloads {
  /** Bytes of each source on each volume, by UID of the claim. */
  readonly #there = new Map<string, Map<string, number>>();
  readonly #verified = new Set<string>();
  /** Names of the claims that held something verified at some time. */
  readonly everVerified = new Set<string>();
  /** Bytes that were fetched onto each volume, by `<source> <UID of the claim>`. */
  readonly fetched = new Map<string, number>();
  /** By source. */
  readonly fates = new Map<string, Fate>();
  /** Classes that no provisioner serves. */
  readonly missingClasses = new Set<string>();
  /** What a test wants to know of: a download begins on a volume that has nothing of the source yet. */
  begins: (world: World, source: string, claim: Live<PersistentVolumeClaim>, artifact: string) => void =
    () => {};

  constructor(private readonly namespace: string) {}

  /** Whether a Job has downloaded the source to the volume and found it right. */
  isVerified(source: string, claimUid: string): boolean {
    return this.#verified.has(`${source} ${claimUid}`);
  }

  /** Bytes of the source on the volume. */
  bytesOn(source: string, claimUid: string): number {
    return this.#there.get(claimUid)?.get(source) ?? 0;
  }

  /** A claim was restored under another UID, with what was on its volume. */
  restored(before: string, now: string): void {
    this.#there.set(now, new Map(this.#there.get(before) ?? []));
  }

  /** One step of everything; returns whether there was any. */
  step(world: World): boolean {
    const before = world.server.version;
    this.#serveClaims(world);
    for (const job of this.#list<Job>(world, jobs.resource)) {
      if (job.metadata.labels?.["aim.eai.amd.com/cache.name"] !== undefined) this.#stepJob(world, job);
    }
    return world.server.version !== before;
  }

  #list<T extends KubeObject>(world: World, resource: Resource): Live<T>[] {
    return world.server.list(resource, this.namespace) as Live<T>[];
  }

  #setStatus({ server }: World, resource: Resource, name: string, status: object): void {
    if (server.get(resource, this.namespace, name) === undefined) return;
    server.patch(resource, this.namespace, name, { status }, { manager: "outside", subresource: "status" });
  }

  #serveClaims(world: World): void {
    const claims = persistentVolumeClaims.resource;
    for (const claim of this.#list<PersistentVolumeClaim>(world, claims)) {
      const { name, finalizers = [], deletionTimestamp } = claim.metadata;
      const edit = (change: (draft: Live<PersistentVolumeClaim>) => void) =>
        world.server.edit<PersistentVolumeClaim>(
          claims,
          this.namespace,
          name,
          change,
          "kube-controller-manager",
        );
      if (deletionTimestamp === undefined && !finalizers.includes(protection)) {
        edit(({ metadata }) => metadata.finalizers = [...finalizers, protection]);
      }
      if (deletionTimestamp !== undefined && !this.#isMounted(world, name)) {
        edit(({ metadata }) => metadata.finalizers = []);
        continue;
      }
      if (claim.status?.phase === "Bound" || this.missingClasses.has(claim.spec?.storageClassName ?? "")) {
        continue;
      }
      this.#setStatus(world, claims, name, { phase: "Bound" });
    }
  }

  #isMounted(world: World, claim: string): boolean {
    return this.#list<Pod>(world, pods.resource).some(({ spec, status }) =>
      status?.phase === "Running" && claimNameOf(spec as PodSpecLike) === claim
    );
  }

  #stepJob(world: World, job: Live<Job>): void {
    if ((job.status?.conditions ?? []).length > 0) return;
    this.#watchDeadline(world, job);
    const made = this.#list<Pod>(world, pods.resource).filter(({ metadata }) =>
      metadata.ownerReferences?.[0].uid === job.metadata.uid
    );
    const current = made.find(({ status }) => status?.phase !== "Failed");
    if (current !== undefined) return this.#stepPod(world, job, current);
    if (made.length > job.spec!.backoffLimit!) {
      return this.#endJob(world, job, { type: "Failed", reason: "BackoffLimitExceeded" });
    }
    const owner = { apiVersion: "batch/v1", kind: "Job", name: job.metadata.name, uid: job.metadata.uid };
    // A pod that somebody has deleted leaves its number free, not the next one.
    const nameOf = (n: number) => `${job.metadata.name}-${job.metadata.uid}-${n}`;
    let number = made.length;
    while (made.some(({ metadata }) => metadata.name === nameOf(number))) number++;
    const metadata = {
      name: nameOf(number),
      namespace: this.namespace,
      labels: job.spec?.template?.metadata?.labels,
      ownerReferences: [{ ...owner, controller: true }],
    };
    const pod = { apiVersion: "v1", kind: "Pod", metadata, spec: job.spec!.template!.spec };
    world.server.create(pods.resource, structuredClone(pod) as KubeObject, "job-controller");
    this.#setStatus(world, pods.resource, metadata.name, { phase: "Pending" });
  }

  #stepPod(world: World, job: Live<Job>, pod: Live<Pod>): void {
    const spec = job.spec!.template!.spec!;
    const [container] = spec.containers;
    const source = container.args![0];
    const measures = job.metadata.labels?.["aim.eai.amd.com/component"] === "check-size";
    const claim = world.server.get(
      persistentVolumeClaims.resource,
      this.namespace,
      claimNameOf(spec) ?? "",
    ) as
      | Live<PersistentVolumeClaim>
      | undefined;
    const { name } = pod.metadata;
    if (pod.status?.phase === "Pending") {
      const account = world.server.get(serviceAccounts.resource, this.namespace, spec.serviceAccountName!);
      const bound = claim?.status?.phase === "Bound" && claim.metadata.deletionTimestamp === undefined;
      if ((measures || bound) && account !== undefined) {
        this.#setStatus(world, pods.resource, name, { phase: "Running" });
      }
      return;
    }
    const end = (phase: "Succeeded" | "Failed", told: object) => {
      const terminated = {
        exitCode: phase === "Succeeded" ? 0 : 1,
        reason: phase === "Succeeded" ? "Completed" : "Error",
        message: JSON.stringify(told),
      };
      const containerStatuses = [{ name: container.name, state: { terminated } }];
      this.#setStatus(world, pods.resource, name, { phase, containerStatuses });
      if (phase === "Succeeded") this.#endJob(world, job, { type: "Complete", reason: "" });
    };
    const fate = this.fates.get(source) ?? "succeed";
    if (fate === "hang") return;
    if (fate === "auth" || fate === "notFound") {
      return end("Failed", { class: fate, message: `${fate} of ${source}` });
    }
    if (measures) {
      if (fate !== "succeed") return end("Failed", { class: "network", message: fate });
      return end("Succeeded", { url: source, sizeBytes: sizes[source], revision: "r1" });
    }
    if (claim === undefined) return end("Failed", { class: "other", message: "the volume has gone" });
    const more = this.#fetch(world, job, source, claim);
    if (fate === "wrong" && !more) {
      this.#there.get(claim.metadata.uid)!.delete(source);
      this.#verified.delete(`${source} ${claim.metadata.uid}`);
      this.fetched.delete(`${source} ${claim.metadata.uid}`);
      return end("Failed", { class: "other", message: "a checksum differs" });
    }
    if (fate === "killed") {
      const terminated = { exitCode: 137, reason: "OOMKilled" };
      const containerStatuses = [{ name: container.name, state: { terminated } }];
      return this.#setStatus(world, pods.resource, name, { phase: "Failed", containerStatuses });
    }
    if (fate === "storageFull" || fate === "network") {
      return end("Failed", { class: fate, message: `${fate} here` });
    }
    if (more) return;
    this.#verified.add(`${source} ${claim.metadata.uid}`);
    this.everVerified.add(claim.metadata.name);
    end("Succeeded", { bytes: sizes[source] });
  }

  /** A third of the source, from where the volume stands. Returns whether there is more. */
  #fetch(world: World, job: Live<Job>, source: string, claim: Live<PersistentVolumeClaim>): boolean {
    const { uid } = claim.metadata;
    const had = this.bytesOn(source, uid);
    const artifact = job.metadata.ownerReferences![0].name;
    const left = sizes[source] - had;
    if (left > 0) {
      if (had === 0) this.begins(world, source, claim, artifact);
      const now = Math.min(left, Math.ceil(sizes[source] / 3));
      this.#there.set(uid, (this.#there.get(uid) ?? new Map()).set(source, had + now));
      const key = `${source} ${uid}`;
      this.fetched.set(key, (this.fetched.get(key) ?? 0) + now);
    }
    const there = this.bytesOn(source, uid);
    const percentage = there === sizes[source] ? 100 : Math.min(99, Math.floor(there / sizes[source] * 100));
    this.#setStatus(world, artifacts.resource, artifact, {
      progress: {
        percentage,
        displayPercentage: `${percentage} %`,
        downloadedBytes: there,
        totalBytes: sizes[source],
      },
    });
    return there < sizes[source];
  }

  readonly #timed = new Set<string>();

  #watchDeadline(world: World, { metadata: { name, uid }, spec }: Live<Job>): void {
    if (this.#timed.has(uid)) return;
    this.#timed.add(uid);
    world.clock.schedule(world.clock.now() + 1_000 * spec!.activeDeadlineSeconds!, () => {
      const job = this.#job(world, name, uid);
      if (job === undefined || (job.status?.conditions ?? []).length > 0) return;
      this.#endJob(world, job, { type: "Failed", reason: "DeadlineExceeded" });
      for (const pod of this.#list<Pod>(world, pods.resource)) {
        if (pod.metadata.ownerReferences?.[0].uid !== uid || pod.status?.phase === "Failed") continue;
        world.server.delete(pods.resource, this.namespace, pod.metadata.name);
      }
    });
  }

  #job({ server }: World, name: string, uid: string): Live<Job> | undefined {
    const job = server.get(jobs.resource, this.namespace, name) as Live<Job> | undefined;
    return job?.metadata.uid === uid ? job : undefined;
  }

  /** It has ended, and vanishes when its time is over. */
  #endJob(world: World, job: Live<Job>, ended: { type: string; reason: string }): void {
    const { name, uid } = job.metadata;
    const lastTransitionTime = new Date(world.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
    const conditions = [{ ...ended, status: "True", message: ended.reason, lastTransitionTime }];
    this.#setStatus(world, jobs.resource, name, { conditions });
    world.clock.schedule(world.clock.now() + 1_000 * job.spec!.ttlSecondsAfterFinished!, () => {
      if (this.#job(world, name, uid) !== undefined) world.server.delete(jobs.resource, this.namespace, name);
    });
  }
}

interface PodSpecLike {
  readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
}

function claimNameOf(spec: PodSpecLike | undefined): string | undefined {
  return spec?.volumes?.find(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined)
    ?.persistentVolumeClaim?.claimName;
}

/** The volume that an artifact stands on now. */
export function claimOf(
  { server }: World,
  { metadata, status }: Live<AIMArtifact>,
): Live<PersistentVolumeClaim> | undefined {
  const name = status?.persistentVolumeClaim;
  return name === undefined
    ? undefined
    : server.get(persistentVolumeClaims.resource, metadata.namespace, name) as Live<PersistentVolumeClaim>;
}
