/** Services that come, move from one template to another and go, over caches whose downloads may never end. */

import { artifactController } from "../../../controllers/artifact/reconcile.ts";
import { serviceController } from "../../../controllers/service/reconcile.ts";
import { templateCacheController } from "../../../controllers/template_cache/reconcile.ts";
import type { AIMArtifact, AIMService, AIMTemplateCache } from "../../../lib/api/mod.ts";
import {
  artifacts,
  inferenceServices,
  models,
  services,
  templateCaches,
  templates,
  watchedKinds,
} from "../../../lib/cluster/kinds.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { KubeObject, Live, Resource } from "../../../lib/kube/object.ts";
import { aimFacts } from "../aim_facts.ts";
import { cachesAnswer, cachesScenario } from "./caches_scenario.ts";
import type { Random } from "../random.ts";
import type { Scenario, World } from "../world.ts";

const namespace = "ml";
const names = ["s1", "s2", "s3", "s4"];

/** Two templates of one model that share a source; the first is the better choice. */
const sourcesOf: Readonly<Record<string, readonly string[]>> = {
  fast: ["hf://org/a", "hf://org/b"],
  slow: ["hf://org/b", "hf://org/c"],
};

function make(world: World, resource: Resource, name: string, rest: object): void {
  if (world.server.get(resource, namespace, name) !== undefined) return;
  world.say(`user makes ${resource.kind} ${name} ${JSON.stringify(rest)}`);
  const object = {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: resource.kind,
    metadata: { name, namespace },
    ...rest,
  };
  world.server.create(resource, object as KubeObject, "kubectl");
}

function setStatus({ server }: World, resource: Resource, name: string, status: object): void {
  server.patch(resource, namespace, name, { status }, { manager: "outside", subresource: "status" });
}

function begin(world: World): void {
  watchDeletes(world);
  make(world, models.resource, "m", { spec: { image: "reg/m:1" } });
  setStatus(world, models.resource, "m", { status: "Ready" });
  for (const [name, uris] of Object.entries(sourcesOf)) {
    make(world, templates.resource, name, { spec: { modelName: "m" } });
    const modelSources = uris.map((sourceUri) => ({ modelId: sourceUri.slice(5), sourceUri, size: "1Gi" }));
    const profile = { metadata: { type: "optimized", metric: name === "fast" ? "latency" : "throughput" } };
    setStatus(world, templates.resource, name, { status: "Ready", modelSources, profile });
  }
}

function mutate(world: World, random: Random): void {
  const { server } = world;
  const name = random.pick(names);
  const edit = (change: (draft: Live<AIMService>) => void) =>
    server.edit<AIMService>(services.resource, namespace, name, change);
  random.weighted<() => void>([
    [3, () => world.memory.set("fate", random.pick(["succeed", "hang", "denied"]))],
    [6, () =>
      make(world, services.resource, name, {
        spec: {
          model: { name: "m" },
          ...random.pick([{}, {}, { template: { name: "slow" } }, { caching: { mode: "Dedicated" } }]),
        },
      })],
    [4, () => {
      if (server.get(services.resource, namespace, name) === undefined) return;
      world.say(`user deletes ${name}`);
      server.delete(services.resource, namespace, name);
    }],
    [2, () => edit(({ spec }) => spec!.template ??= { name: random.pick(["slow", "fast"]) })],
    [1, () => edit(({ spec }) => spec!.env = [{ name: "X", value: random.pick(["1", "2"]) }])],
    [1, () => edit(({ spec }) => spec!.storage = { defaultStorageClassName: random.pick(["nfs", "fast"]) })],
    [1, () => {
      const all = server.list(artifacts.resource, namespace);
      if (all.length > 0) server.delete(artifacts.resource, namespace, random.pick(all).metadata.name);
    }],
  ])();
}

export const cacheUsersScenario: Scenario = {
  program: {
    kinds: watchedKinds,
    controllers: [serviceController, templateCacheController, artifactController],
    facts: aimFacts,
  },
  begin,
  mutate,
  others: cachesScenario.others,
  fact: cachesAnswer,
};

const living = ({ metadata }: KubeObject) => metadata!.deletionTimestamp === undefined;

/**
 * Told by the services alone, as a person would: names of the templates that they stand on in Shared mode, and of
 * the caches whose volumes their endpoints have, which outlive a move to another template.
 */
function usedByServices(all: readonly KubeObject[]): Set<string> {
  return new Set(
    (all as AIMService[]).filter(living).flatMap(({ spec, status }) => [
      ...spec?.caching?.mode === "Dedicated" ? [] : [status?.resolvedTemplate?.name ?? ""],
      status?.cache?.templateCacheRef?.name ?? "",
    ]),
  );
}

const isUsed = (used: ReadonlySet<string>, { metadata, spec }: Live<AIMTemplateCache>) =>
  used.has(spec!.templateName) || used.has(metadata.name);

