/**
 * The operator as a whole: all its controllers and kinds, with KServe, a gateway, an autoscaler, Jobs, a binder
 * and nodes around them, and users who change whatever is read.
 */

import { aimFacts } from "../aim_facts.ts";
import { artifactController } from "../../../controllers/artifact/reconcile.ts";
import { clusterModelController, modelController } from "../../../controllers/model/reconcile.ts";
import {
  clusterRuntimeConfigController,
  runtimeConfigController,
} from "../../../controllers/runtime_config/reconcile.ts";
import { serviceController } from "../../../controllers/service/reconcile.ts";
import { clusterTemplateController, templateController } from "../../../controllers/template/reconcile.ts";
import { templateCacheController } from "../../../controllers/template_cache/reconcile.ts";
import type {
  AIMClusterRuntimeConfig,
  AIMModel,
  AIMRuntimeConfig,
  AIMService,
  AIMServiceTemplate,
  RuntimeConfigSpec,
} from "../../../lib/api/mod.ts";
import * as kinds from "../../../lib/cluster/kinds.ts";
import type {
  HorizontalPodAutoscaler,
  HTTPRoute,
  InferenceService,
  Node,
  Pod,
} from "../../../lib/operator/objects.ts";
import type { CachedKind } from "../../../lib/kube/cache/cached_kind.ts";
import { imageMetadata } from "../../../lib/facts/image_metadata.ts";
import { apiVersionOf, type KubeObject, type Live } from "../../../lib/kube/object.ts";
import { autoscalerName } from "../../../lib/operator/naming/object_names.ts";
import { cachesAnswer, cachesScenario } from "./caches_scenario.ts";
import { discoveryAnswer, fates, runDiscovery } from "./discovery_scenario.ts";
import type { Random } from "../random.ts";
import { imageNames, moods, registryAnswer } from "./simulated_registry.ts";
import { type Scenario, storm, type Weather, type World } from "../world.ts";

const namespace = "ml";
const services = ["by-name", "routed", "custom", "by-image", "by-template", "shared"] as const;

type AnyKind = Pick<CachedKind<KubeObject>, "resource">;

function make(
  world: World,
  kind: unknown,
  name: string,
  rest: object,
  labels?: Record<string, string>,
): void {
  const { resource } = kind as AnyKind;
  const inside = resource.namespaced ? namespace : undefined;
  if (!world.server.installed(resource) || world.server.get(resource, inside, name) !== undefined) return;
  world.say(`user makes ${resource.kind} ${name} ${JSON.stringify(rest)}`);
  const metadata = { name, ...(resource.namespaced ? { namespace } : {}), ...(labels && { labels }) };
  const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...rest };
  world.server.create(resource, object as KubeObject, "kubectl");
}

function edit<T extends KubeObject>(
  world: World,
  kind: unknown,
  name: string,
  change: (draft: Live<T>) => void,
  manager?: string,
): void {
  const { resource } = kind as AnyKind;
  const inside = resource.namespaced ? namespace : undefined;
  if (manager === undefined) world.say(`edit ${resource.kind} ${name} ${change}`.replaceAll(/\s+/g, " "));
  world.server.edit<T>(resource, inside, name, change, manager);
}

function all<T extends KubeObject>(world: World, kind: unknown): Live<T>[] {
  const { resource } = kind as AnyKind;
  return world.server.installed(resource) ? world.server.list(resource, undefined) as Live<T>[] : [];
}

/** A change to any object of a kind, if there is one. */
function editAny<T extends KubeObject>(
  world: World,
  random: Random,
  kind: unknown,
  change: (draft: Live<T>) => void,
  manager?: string,
): void {
  const objects = all<T>(world, kind);
  if (objects.length > 0) edit<T>(world, kind, random.pick(objects).metadata.name, change, manager);
}

function drop(world: World, random: Random, kind: unknown): void {
  const objects = all(world, kind);
  if (objects.length === 0) return;
  const { metadata } = random.pick(objects);
  world.say(`user deletes ${(kind as AnyKind).resource.kind} ${metadata.name}`);
  world.server.delete((kind as AnyKind).resource, metadata.namespace, metadata.name);
}

const source = { modelId: "org/w", sourceUri: "hf://org/w", size: "2Gi" };
const gpu = (model: string, requests = 1) => ({ gpu: { requests, model } });

