/**
 * What must hold of weights, told by what is there and what crossed the wire: none of it asks the operator's own code
 * (issue "Random histories").
 */

import type { AIMArtifact, AIMService, AIMTemplateCache } from "../../../lib/api/mod.ts";
import {
  artifacts,
  inferenceServices,
  jobs,
  persistentVolumeClaims,
  pods,
  services,
  templateCaches,
  templates,
} from "../../../lib/cluster/kinds.ts";
import type { InferenceService, PersistentVolumeClaim, Pod } from "../../../lib/operator/objects.ts";
import type { KubeObject, Live, Resource } from "../../../lib/kube/object.ts";
import { claimOf, type PlayedDownloads, sizes } from "./played_downloads.ts";
import type { World } from "../world.ts";

const namespace = "ml";
/** As many lists of users may be on their way at once; which of them a deletion goes by cannot be told. */
const listsOnTheWay = 8;

const all = <T extends KubeObject>({ server }: World, resource: Resource) =>
  server.list(resource, namespace) as Live<T>[];
const lives = ({ metadata }: KubeObject) => metadata!.deletionTimestamp === undefined;
const owners = ({ metadata }: KubeObject) => metadata!.ownerReferences ?? [];
const madeByCache = ({ metadata }: KubeObject) =>
  metadata?.labels?.["app.kubernetes.io/managed-by"] === "aim-template-cache-controller";

function mountedClaims(endpoint: KubeObject): string[] {
  const { spec } = endpoint as InferenceService;
  return (spec?.predictor?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName]
  );
}

function listedBy(caches: readonly KubeObject[]): Set<string> {
  return new Set(
    (caches as AIMTemplateCache[]).filter(lives).flatMap(({ status }) =>
      Object.values(status?.artifacts ?? {}).map(({ uid }) => uid ?? "")
    ),
  );
}

/** Watches a world, and tells what should not have happened. */
export class DownloadsOracle {
  readonly violations: string[] = [];
  /** UIDs of claims whose artifact was once called Ready. */
  readonly #calledReady = new Set<string>();
  readonly #claimNames = new Set<string>();
  /** Env of each artifact as it was made, by UID: what caches correct later makes no other download of it. */
  readonly #firstEnv = new Map<string, string>();
  #lists: ReadonlySet<string>[] = [];

  constructor(private readonly world: World, private readonly played: PlayedDownloads) {
    const { server } = world;
    const [list, remove] = [server.list.bind(server), server.delete.bind(server)];
    server.admission = (resource, object) => this.#stored(resource, object);
    server.list = (resource, inside) => {
      const found = list(resource, inside);
      if (resource.plural === templateCaches.resource.plural && inside !== undefined) {
        this.#lists = [...this.#lists, listedBy(found)].slice(-listsOnTheWay);
      }
      return found;
    };
    server.delete = (resource, inside, name, preconditions) => {
      const object = server.get(resource, inside, name);
      // Only the operator says which version it means.
      if (resource.plural === artifacts.resource.plural && preconditions?.uid !== undefined) {
        if (object?.metadata.resourceVersion === preconditions.resourceVersion) {
          this.#artifactGoes(object as Live<AIMArtifact>, listedBy(list(templateCaches.resource, namespace)));
        }
      }
      return remove(resource, inside, name, preconditions);
    };
    played.begins = (_, source, claim, artifact) => this.#downloadBegins(source, claim, artifact);
  }