/** Sources of the templates of living Shared caches, each with the class that the cache wants; `*` is any. */
function sourcesInUse(all: readonly KubeObject[]): Set<string> {
  return new Set(
    (all as AIMTemplateCache[]).filter(living).flatMap(({ spec }) =>
      spec?.mode === "Dedicated"
        ? []
        : sourcesOf[spec!.templateName].map((uri) => `${uri} ${spec!.storageClassName ?? "*"}`)
    ),
  );
}

const isNeeded = (used: ReadonlySet<string>, { spec }: AIMArtifact) =>
  used.has(`${spec!.sourceUri} *`) || used.has(`${spec!.sourceUri} ${spec!.storageClassName ?? ""}`);

const isShared = ({ metadata }: KubeObject) => (metadata!.ownerReferences ?? []).length === 0;
const isReady = (object: KubeObject) =>
  (object as { status?: { status?: string } }).status?.status === "Ready";

/** Claims that endpoints mount: an artifact stays for them, too. */
function mountedClaims({ server }: World): Set<string> {
  const endpoints = server.list(inferenceServices.resource, namespace) as Live<InferenceService>[];
  return new Set(
    endpoints.flatMap(({ spec }) =>
      (spec?.predictor?.volumes ?? []).map(({ persistentVolumeClaim }) =>
        persistentVolumeClaim?.claimName ?? ""
      )
    ),
  );
}

/** Shared caches and artifacts that are not Ready and that nobody uses. */
export function leftOver(world: World): string[] {
  const { server } = world;
  const used = usedByServices(server.list(services.resource, namespace));
  const caches = server.list(templateCaches.resource, namespace) as Live<AIMTemplateCache>[];
  const sources = sourcesInUse(caches);
  const mounted = mountedClaims(world);
  const unused = [
    ...caches.filter((cache) => !isUsed(used, cache)),
    ...(server.list(artifacts.resource, namespace) as Live<AIMArtifact>[])
      .filter((artifact) =>
        !isNeeded(sources, artifact) && !mounted.has(artifact.status?.persistentVolumeClaim ?? "")
      ),
  ];
  return unused.filter((each) => isShared(each) && !isReady(each)).map(({ kind, metadata }) =>
    `${kind} ${metadata.name}`
  );
}

/** As many lists of users may be on their way at once; which of them a deletion goes by cannot be told. */
const listsOnTheWay = 8;

/**
 * Notes each deletion, by the operator, of what is Ready, or of what is in use and was so in each of the last lists
 * of users: a use that begins between list and delete cannot be known.
 */
function watchDeletes(world: World): void {
  const { server } = world;
  const wrong: string[] = [];
  world.memory.set("wrong", wrong);
  const [list, remove] = [server.list.bind(server), server.delete.bind(server)];
  const uses = {
    [templateCaches.resource.plural]: {
      users: services.resource,
      used: usedByServices,
      isUsed: (used: ReadonlySet<string>, object: KubeObject) =>
        isUsed(used, object as Live<AIMTemplateCache>),
    },
    [artifacts.resource.plural]: {
      users: templateCaches.resource,
      used: sourcesInUse,
      isUsed: (used: ReadonlySet<string>, object: KubeObject) => isNeeded(used, object as AIMArtifact),
    },
  };
  const lists = new Map<string, ReadonlySet<string>[]>();
  server.list = (resource, inside) => {
    const found = list(resource, inside);
    for (const [plural, { users, used }] of Object.entries(uses)) {
      if (users.plural !== resource.plural || inside === undefined) continue;
      lists.set(plural, [...lists.get(plural) ?? [], used(found)].slice(-listsOnTheWay));
    }
    return found;
  };
  server.delete = (resource, inside, name, preconditions) => {
    const object = server.get(resource, inside, name);
    const byOperator = preconditions?.uid !== undefined && object?.metadata.uid === preconditions.uid &&
      object.metadata.resourceVersion === preconditions.resourceVersion;
    const use = uses[resource.plural];
    if (byOperator && use !== undefined && isShared(object)) {
      const now = use.used(list(use.users, namespace));
      const inUse = [now, ...lists.get(resource.plural) ?? []].every((used) => use.isUsed(used, object));
      if (inUse || isReady(object)) wrong.push(`${resource.kind} ${name}`);
    }
    return remove(resource, inside, name, preconditions);
  };
}

/** What the operator deleted though it was in use, or Ready. */
export function wronglyDeleted(world: World): readonly string[] {
  return world.memory.get("wrong") as string[];
}

/** How many services, caches and artifacts there are: a history that leaves nothing proves nothing. */
export function population({ server }: World): number {
  return [services, templateCaches, artifacts].flatMap(({ resource }) => server.list(resource, namespace))
    .length;
}