/** What users want to have; made anew when it is missing. */
const wanted: Record<string, (world: World) => void> = {
  node: (world) => {
    make(world, kinds.nodes, "n1", {}, { "amd.com/gpu.device-id": "74a1", "amd.com/gpu.vram": "192G" });
  },
  defaults: (world) => {
    make(world, kinds.clusterRuntimeConfigs, "default", {
      spec: { storage: { defaultStorageClassName: "nfs" } },
    });
  },
  model: (world) => {
    make(world, kinds.models, "m", {
      spec: {
        image: "reg/base:1",
        discovery: { extractMetadata: false },
        modelSources: [source],
        custom: { hardware: gpu("MI300X") },
        customTemplates: [
          { name: "fast", type: "optimized", profile: { metric: "latency", precision: "fp8" } },
          { name: "big", type: "optimized", hardware: gpu("MI300X", 2) },
        ],
      },
    });
  },
  clusterModel: (world) => {
    make(world, kinds.clusterModels, "cm", {
      spec: {
        image: "reg/cm:1",
        discovery: { extractMetadata: false },
        modelSources: [{ ...source, modelId: "org/c", sourceUri: "s3://b/c" }],
        custom: { hardware: gpu("MI300X"), type: "optimized" },
      },
    });
  },
  labelled: (world) => make(world, kinds.models, "labelled", { spec: { image: imageNames[0] } }),
  template: (world) => {
    make(world, kinds.templates, "by-hand", {
      spec: { modelName: "m", hardware: gpu("MI300X"), modelSources: [source], caching: { enabled: true } },
    });
  },
  discovered: (world) => {
    make(world, kinds.templates, "found", {
      spec: { modelName: "m", hardware: gpu("MI300X"), caching: { enabled: true } },
    });
  },
  clusterTemplate: (world) => {
    make(world, kinds.clusterTemplates, "by-hand-too", {
      spec: {
        modelName: "cm",
        hardware: gpu("MI300X"),
        modelSources: [{ ...source, modelId: "org/c", sourceUri: "s3://b/c" }],
      },
    });
  },
  byName: (world) =>
    make(world, kinds.services, services[0], { spec: { model: { name: "m" }, replicas: 1 } }),
  routed: (world) => {
    const routing = { enabled: true, gatewayRef: { name: "public", namespace: "gateways" } };
    make(world, kinds.services, services[1], {
      spec: { model: { name: "m" }, caching: { mode: "Dedicated" }, routing, minReplicas: 1, maxReplicas: 3 },
    }, { team: "a" });
  },
  custom: (world) => {
    const custom = { baseImage: "reg/base:2", modelSources: [source], hardware: gpu("MI300X") };
    make(world, kinds.services, services[2], {
      spec: { model: { custom }, template: { allowUnoptimized: true }, caching: { mode: "Dedicated" } },
    });
  },
  byImage: (world) => make(world, kinds.services, services[3], { spec: { model: { image: "reg/cm:1" } } }),
  byTemplate: (world) => {
    make(world, kinds.services, services[4], {
      spec: { model: { name: "m" }, template: { name: "by-hand" } },
    });
  },
  shared: (world) => {
    make(world, kinds.services, services[5], {
      spec: { model: { name: "m" }, template: { name: "by-hand" } },
    });
  },
};

function begin(world: World): void {
  for (const create of Object.values(wanted)) create(world);
}

const droppable = [
  kinds.services,
  kinds.models,
  kinds.templates,
  kinds.clusterTemplates,
  kinds.templateCaches,
  kinds.artifacts,
  kinds.inferenceServices,
  kinds.httpRoutes,
  kinds.pods,
  kinds.jobs,
  kinds.nodes,
  kinds.horizontalPodAutoscalers,
  kinds.runtimeConfigs,
];

