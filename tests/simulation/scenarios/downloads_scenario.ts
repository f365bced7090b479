/**
 * Services, caches and artifacts over a downloader that is played, and users who change everything. A history is a
 * list of steps that are data: it can be shrunk, printed and played again.
 */

import { artifactController } from "../../../controllers/artifact/reconcile.ts";
import { serviceController } from "../../../controllers/service/reconcile.ts";
import { templateCacheController } from "../../../controllers/template_cache/reconcile.ts";
import type {
  AIMArtifact,
  AIMRuntimeConfig,
  AIMService,
  AIMServiceTemplate,
  AIMTemplateCache,
} from "../../../lib/api/mod.ts";
import {
  artifacts,
  inferenceServices,
  jobs,
  models,
  persistentVolumeClaims,
  pods,
  runtimeConfigs,
  serviceAccounts,
  services,
  templateCaches,
  templates,
  watchedKinds,
} from "../../../lib/cluster/kinds.ts";
import type { PersistentVolumeClaim } from "../../../lib/operator/objects.ts";
import type { KubeObject, Live, Resource } from "../../../lib/kube/object.ts";
import { aimFacts } from "../aim_facts.ts";
import { cachesAnswer } from "./caches_scenario.ts";
import { fates, PlayedDownloads, sizes, uris } from "./played_downloads.ts";
import type { Scenario, World } from "../world.ts";

export const namespace = "ml";
const apiVersion = "aim.eai.amd.com/v1alpha1";

/** Two templates that share a source; the last source has to be measured. */
const sourcesOf: Readonly<Record<string, readonly string[]>> = {
  fast: uris.slice(0, 2),
  slow: uris.slice(1),
};

/** One step of a history: what is done, and a number that says to what, and how. */
export type Step = readonly [what: keyof typeof steps, choice: number];

/** What a history is played on. */
export class Downloads {
  readonly played = new PlayedDownloads(namespace);
  readonly scenario: Scenario = {
    program: {
      kinds: watchedKinds,
      controllers: [serviceController, templateCacheController, artifactController],
      facts: aimFacts,
    },
    begin: (world) => this.begin(world),
    mutate: (world, random) => this.play(world, [random.pick(stepNames), random.below(1_000)]),
    others: (world) => this.played.step(world),
    fact: cachesAnswer,
  };

  begin(world: World): void {
    make(world, models.resource, "m", { spec: { image: "reg/m:1" } });
    setStatus(world, models.resource, "m", { status: "Ready" });
    for (const name of Object.keys(sourcesOf)) makeTemplate(world, name, sourcesOf[name]);
  }

  play(world: World, [what, choice]: Step): void {
    world.say(`user: ${what} ${choice}`);
    steps[what](world, this.played, new Choice(choice));
  }

  /** All sources answer, all classes are there, all that users want is there. */
  heal(world: World): void {
    this.played.fates.clear();
    this.played.missingClasses.clear();
    for (const name of Object.keys(sourcesOf)) {
      makeTemplate(world, name, sourcesOf[name]);
      setStatus(world, templates.resource, name, {
        status: "Ready",
        modelSources: modelSources(sourcesOf[name]),
      });
    }
  }
}

/** Takes one choice after the other out of a number. */
class Choice {
  constructor(private left: number) {}

  of<T>(list: readonly T[]): T {
    const at = this.left % list.length;
    this.left = Math.floor(this.left / list.length);
    return list[at];
  }
}

const names = ["s1", "s2", "s3"];
const envs = [undefined, [{ name: "X", value: "1" }], [{
  name: "HF_TOKEN",
  valueFrom: { secretKeyRef: { name: "secret", key: "token" } },
}]] as const;
const classes = [undefined, undefined, "nfs", "fast"] as const;