  #say(text: string): void {
    this.violations.push(text);
    this.world.say(`VIOLATION ${text}`);
  }

  #artifactGoes(artifact: Live<AIMArtifact>, listedNow: ReadonlySet<string>): void {
    const { name, uid } = artifact.metadata;
    if ([listedNow, ...this.#lists].every((listed) => listed.has(uid))) {
      this.#say(`artifact ${name} is deleted though a cache lists it`);
    }
    // A Dedicated one goes with its cache, which somebody else has deleted.
    if (owners(artifact).length > 0) return;
    const claim = artifact.status?.persistentVolumeClaim ?? "";
    if (all(this.world, inferenceServices.resource).some((each) => mountedClaims(each).includes(claim))) {
      this.#say(`artifact ${name} is deleted though an endpoint mounts its volume`);
    }
  }

  #stored(resource: Resource, object: Live<KubeObject>): void {
    const { name } = object.metadata;
    const fresh = object.metadata.resourceVersion === "";
    switch (resource.plural) {
      case persistentVolumeClaims.resource.plural:
        this.#claimNames.add(name);
        return;
      case artifacts.resource.plural: {
        const artifact = object as Live<AIMArtifact>;
        if (fresh) this.#firstEnv.set(artifact.metadata.uid, JSON.stringify(artifact.spec?.env ?? []));
        if (artifact.status?.status !== "Ready") return;
        const claim = claimOf(this.world, artifact);
        if (!this.played.everVerified.has(artifact.status.persistentVolumeClaim ?? "")) {
          this.#say(`artifact ${name} is called Ready, and nothing was ever verified on its volume`);
        }
        if (claim && this.played.isVerified(artifact.spec!.sourceUri, claim.metadata.uid)) {
          this.#calledReady.add(claim.metadata.uid);
        }
        return;
      }
      case templateCaches.resource.plural: {
        const { status } = object as AIMTemplateCache;
        if (status?.status !== "Ready") return;
        for (const entry of Object.values(status.artifacts ?? {})) {
          if (entry.status === "Ready" && this.#claimNames.has(entry.persistentVolumeClaim ?? "")) continue;
          this.#say(`cache ${name} is called Ready with ${JSON.stringify(entry)}`);
        }
        return;
      }
      case inferenceServices.resource.plural:
        for (const claim of mountedClaims(object)) {
          if (!this.played.everVerified.has(claim)) {
            this.#say(`endpoint ${name} mounts ${claim}, never verified`);
          }
        }
        return;
      case jobs.resource.plural: {
        const uid = object.metadata.annotations?.["aim.eai.amd.com/claim-uid"];
        if (fresh && uid !== undefined && this.#calledReady.has(uid)) {
          this.#say(`Job ${name} downloads what has been called Ready`);
        }
      }
    }
  }

  /** Nobody else has the same in that class, or is getting it; of a Dedicated cache with the same env. An artifact made by hand is what a user asked for. */
  #downloadBegins(source: string, claim: Live<PersistentVolumeClaim>, name: string): void {
    const artifact = this.world.server.get(artifacts.resource, namespace, name) as
      | Live<AIMArtifact>
      | undefined;
    if (artifact === undefined || !madeByCache(artifact)) return;
    const scopeOf = (each: Live<AIMArtifact>) =>
      JSON.stringify(owners(each).map(({ uid }) => [uid, this.#firstEnv.get(each.metadata.uid)]));
    for (const other of all<AIMArtifact>(this.world, artifacts.resource)) {
      if (other.metadata.uid === artifact.metadata.uid || !lives(other)) continue;
      if (other.spec?.sourceUri !== source || scopeOf(other) !== scopeOf(artifact)) continue;
      // One that a user makes in the same moment has no status yet, and does not count (§4.2).
      if (!madeByCache(other) && other.metadata.creationTimestamp! >= artifact.metadata.creationTimestamp!) {
        continue;
      }
      const volume = claimOf(this.world, other);
      if (
        volume === undefined || (volume.spec?.storageClassName ?? "") !== (claim.spec?.storageClassName ?? "")
      ) {
        continue;
      }
      if (this.played.bytesOn(source, volume.metadata.uid) === 0) continue;
      this.#say(`${source} is downloaded for ${name} though ${other.metadata.name} has it, or is getting it`);
    }
  }

  /** What is untrue while nothing moves. */
  untrue(): string[] {
    return [
      ...this.violations,
      ...[...this.played.fetched].filter(([key, bytes]) => bytes > sizes[key.split(" ")[0]])
        .map(([key, bytes]) => `${bytes} bytes were fetched for ${key}`),
      ...all<AIMArtifact>(this.world, artifacts.resource).filter(lives).flatMap((each) =>
        this.#ofArtifact(each)
      ),
      ...all<AIMTemplateCache>(this.world, templateCaches.resource).filter(lives).flatMap((each) =>
        this.#ofCache(each)
      ),
      ...all<AIMService>(this.world, services.resource).filter(lives).flatMap((each) =>
        this.#ofService(each)
      ),
    ];
  }

  #isThere(artifact: Live<AIMArtifact>): boolean {
    const claim = claimOf(this.world, artifact);
    return claim !== undefined && lives(claim) && claim.status?.phase === "Bound" &&
      this.played.isVerified(artifact.spec!.sourceUri, claim.metadata.uid);
  }

  #ofArtifact(artifact: Live<AIMArtifact>): string[] {
    const { world } = this;
    const { metadata: { name, uid }, status = {} as NonNullable<AIMArtifact["status"]>, spec } = artifact;
    const wrong: string[] = [];
    const say = (text: string) => wrong.push(`artifact ${name} ${status.status} ${text}`);
    const isReady = status.status === "Ready";
    const claim = claimOf(world, artifact);
    if (isReady && !this.#isThere(artifact)) say("has no verified volume");
    if (isReady && status.progress?.percentage !== 100) say(`shows ${JSON.stringify(status.progress)}`);
    if (claim && claim.spec?.resources?.requests?.storage !== status.allocatedSize && claim.metadata.labels) {
      const was = status.allocatedSize;
      if (was === undefined) say("tells no allocated size");
    }
    if (status.mode !== (owners(artifact).length === 0 ? "Shared" : "Dedicated")) {
      say(`is of mode ${status.mode}`);
    }
    const found = status.discoveredSizeBytes;
    if (found !== undefined && found !== sizes[spec!.sourceUri]) say(`measured ${found}`);
    const running = all<Pod>(world, pods.resource).filter((pod) =>
      pod.metadata.labels?.["aim.eai.amd.com/artifact.name"] === name && pod.status?.phase === "Running"
    );
    if (status.status === "Failed" && running.length > 0) say(`while ${running[0].metadata.name} runs`);
    if (claim) {
      const users = all<InferenceService>(world, inferenceServices.resource).filter((each) =>
        mountedClaims(each).includes(claim.metadata.name)
      );
      const latest = users.map(({ metadata }) => metadata.creationTimestamp!).sort().at(-1);
      if (latest !== undefined && !(status.lastUsed !== undefined && status.lastUsed >= latest)) {
        say(`was last used ${status.lastUsed}, mounted ${latest}`);
      }
    }
    const isComplete = status.conditions?.some(({ type, reason }) =>
      type === "DownloadComplete" && reason === "Verified"
    );
    if (isComplete && claim && !this.played.isVerified(spec!.sourceUri, claim.metadata.uid)) {
      say("is called complete");
    }
    const stale = Object.values(all<AIMTemplateCache>(world, templateCaches.resource)).flatMap((cache) =>
      Object.values(cache.status?.artifacts ?? {}).filter((entry) =>
        lives(cache) && entry.uid === uid && entry.status !== status.status
      ).map((entry) => `${cache.metadata.name} calls it ${entry.status}`)
    );
    stale.forEach(say);
    return wrong;
  }

  #ofCache(cache: Live<AIMTemplateCache>): string[] {
    const { world } = this;
    const { metadata: { name }, status, spec } = cache;
    const wrong: string[] = [];
    const listed = Object.values(status?.artifacts ?? {});
    for (const entry of listed) {
      const artifact = world.server.get(artifacts.resource, namespace, entry.name!) as Live<AIMArtifact>;
      if (artifact?.metadata.uid !== entry.uid) {
        wrong.push(`cache ${name} lists ${entry.name}, which is not there`);
      }
      if (status?.status !== "Ready") continue;
      const volume = artifact && claimOf(world, artifact);
      if (volume && spec!.storageClassName && volume.spec?.storageClassName !== spec!.storageClassName) {
        wrong.push(
          `cache ${name} of class ${
            spec!.storageClassName
          } has ${entry.name} on ${volume.spec?.storageClassName}`,
        );
      }
      if (artifact === undefined || !this.#isThere(artifact)) {
        wrong.push(`cache ${name} is Ready, and the volume of ${entry.name} is not there, or not whole`);
      }
    }
    const template = world.server.get(templates.resource, namespace, spec!.templateName) as
      | { status?: { status?: string; modelSources?: { sourceUri: string }[] } }
      | undefined;
    const wanted = (template?.status?.modelSources ?? []).map(({ sourceUri }) => sourceUri);
    const kept = listed.filter(({ status }) => status === "Ready").map(({ name }) =>
      (world.server.get(artifacts.resource, namespace, name!) as Live<AIMArtifact>).spec!.sourceUri
    );
    const isWhole = template?.status?.status === "Ready" && wanted.length > 0 &&
      wanted.every((uri) => kept.includes(uri));
    if (isWhole !== (status?.status === "Ready")) {
      wrong.push(`cache ${name} is ${status?.status}, has ${kept} of ${wanted}`);
    }
    return wrong;
  }

  #ofService({ metadata: { name }, status }: Live<AIMService>): string[] {
    const told = status?.conditions?.find(({ type }) => type === "CacheReady");
    if (told?.status !== "True") return [];
    const { name: cacheName = "", uid } = status?.cache?.templateCacheRef ?? {};
    const cache = this.world.server.get(templateCaches.resource, namespace, cacheName) as Live<
      AIMTemplateCache
    >;
    if (cache?.metadata.uid === uid && cache?.status?.status === "Ready") return [];
    return [`service ${name} calls its cache ${cacheName} ready`];
  }
}