function mutate(world: World, random: Random): void {
  const word = random.pick(["x", "y"]);
  const few = random.below(3) + 1;
  const service = random.pick(services);
  if (random.chance(0.3)) return random.pick(Object.values(wanted))(world);
  if (random.chance(0.25)) return cachesScenario.mutate(world, random);
  if (random.chance(0.15)) {
    return drop(world, random, random.pick<unknown>(droppable));
  }
  random.pick<() => void>([
    () => edit<AIMService>(world, kinds.services, service, ({ spec }) => spec!.replicas = few),
    () =>
      edit<AIMService>(
        world,
        kinds.services,
        service,
        ({ spec }) => spec!.env = [{ name: "W", value: word }],
      ),
    () => edit<AIMService>(world, kinds.services, service, ({ spec }) => spec!.runtimeConfigName = word),
    () => edit<AIMService>(world, kinds.services, service, ({ spec }) => delete spec!.runtimeConfigName),
    () =>
      edit<AIMService>(
        world,
        kinds.services,
        service,
        ({ spec }) => spec!.imagePullSecrets = [{ name: word }],
      ),
    () =>
      edit<AIMService>(
        world,
        kinds.services,
        service,
        ({ spec }) => spec!.resources = { limits: { memory: `${few}Gi` } },
      ),
    () => edit<AIMService>(world, kinds.services, "routed", ({ spec }) => spec!.routing!.enabled = few > 1),
    () => edit<AIMService>(world, kinds.services, "routed", ({ spec }) => spec!.maxReplicas = few),
    () =>
      edit<AIMService>(world, kinds.services, service, ({ metadata }) => metadata.labels = { team: word }),
    () =>
      edit<AIMModel>(
        world,
        kinds.models,
        "m",
        ({ spec }) => spec!.resources = { requests: { cpu: `${few}` } },
      ),
    () => edit<AIMModel>(world, kinds.models, "m", ({ spec }) => spec!.imagePullSecrets = [{ name: word }]),
    () => {
      const image = random.pick(imageNames);
      edit<AIMModel>(world, kinds.models, "labelled", ({ spec }) => spec!.image = image);
    },
    () => world.memory.set("registry", random.pick(moods)),
    () => world.memory.set("discovery", random.pick(fates)),
    () =>
      editAny<AIMServiceTemplate>(
        world,
        random,
        kinds.templates,
        ({ spec }) => spec!.env = [{ name: "T", value: word }],
      ),
    () =>
      editAny<AIMServiceTemplate>(
        world,
        random,
        kinds.templates,
        ({ status }) => status && (status.status = "NotAvailable"),
      ),
    () =>
      edit<AIMClusterRuntimeConfig>(
        world,
        kinds.clusterRuntimeConfigs,
        "default",
        ({ spec }) => spec!.env = [{ name: "C", value: word }],
      ),
    () =>
      edit<AIMClusterRuntimeConfig>(
        world,
        kinds.clusterRuntimeConfigs,
        "default",
        ({ spec }) => spec!.labelPropagation = { enabled: few > 1, match: ["team"] },
      ),
    () => {
      const { resource } = few > 1 ? kinds.clusterRuntimeConfigs : kinds.runtimeConfigs;
      edit<AIMRuntimeConfig>(
        world,
        { resource },
        "default",
        ({ spec }) => Object.assign(spec!, settings(random)),
      );
    },
    () => drop(world, random, kinds.storageClasses),
    () => make(world, kinds.storageClasses, "nfs", {}),
    () => make(world, kinds.runtimeConfigs, "default", { spec: { env: [{ name: "N", value: word }] } }),
    () => make(world, kinds.runtimeConfigs, word, { spec: { storage: { pvcHeadroomPercent: few } } }),
    () =>
      edit<AIMRuntimeConfig>(
        world,
        kinds.runtimeConfigs,
        "default",
        ({ spec }) => spec!.env = [{ name: "N", value: word }],
      ),
    () =>
      edit<Node>(
        world,
        kinds.nodes,
        "n1",
        ({ metadata }) => metadata.labels!["amd.com/gpu.vram"] = `${few}92G`,
      ),
    () => edit<Node>(world, kinds.nodes, "n1", (it) => it.status = { capacity: { "amd.com/gpu": `${few}` } }),
    () => edit<Node>(world, kinds.nodes, "n1", ({ metadata }) => metadata.annotations = { beat: word }),
    () =>
      editAny<InferenceService>(
        world,
        random,
        kinds.inferenceServices,
        ({ spec }) => (spec as { predictor: { minReplicas?: number } }).predictor.minReplicas = 7,
        "thief",
      ),
    () =>
      editAny<InferenceService>(
        world,
        random,
        kinds.inferenceServices,
        ({ metadata }) => metadata.annotations = { note: word },
        "kserve",
      ),
    () => world.memory.set("kserve", random.pick(["works", "works", "refuses", "waits"])),
    () =>
      editAny<InferenceService>(world, random, kinds.inferenceServices, (it) => delete it.status, "kserve"),
    () =>
      editAny<Pod>(
        world,
        random,
        kinds.pods,
        (it) => (it.status ??= {} as Pod["status"])!.phase = random.pick(["Running", "Failed", "Pending"]),
        "kubelet",
      ),
    () =>
      editAny<HTTPRoute>(
        world,
        random,
        kinds.httpRoutes,
        (it) => it.status = routeStatus(it, few > 1),
        "gateway",
      ),
    () =>
      editAny<HorizontalPodAutoscaler>(
        world,
        random,
        kinds.horizontalPodAutoscalers,
        ({ status }) => status && (status.currentReplicas = few),
        "hpa",
      ),
    () => toggle(world, random.pick([kinds.inferenceServices, kinds.httpRoutes])),
  ])();
}