/** What users do, and what happens to a cluster. */
const steps = {
  service: (world, _, choice) => {
    const name = choice.of(names);
    const spec = choice.of([{}, { template: { name: "slow" } }, { caching: { mode: "Dedicated" } }, {}]);
    const storageClass = choice.of(classes);
    make(world, services.resource, name, {
      spec: {
        model: { name: "m" },
        ...spec,
        ...(storageClass && { storage: { defaultStorageClassName: storageClass } }),
        ...withEnv(choice),
      },
    });
  },
  "delete service": (world, _, choice) => drop(world, services.resource, choice),
  "edit service": (world, _, choice) =>
    edit<AIMService>(world, services.resource, choice, ({ spec }) => {
      choice.of([
        () => spec!.template ??= { name: choice.of(["slow", "fast"]) },
        () => spec!.env = [...choice.of(envs) ?? []] as never,
        () => spec!.storage = { defaultStorageClassName: choice.of(classes) ?? "" },
      ])();
    }),
  cache: (world, _, choice) => {
    const storageClassName = choice.of(classes);
    make(world, templateCaches.resource, choice.of(["c1", "c2"]), {
      spec: {
        templateName: choice.of(["fast", "slow"]),
        templateScope: "Namespace",
        mode: choice.of(["Shared", "Shared", "Dedicated"]),
        ...(storageClassName && { storageClassName }),
        ...withEnv(choice),
      },
    });
  },
  "delete cache": (world, _, choice) => drop(world, templateCaches.resource, choice),
  "edit cache": (world, _, choice) =>
    edit<AIMTemplateCache>(world, templateCaches.resource, choice, ({ spec }) => {
      choice.of([
        () => spec!.env = [...choice.of(envs) ?? []] as never,
        () => spec!.storageClassName = choice.of(classes) ?? "",
      ])();
    }),
  artifact: (world, _, choice) => {
    const sourceUri = choice.of(uris);
    const storageClassName = choice.of(classes);
    make(world, artifacts.resource, choice.of(["by-hand", "by-hand-too"]), {
      spec: {
        sourceUri,
        ...choice.of([{ size: String(sizes[sourceUri]) }, {}]),
        ...(storageClassName && { storageClassName }),
        ...withEnv(choice),
      },
    });
  },
  "delete artifact": (world, _, choice) => drop(world, artifacts.resource, choice),
  "edit artifact": (world, _, choice) =>
    edit<AIMArtifact>(world, artifacts.resource, choice, ({ spec }) => {
      spec!.env = [...choice.of(envs) ?? []] as never;
    }),
  "lose volume": (world, _, choice) => drop(world, persistentVolumeClaims.resource, choice),
  "lose volume at once": (world, _, choice) => {
    edit<PersistentVolumeClaim>(world, persistentVolumeClaims.resource, new Choice(0), ({ metadata }) => {
      metadata.finalizers = [];
    });
    drop(world, persistentVolumeClaims.resource, choice);
  },
  fate: (_, played, choice) => {
    played.fates.set(choice.of(uris), choice.of(fates));
  },
  "class missing": (_, played, choice) => {
    const name = choice.of(["nfs", "fast", ""]);
    if (!played.missingClasses.delete(name)) played.missingClasses.add(name);
  },
  secret: (world, _, choice) => {
    world.memory.set("secret", choice.of(["1", "2"]));
  },
  "lose job": (world, _, choice) => drop(world, jobs.resource, choice),
  "lose pod": (world, _, choice) => drop(world, pods.resource, choice),
  "lose account": (world, _, choice) => drop(world, serviceAccounts.resource, choice),
  "lose endpoint": (world, _, choice) => drop(world, inferenceServices.resource, choice),
  config: (world, _, choice) => {
    const name = choice.of(["nfs", "fast", undefined]);
    const spec: AIMRuntimeConfig["spec"] = {
      ...(name && { storage: { defaultStorageClassName: name } }),
      ...withEnv(choice),
    };
    make(world, runtimeConfigs.resource, "default", { spec });
  },
  "delete config": (world, _, choice) => drop(world, runtimeConfigs.resource, choice),
  template: (world, _, choice) => {
    const name = choice.of(["fast", "slow"]);
    makeTemplate(world, name, sourcesOf[name]);
    const some = uris.filter(() => choice.of([true, true, false]));
    setStatus(world, templates.resource, name, { status: "Ready", modelSources: modelSources(some) });
  },
  "template not available": (world, _, choice) =>
    edit<AIMServiceTemplate>(world, templates.resource, choice, ({ status }) => {
      if (status !== undefined) status.status = "NotAvailable";
    }),
  "delete template": (world, _, choice) => drop(world, templates.resource, choice),
} satisfies Readonly<Record<string, (world: World, played: PlayedDownloads, choice: Choice) => void>>;

export const stepNames = Object.keys(steps) as (keyof typeof steps)[];

function withEnv(choice: Choice): object {
  const env = choice.of(envs);
  return env === undefined ? {} : { env };
}

export function make({ server }: World, resource: Resource, name: string, rest: object): void {
  if (server.get(resource, namespace, name) !== undefined) return;
  const object = { apiVersion, kind: resource.kind, metadata: { name, namespace }, ...rest };
  server.create(resource, object as KubeObject, "kubectl");
}

function modelSources(of: readonly string[]) {
  return of.map((sourceUri) => ({
    modelId: sourceUri.replace(/^.*:\/\//, ""),
    sourceUri,
    ...(sourceUri === uris[2] ? {} : { size: String(sizes[sourceUri]) }),
  }));
}

/** The first is the better choice. */
function makeTemplate(world: World, name: string, of: readonly string[]): void {
  if (world.server.get(templates.resource, namespace, name) !== undefined) return;
  make(world, templates.resource, name, { spec: { modelName: "m" } });
  const profile = { metadata: { type: "optimized", metric: name === "fast" ? "latency" : "throughput" } };
  setStatus(world, templates.resource, name, { status: "Ready", modelSources: modelSources(of), profile });
}

function setStatus({ server }: World, resource: Resource, name: string, status: object): void {
  if (server.get(resource, namespace, name) === undefined) return;
  server.patch(resource, namespace, name, { status }, { manager: "outside", subresource: "status" });
}

function one(world: World, resource: Resource, choice: Choice): Live<KubeObject> | undefined {
  const all = world.server.list(resource, namespace).filter(({ metadata }) =>
    metadata.deletionTimestamp === undefined
  );
  return all.length === 0 ? undefined : choice.of(all);
}

function drop(world: World, resource: Resource, choice: Choice): void {
  const object = one(world, resource, choice);
  if (object === undefined) return;
  world.say(`user deletes ${resource.kind} ${object.metadata.name}`);
  world.server.delete(resource, namespace, object.metadata.name);
}

function edit<T extends KubeObject>(
  world: World,
  resource: Resource,
  choice: Choice,
  change: (draft: Live<T>) => void,
): void {
  const object = one(world, resource, choice);
  if (object !== undefined) world.server.edit<T>(resource, namespace, object.metadata.name, change);
}
