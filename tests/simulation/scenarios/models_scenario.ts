/** Models whose images and specs change, registries that come and go, and services that use their templates. */

import { aimFacts } from "../aim_facts.ts";
import { clusterModelController, modelController } from "../../../controllers/model/reconcile.ts";
import type { AIMModel, AIMService, AIMServiceTemplate } from "../../../lib/api/mod.ts";
import {
  clusterModels,
  clusterTemplates,
  models,
  services,
  templates,
  watchedKinds,
} from "../../../lib/cluster/kinds.ts";
import { apiVersionOf, type KubeObject, type Live, type Resource } from "../../../lib/kube/object.ts";
import type { Random } from "../random.ts";
import { imageNames, labelsOf, moods, registryAnswer } from "./simulated_registry.ts";
import type { Scenario, World } from "../world.ts";

const namespace = "ml";
const written = [
  { resource: models.resource, name: "m" },
  { resource: models.resource, name: "twin" },
  { resource: clusterModels.resource, name: "shared" },
] as const;
const serviceNames = ["s1", "s2", "s3"];

const inside = ({ namespaced }: Resource) => namespaced ? namespace : undefined;
const userSpec = { model: { canonicalName: "org/written", recommendedDeployments: [] } };

function make(world: World, resource: Resource, name: string, spec: object): void {
  const metadata = { name, ...(resource.namespaced ? { namespace } : {}) };
  const object: KubeObject & { spec: object } = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata,
    spec,
  };
  world.server.create(resource, object, "kubectl");
}

/** What a service runs, as its controller would have it in the status. */
interface Use {
  readonly name: string;
  readonly uid: string;
  readonly scope: "Namespace" | "Cluster";
}

export function usesOf(world: World): Map<string, Use> {
  if (!world.memory.has("uses")) world.memory.set("uses", new Map());
  return world.memory.get("uses") as Map<string, Use>;
}

export function templatesOf(world: World): Live<AIMServiceTemplate>[] {
  return [templates, clusterTemplates].flatMap(({ resource }) =>
    world.server.list(resource, undefined) as Live<AIMServiceTemplate>[]
  );
}

export function modelsOf(world: World): Live<AIMModel>[] {
  return written.map(({ resource, name }) =>
    world.server.get(resource, inside(resource), name) as Live<AIMModel>
  );
}

/** A service turns to some template, or runs none any more. */
function use(world: World, random: Random): void {
  const service = random.pick(serviceNames);
  const { writer } = world.process;
  // Who turns to a template between the last look at the services and its deletion comes too late.
  if (writer.waiting.some(({ text }) => /^(list AIMService|delete) /.test(text))) return;
  const all = templatesOf(world);
  const chosen = all.length > 0 && random.chance(0.7) ? random.pick(all) : undefined;
  const resolved = chosen && {
    name: chosen.metadata.name,
    uid: chosen.metadata.uid,
    scope: chosen.metadata.namespace === undefined ? "Cluster" as const : "Namespace" as const,
  };
  world.say(`${service} uses ${resolved?.name}`);
  world.server.edit<AIMService>(services.resource, namespace, service, (it) => {
    it.status = resolved ? { resolvedTemplate: resolved } : {};
  }, "aim-service-controller");
  if (resolved) usesOf(world).set(service, resolved);
  else usesOf(world).delete(service);
}

function mutate(world: World, random: Random): void {
  const { resource, name } = random.pick(written);
  const edit = (change: (spec: NonNullable<AIMModel["spec"]>) => void) => {
    world.say(`edit ${resource.kind} ${name} ${change}`.replaceAll(/\s+/g, " "));
    world.server.edit<AIMModel>(resource, inside(resource), name, ({ spec }) => change(spec!), "kubectl");
  };
  const image = random.pick(imageNames), word = random.pick(["x", "y"]);
  random.weighted<() => void>([
    [5, () => edit((spec) => spec.image = image)],
    [2, () => edit((spec) => spec.env = [{ name: "E", value: word }])],
    [1, () => edit((spec) => spec.imagePullSecrets = [{ name: word }])],
    [1, () => edit((spec) => delete spec.imagePullSecrets)],
    [1, () => edit((spec) => spec.discovery = { extractMetadata: false })],
    [2, () => edit((spec) => delete spec.discovery)],
    [1, () => edit((spec) => spec.imageMetadata = userSpec)],
    [2, () => edit((spec) => delete spec.imageMetadata)],
    [1, () => edit((spec) => spec.modelSources = [{ modelId: "o/w", sourceUri: "hf://o/w" }])],
    [2, () => edit((spec) => delete spec.modelSources)],
    [4, () => world.memory.set("registry", random.pick(moods))],
    [6, () => use(world, random)],
  ])();
}

/** The controllers of templates: each is Ready sooner or later. */
function others(world: World): boolean {
  const before = world.server.version;
  for (const { resource } of [templates, clusterTemplates]) {
    for (const { metadata } of world.server.list(resource, undefined)) {
      world.server.edit<AIMServiceTemplate>(resource, metadata.namespace, metadata.name, (it) => {
        it.status ??= { status: "Ready" };
      }, "aim-service-template-controller");
    }
  }
  return world.server.version !== before;
}

export const modelsScenario: Scenario = {
  program: {
    kinds: watchedKinds,
    controllers: [modelController, clusterModelController],
    facts: aimFacts,
  },
  begin: (world) => {
    for (const { resource, name } of written) make(world, resource, name, { image: imageNames[0] });
    for (const name of serviceNames) make(world, services.resource, name, { model: { name: "m" } });
  },
  mutate,
  others,
  fact: registryAnswer,
  heal: (world) => world.memory.set("registry", "answers"),
};

/** `metric precision` of each template that the image of a model recommends. */
export function recommendedBy({ spec }: AIMModel): string[] {
  const deployments = labelsOf(spec!.image).model?.recommendedDeployments ?? [];
  return deployments.map(({ metric, precision }) => `${metric} ${precision}`).sort();
}