/** A part of a runtime config, right or wrong. */
function settings(random: Random): RuntimeConfigSpec {
  return random.pick<RuntimeConfigSpec>([
    { routing: { requestTimeout: random.pick(["1d", "90s"]) } },
    {
      routing: { pathTemplate: random.pick(["/{.metadata.nam}", "/{.metadata.namespace}/{.metadata.name}"]) },
    },
    { routing: { annotations: { [random.pick(["a b", "example.com/a"])]: "1" } } },
    { labelPropagation: { enabled: true, match: random.pick([["team["], ["team"]]) } },
    { env: [{ name: random.pick(["A=B", "", "A"]), value: "1" }] },
    { env: [{ name: "AIM_ENGINE_ARGS", value: random.pick(["{a", '{"a": 1.0}']) }] },
    { storage: { defaultStorageClassName: random.pick(["nfs", "not there", "missing"]) } },
  ]);
}

function toggle(world: World, { resource }: AnyKind): void {
  if (world.server.installed(resource)) world.server.uninstall(resource);
  else world.server.install(resource);
  world.say(`${resource.plural} ${world.server.installed(resource) ? "installed" : "uninstalled"}`);
}

/** KServe: status, a pod, an autoscaler. The gateway: acceptance. The rest as in the scenario of the caches. */
function others(world: World): boolean {
  const before = world.server.version;
  const mood = world.memory.get("kserve") ?? "works";
  for (const endpoint of all<InferenceService>(world, kinds.inferenceServices)) {
    if (endpoint.metadata.deletionTimestamp === undefined && mood !== "waits") {
      serve(world, endpoint, mood === "works");
    }
  }
  for (const route of all<HTTPRoute>(world, kinds.httpRoutes)) {
    world.server.edit<HTTPRoute>(kinds.httpRoutes.resource, namespace, route.metadata.name, (it) => {
      it.status ??= routeStatus(it, true);
    }, "gateway");
  }
  cachesScenario.others(world);
  runDiscovery(world);
  return world.server.version !== before;
}

function serve(
  world: World,
  { metadata: { name, uid, labels }, spec }: Live<InferenceService>,
  works: boolean,
): void {
  const { server } = world;
  server.edit<InferenceService>(kinds.inferenceServices.resource, namespace, name, (it) => {
    const { generation } = it.metadata;
    const told = it.status as { observedGeneration?: number; conditions?: { status: string }[] } | undefined;
    const status = works ? "True" : "False";
    if (told?.observedGeneration === generation && told?.conditions?.[0]?.status === status) return;
    const conditions = ["IngressReady", "PredictorReady", "Ready"].map((type) => ({ type, status }));
    it.status = { observedGeneration: generation, url: `http://${name}`, conditions } as never;
  }, "kserve");
  const owner = {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    name,
    uid,
    controller: true,
  };
  const own = { namespace, ownerReferences: [owner] };
  for (let n = 0; n < (spec?.predictor?.minReplicas ?? 1); n++) {
    const pod = `${name}-${n}`;
    if (server.get(kinds.pods.resource, namespace, pod) !== undefined) continue;
    const metadata = {
      ...own,
      name: pod,
      labels: { ...labels, "serving.kserve.io/inferenceservice": name },
    };
    server.create(
      kinds.pods.resource,
      { apiVersion: "v1", kind: "Pod", metadata, spec: {} } as KubeObject,
      "kserve",
    );
    server.edit<Pod>(kinds.pods.resource, namespace, pod, (it) => {
      const container = { name: "kserve-container", ready: true, restartCount: 0 };
      it.status = {
        phase: "Running",
        conditions: [{ type: "Ready", status: "True" }],
        containerStatuses: [container],
      } as Pod["status"];
    }, "kubelet");
  }
  const hpa = kinds.horizontalPodAutoscalers.resource;
  if (server.get(hpa, namespace, autoscalerName(name)) === undefined) {
    const object = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { ...own, name: autoscalerName(name), labels },
      spec: { minReplicas: 1, maxReplicas: 3 },
    };
    server.create(hpa, object as KubeObject, "kserve");
    server.edit<HorizontalPodAutoscaler>(hpa, namespace, autoscalerName(name), (it) => {
      it.status = {
        currentReplicas: 1,
        desiredReplicas: 2,
        conditions: ["AbleToScale", "ScalingActive"].map((type) => ({ type, status: "True" })),
      } as HorizontalPodAutoscaler["status"];
    }, "hpa");
  }
}

