/** Two sources that want some of the same images, registries whose images come and go, and users who edit and delete models. */

import { modelSourceController } from "../../../controllers/model_source/reconcile.ts";
import type { AIMClusterModel, AIMClusterModelSource } from "../../../lib/api/mod.ts";
import { clusterModels, modelSources, watchedKinds } from "../../../lib/cluster/kinds.ts";
import {
  firstWait,
  type SourceListing,
  sourceListing,
  type SourceQuestion,
} from "../../../lib/facts/source_listing.ts";
import { apiVersionOf, type Live } from "../../../lib/kube/object.ts";
import type { Fact } from "../../../lib/operator/core/view.ts";
import type { Random } from "../random.ts";
import type { Scenario, World } from "../world.ts";

export const sourceNames = ["one", "two"] as const;
const repositories = ["org/a", "org/b", "org/c"];
const tags = ["1.0.0", "1.1.0", "2.0.0", "latest"];
/** Longer than a settling world waits. */
export const interval = 3_600_000;

/** The world's clock, for a source of facts that is made before the world is. */
const time = { now: () => 0 };

/** `repository:tag` of what the registry has now. */
export function imagesOf(world: World): Set<string> {
  if (!world.memory.has("images")) world.memory.set("images", new Set<string>());
  return world.memory.get("images") as Set<string>;
}

/** What a source was told last, by its UID; by which process; and how often it asked. */
export function toldTo(
  world: World,
): Map<string, { listing: SourceListing; process: unknown; times: number }> {
  if (!world.memory.has("told")) world.memory.set("told", new Map());
  return world.memory.get("told") as never;
}

/** Accounts that users gave to models: no source may take them away. */
export function editsOf(world: World): Map<string, string> {
  if (!world.memory.has("edits")) world.memory.set("edits", new Map());
  return world.memory.get("edits") as never;
}

export function sourcesIn(world: World): Live<AIMClusterModelSource>[] {
  return world.server.list(modelSources.resource, undefined) as Live<AIMClusterModelSource>[];
}

export function modelsIn(world: World): Live<AIMClusterModel>[] {
  return world.server.list(clusterModels.resource, undefined) as Live<AIMClusterModel>[];
}

function listed(world: World, name: string, key: string): SourceListing {
  if (name !== sourceListing.name) throw new Error(`the registry is asked about ${name}`);
  if (world.memory.get("registry") === "hangs") throw new Error("no answer within 7200000 ms");
  const question = JSON.parse(key) as SourceQuestion;
  const isDown = world.memory.get("registry") === "down";
  const fails = (image: string) =>
    isDown || (world.memory.get("registry") === "patchy" && image === repositories[0]);
  const found = repositories.filter((each) => question.filters.some(({ image }) => image === each)).map((
    each,
  ) => ({
    registry: "docker.io",
    repository: each,
    references: fails(each) ? [] : tags.filter((tag) => imagesOf(world).has(`${each}:${tag}`)),
  })).filter(({ references }) => references.length > 0);
  const { filters, uid } = question;
  const failing = filters.filter(({ image }) => fails(image));
  const at = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
  const listing: SourceListing = {
    at: at(time.now()),
    next: at(time.now() + interval),
    found,
    images: found.reduce((sum, { references }) => sum + references.length, 0),
    filters: filters.length,
    answered: filters.length - failing.length,
    failures: failing.map(({ image }) => ({
      image,
      is: "ServerError" as const,
      message: "it is down; check it",
    })),
    remarks: [],
    incomplete: failing.length > 0 ? 1 : 0,
  };
  toldTo(world).set(uid, {
    listing,
    process: world.process,
    times: (toldTo(world).get(uid)?.times ?? 0) + 1,
  });
  return structuredClone(listing);
}

export function editSource(
  world: World,
  name: string,
  change: (spec: AIMClusterModelSource["spec"]) => void,
): void {
  world.say(`edit source ${name} ${change}`.replaceAll(/\s+/g, " "));
  world.server.edit<AIMClusterModelSource>(
    modelSources.resource,
    undefined,
    name,
    ({ spec }) => change(spec),
    "kubectl",
  );
}

function mutate(world: World, random: Random): void {
  const source = random.pick(sourceNames);
  const image = `${random.pick(repositories)}:${random.pick(tags)}`;
  const models = modelsIn(world);
  const word = random.pick(["x", "y"]);
  const some = random.pick([1, 3, 100]);
  const wanted = repositories.filter(() => random.chance(0.7));
  const model = models.length > 0 ? random.pick(models).metadata.name : undefined;
  random.weighted<() => void>([
    [6, () => imagesOf(world).add(image)],
    [2, () => imagesOf(world).delete(image)],
    [3, () => world.memory.set("registry", random.pick(["answers", "answers", "patchy", "down", "hangs"]))],
    [2, () => editSource(world, source, (spec) => spec!.maxModels = some)],
    [2, () => editSource(world, source, (spec) => spec!.imagePullSecrets = [{ name: word }])],
    [1, () => editSource(world, source, (spec) => delete spec!.imagePullSecrets)],
    [
      3,
      () =>
        editSource(world, source, (spec) => spec!.filters = [...wanted, "org/a"].map((image) => ({ image }))),
    ],
    [3, () => {
      if (model === undefined) return;
      world.say(`user deletes ${model}`);
      editsOf(world).delete(model);
      world.server.delete(clusterModels.resource, undefined, model);
    }],
    [3, () => {
      if (model === undefined) return;
      world.say(`user gives ${model} the account ${word}`);
      editsOf(world).set(model, word);
      world.server.edit<AIMClusterModel>(clusterModels.resource, undefined, model, ({ spec }) => {
        spec!.serviceAccountName = word;
      }, "kubectl");
    }],
  ])();
}

export const sourcesScenario: Scenario = {
  program: {
    kinds: watchedKinds,
    controllers: [modelSourceController],
    facts: [{
      fact: sourceListing as unknown as Fact<never, unknown>,
      timeout: 7_200_000,
      freshFor: (listing) => (listing as SourceListing).incomplete === 0 ? interval : 60_000,
      firstWait: (question: SourceQuestion) => firstWait(question, time.now(), 0.5),
      retry: { first: 5_000, longest: 300_000 },
    }],
  },
  begin: (world) => {
    time.now = () => world.clock.now();
    for (const image of ["org/a:1.0.0", "org/b:latest"]) imagesOf(world).add(image);
    for (const name of sourceNames) {
      world.server.create(modelSources.resource, {
        apiVersion: apiVersionOf(modelSources.resource),
        kind: "AIMClusterModelSource",
        metadata: { name },
        spec: { filters: repositories.map((image) => ({ image })), syncInterval: "1h", maxModels: 100 },
      } as AIMClusterModelSource, "kubectl");
    }
  },
  mutate,
  others: () => false,
  fact: listed,
  heal: (world) => world.memory.set("registry", "answers"),
};