function routeStatus(
  { metadata: { generation }, spec }: Live<HTTPRoute>,
  accepted: boolean,
): HTTPRoute["status"] {
  const conditions = ["Accepted", "ResolvedRefs"].map((type) => ({
    type,
    status: accepted ? "True" : "False",
    reason: accepted ? type : "NotAllowed",
    message: "",
    observedGeneration: generation,
  }));
  const parents = (spec as { parentRefs?: object[] } | undefined)?.parentRefs ?? [];
  return { parents: parents.map((parentRef) => ({ parentRef, controllerName: "gw", conditions })) } as never;
}

/** A day on which users change much and the operator gets to work in between. */
export const busyDay: Weather = {
  ...storm,
  mutate: 4,
  execute: 40,
  answer: 40,
  turn: 40,
  others: 15,
  deliver: 40,
};

/** The services that do not serve, with what they say of it. */
export function notServing(world: World): string[] {
  return all<AIMService>(world, kinds.services).filter(({ status }) => status?.status !== "Running").map(
    ({ metadata: { name }, status }) => {
      const told = (status?.conditions ?? []).filter(({ status }) => status !== "True");
      return `${name} ${status?.status}: ${
        told.map(({ reason, message }) => `${reason} ${message}`).join("; ")
      }`;
    },
  );
}

export const aimScenario: Scenario = {
  program: {
    kinds: kinds.watchedKinds,
    controllers: [
      serviceController,
      modelController,
      clusterModelController,
      templateController,
      clusterTemplateController,
      templateCacheController,
      artifactController,
      runtimeConfigController,
      clusterRuntimeConfigController,
    ],
    facts: aimFacts,
  },
  begin,
  mutate,
  others,
  fact: (world, name, key) => {
    if (name === imageMetadata.name) return registryAnswer(world, name, key);
    return cachesAnswer(world, name) ?? discoveryAnswer(world, name, key);
  },
  heal: (world) => {
    world.memory.set("registry", "answers");
    world.memory.set("kserve", "works");
    world.memory.set("fate", "succeed");
    world.memory.set("discovery", "succeed");
    for (const kind of [kinds.inferenceServices, kinds.httpRoutes]) world.server.install(kind.resource);
    begin(world);
    // A cache keeps the name of the config that its service named when the cache was made.
    for (const name of ["x", "y"]) make(world, kinds.runtimeConfigs, name, { spec: {} });
    for (const service of services) {
      edit<AIMService>(world, kinds.services, service, ({ spec }) => delete spec!.runtimeConfigName);
    }
    for (const kind of [kinds.runtimeConfigs, kinds.clusterRuntimeConfigs]) {
      for (const { metadata: { name } } of all(world, kind)) {
        edit<AIMRuntimeConfig>(world, kind, name, ({ spec }) => {
          delete spec!.routing;
          delete spec!.storage;
        });
      }
    }
    for (const { metadata: { name }, status } of all<HTTPRoute>(world, kinds.httpRoutes)) {
      if (!JSON.stringify(status ?? {}).includes("NotAllowed")) continue;
      edit<HTTPRoute>(world, kinds.httpRoutes, name, (it) => it.status = routeStatus(it, true), "gateway");
    }
    for (const { metadata: { name, labels }, status } of all<Pod>(world, kinds.pods)) {
      if (labels?.["serving.kserve.io/inferenceservice"] === undefined || status?.phase === "Running") {
        continue;
      }
      edit<Pod>(world, kinds.pods, name, (it) => it.status!.phase = "Running", "kubelet");
    }
  },
};
