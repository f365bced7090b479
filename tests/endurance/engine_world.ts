/**
 * A cluster as AIM Engine leaves it, built from the worked examples (services.md §14): the same objects, applied
 * as it applies them, by its field managers and without force, with its finalizers and its statuses.
 */

import {
  cache as sharedCache,
  clusterModel,
  clusterTemplate,
  endpoint,
  resolvedNodeAffinity,
  route,
  runtimeConfig,
  service as sharedService,
} from "../../controllers/service/worked_example_sample.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { artifactChildName, dedicatedCacheName } from "../../lib/operator/naming/object_names.ts";
import type { AnyObject } from "../e2e/user.ts";

export const apiVersion = "aim.eai.amd.com/v1alpha1";
export const namespaces = ["ml-team", "ns"];

const plurals: Readonly<Record<string, readonly [group: string, plural: string, namespaced: boolean]>> = {
  AIMService: [`/apis/${apiVersion}`, "aimservices", true],
  AIMModel: [`/apis/${apiVersion}`, "aimmodels", true],
  AIMClusterModel: [`/apis/${apiVersion}`, "aimclustermodels", false],
  AIMServiceTemplate: [`/apis/${apiVersion}`, "aimservicetemplates", true],
  AIMClusterServiceTemplate: [`/apis/${apiVersion}`, "aimclusterservicetemplates", false],
  AIMClusterModelSource: [`/apis/${apiVersion}`, "aimclustermodelsources", false],
  AIMRuntimeConfig: [`/apis/${apiVersion}`, "aimruntimeconfigs", true],
  AIMClusterRuntimeConfig: [`/apis/${apiVersion}`, "aimclusterruntimeconfigs", false],
  AIMTemplateCache: [`/apis/${apiVersion}`, "aimtemplatecaches", true],
  AIMArtifact: [`/apis/${apiVersion}`, "aimartifacts", true],
  PersistentVolumeClaim: ["/api/v1", "persistentvolumeclaims", true],
  InferenceService: ["/apis/serving.kserve.io/v1beta1", "inferenceservices", true],
  HTTPRoute: ["/apis/gateway.networking.k8s.io/v1", "httproutes", true],
};

export function pathOf({ kind, metadata: { namespace, name } }: AnyObject): string {
  const [group, plural, namespaced] = plurals[kind];
  return namespaced ? `${group}/namespaces/${namespace}/${plural}/${name}` : `${group}/${plural}/${name}`;
}

/** One apply of AIM Engine: to do again when going back. */
export interface Applied {
  readonly manager: string;
  readonly object: AnyObject;
}

const ready = (reason = "AllComponentsReady") => ({
  type: "Ready",
  status: "True",
  reason,
  message: "All components are ready",
  lastTransitionTime: "2026-01-02T03:04:05Z",
});

export class EngineWorld {
  /** What AIM Engine applies, in its order. */
  readonly applies: Applied[] = [];

  constructor(readonly plane: Cluster) {}

  async build(): Promise<void> {
    for (const name of namespaces) {
      await this.plane.request("POST", "/api/v1/namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name },
      });
    }
    await this.#catalogue();
    await this.#source();
    await this.#shared();
    await this.#custom();
    await this.#autoscaled();
  }

  /** Server-side apply as AIM Engine does it: no force. Throws on a conflict. */
  apply({ manager, object }: Applied): Promise<AnyObject> {
    const path = `${pathOf(object)}?fieldManager=${manager}`;
    return this.plane.request("PATCH", path, object, "application/apply-patch+yaml");
  }

  async #applies(manager: string, object: AnyObject): Promise<AnyObject> {
    this.applies.push({ manager, object });
    return await this.apply({ manager, object });
  }

  /** A user's own object. */
  async #user(object: AnyObject): Promise<AnyObject> {
    const path = pathOf(object);
    const collection = path.slice(0, path.lastIndexOf("/"));
    return await this.plane.request("POST", `${collection}?fieldManager=kubectl-client-side-apply`, object);
  }

  /** Status and finalizers are updates of the whole object by `manager` (conventions §7.3, services.md §2.1). */
  async #update(
    object: AnyObject,
    change: (object: AnyObject) => void,
    subresource = "",
  ): Promise<AnyObject> {
    const stored = await this.plane.request("GET", pathOf(object));
    change(stored);
    return await this.plane.request("PUT", `${pathOf(object)}${subresource}?fieldManager=manager`, stored);
  }

  #status(object: AnyObject, status: AnyObject): Promise<AnyObject> {
    return this.#update(object, (stored) => stored.status = status, "/status");
  }

  /** services.md §14.1: one model, one template, one runtime config, all of the cluster. */
  async #catalogue(): Promise<void> {
    const { status: _, ...givenModel } = clusterModel;
    const model = await this.#user({
      ...givenModel,
      spec: { ...givenModel.spec, discovery: { createServiceTemplates: false } },
    });
    await this.#status(model, {
      status: "Ready",
      imageMetadata: { model: { canonicalName: "Qwen/Qwen3-32B" } },
      conditions: [ready()],
    });
    const { status, ...givenTemplate } = clusterTemplate;
    const template = await this.#user({
      ...givenTemplate,
      // AIM Engine makes nothing of the secret (services.md §8.3); we do, but for nobody whom it would restart.
      spec: { ...givenTemplate.spec, imagePullSecrets: [{ name: "of-the-template" }] },
    });
    await this.#status(template, { ...status, conditions: [ready()] });
    // Only the service that asks for a route gets one.
    const { enabled: __, ...routing } = runtimeConfig.spec.routing;
    await this.#user({ ...runtimeConfig, spec: { ...runtimeConfig.spec, routing } });
  }

  /** model-sources-and-config.md §6.2, §7 and §8.5; and a namespace's runtime config, of which AIM Engine says nothing. */
  async #source(): Promise<void> {
    await this.#user({
      apiVersion,
      kind: "AIMRuntimeConfig",
      metadata: { name: "spare", namespace: "ml-team" },
      spec: { env: [{ name: "HF_HOME", value: "/tmp" }] },
    });
    const [registry, repository, tag] = ["reg.example.com:5000", "team/aim-x", "2.0.0"];
    const image = `${registry}/${repository}:${tag}`;
    const source = await this.#user({
      apiVersion,
      kind: "AIMClusterModelSource",
      metadata: { name: "static" },
      spec: { filters: [{ image }] },
    });
    const model = await this.#applies("aim-cluster-model-source-controller", {
      apiVersion,
      kind: "AIMClusterModel",
      metadata: {
        name: "team-aim-x-2-0-0-ae3d6d",
        labels: {
          "aim.eai.amd.com/model-source": "static",
          "aim.eai.amd.com/origin": "auto-generated",
          "aim.eai.amd.com/cluster-model-source.name": "static",
          "app.kubernetes.io/managed-by": "aim-cluster-model-source-controller",
        },
        annotations: {
          "aim.eai.amd.com/source-registry": registry,
          "aim.eai.amd.com/source-repository": repository,
          "aim.eai.amd.com/source-tag": tag,
        },
        ownerReferences: this.#owner(source),
      },
      spec: { image, resources: {} },
    });
    await this.#status(model, {
      status: "Ready",
      imageMetadata: { model: { canonicalName: "team/x" } },
      conditions: [
        ready(),
        { ...ready("ImageFound"), type: "ImageMetadataReady" },
        { ...ready("NoTemplatesExpected"), type: "ClusterServiceTemplatesReady" },
      ],
    });
    await this.#status(source, {
      status: "Ready",
      discoveredModels: 1,
      availableModels: 1,
      lastSyncTime: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
      conditions: [
        ready(),
        { ...ready("Listed"), type: "ExistingModelsReady", message: "Found 1 existing models" },
        { ...ready("AllFiltersSucceeded"), type: "FiltersReady", message: "All 1 filters succeeded" },
        {
          ...ready("WithinLimit"),
          type: "MaxModelsLimitReached",
          status: "False",
          message: "Created 1 models, within limit",
        },
      ],
    });
  }

  /** A service as its user applied it, and as AIM Engine's finalizer update left it. */
  async #service(name: string, namespace: string, labels: AnyObject, spec: AnyObject): Promise<AnyObject> {
    const metadata = { name, namespace, labels };
    const service = await this.#user({ apiVersion, kind: "AIMService", metadata, spec });
    return await this.#update(service, (stored) => {
      stored.metadata.finalizers = ["aim.eai.amd.com/template-cache-cleanup"];
      // It encodes what the user has left out (services.md §2.1).
      stored.spec.template ??= {};
    });
  }

  #owner({ kind, metadata: { name, uid } }: AnyObject): AnyObject[] {
    return [{ apiVersion, kind, name, uid, controller: true }];
  }

  /** Cache, artifact and claim, all done. Returns the cache and the mount of its artifact. */
  async #cache(options: {
    service: AnyObject;
    name: string;
    spec: AnyObject;
    artifact: string;
    source: AnyObject;
    propagated: AnyObject;
  }): Promise<{ cache: AnyObject; volume: AnyObject; mount: AnyObject }> {
    const { service, name, spec, source, propagated } = options;
    const { namespace } = service.metadata;
    const dedicated = spec.mode === "Dedicated";
    const own = {
      "aim.eai.amd.com/service": service.metadata.name,
      "aim.eai.amd.com/service.name": service.metadata.name,
      ...propagated,
    };
    const cache = await this.#applies("aim-service-controller", {
      apiVersion,
      kind: "AIMTemplateCache",
      metadata: {
        name,
        namespace,
        labels: { ...own, "app.kubernetes.io/managed-by": "aim-service-controller" },
        ...(dedicated ? { ownerReferences: this.#owner(service) } : {}),
      },
      spec,
    });
    await this.#update(cache, ({ metadata }) => metadata.finalizers = ["aim.eai.amd.com/artifactcleanup"]);
    const artifact = await this.#applies("aim-template-cache-controller", {
      apiVersion,
      kind: "AIMArtifact",
      metadata: {
        name: options.artifact,
        namespace,
        labels: {
          ...own,
          "template-created": "true",
          "aim.eai.amd.com/template.name": spec.templateName,
          "aim.eai.amd.com/template.scope": spec.templateScope,
          "aim.eai.amd.com/template.index": "0",
          "aim.eai.amd.com/template-cache.name": name,
          "app.kubernetes.io/managed-by": "aim-template-cache-controller",
        },
        ...(dedicated ? { ownerReferences: this.#owner(cache) } : {}),
      },
      spec: {
        ...source,
        ...(spec.env ? { env: spec.env } : {}),
        ...(spec.storageClassName ? { storageClassName: spec.storageClassName } : {}),
        ...(spec.runtimeConfigName ? { runtimeConfigName: spec.runtimeConfigName } : {}),
      },
    });
    const claimName = artifactChildName(options.artifact, "cache", artifact.metadata.uid);
    const claim = await this.#applies("aim-artifact-controller", {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name: claimName,
        namespace,
        labels: {
          ...artifact.metadata.labels,
          "aim.eai.amd.com/cache.name": options.artifact,
          "aim.eai.amd.com/cache.type": "template-cache",
          "aim.eai.amd.com/source-model": source.sourceUri.replace("hf://", "").replace("/", "_")
            .toLowerCase(),
          "aim.eai.amd.com/artifact.name": options.artifact,
          "app.kubernetes.io/managed-by": "aim-artifact-controller",
        },
        ownerReferences: this.#owner(artifact),
      },
      spec: {
        accessModes: ["ReadWriteMany"],
        resources: { requests: { storage: "72Gi" } },
        ...(spec.storageClassName ? { storageClassName: spec.storageClassName } : {}),
      },
    });
    const path = `${pathOf(claim)}/status`;
    await this.plane.request("PATCH", path, { status: { phase: "Bound" } }, "application/merge-patch+json");
    // The download Job is gone by its TTL, long ago.
    await this.#status(artifact, {
      status: "Ready",
      mode: dedicated ? "Dedicated" : "Shared",
      persistentVolumeClaim: claimName,
      allocatedSize: "72Gi",
      headroomPercent: 10,
      displaySize: source.size.replace("Gi", " GiB"),
      progress: { percentage: 100, displayPercentage: "100 %" },
      conditions: [ready(), { ...ready("Verified"), type: "DownloadComplete", message: "" }],
    });
    const { uid } = artifact.metadata;
    await this.#status(cache, {
      status: "Ready",
      artifacts: {
        [options.artifact]: {
          name: options.artifact,
          uid,
          model: source.modelId,
          status: "Ready",
          persistentVolumeClaim: claimName,
        },
      },
      conditions: [ready()],
    });
    return {
      cache,
      volume: { name: options.artifact, persistentVolumeClaim: { claimName } },
      mount: { name: options.artifact, mountPath: `/workspace/cache/${source.modelId}` },
    };
  }

  /** The InferenceService of a service (§14.1), with what differs. */
  async #inferenceService(service: AnyObject, name: string, differs: {
    labels: AnyObject;
    annotations: AnyObject;
    predictor: AnyObject;
    image: string;
    env: AnyObject[];
    resources: AnyObject;
    volume: AnyObject;
    mount: AnyObject;
  }): Promise<void> {
    const { namespace } = service.metadata;
    await this.#applies("aim-service-controller", {
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      metadata: {
        name,
        namespace,
        labels: {
          ...differs.labels,
          "aim.eai.amd.com/service": service.metadata.name,
          "aim.eai.amd.com/service.name": service.metadata.name,
          "app.kubernetes.io/component": "inference",
          "app.kubernetes.io/managed-by": "aim-engine",
        },
        annotations: differs.annotations,
        ownerReferences: this.#owner(service),
      },
      spec: {
        predictor: {
          ...differs.predictor,
          containers: [{
            name: "kserve-container",
            image: differs.image,
            ports: [{ name: "http", containerPort: 8000, protocol: "TCP" }],
            env: differs.env,
            resources: differs.resources,
            volumeMounts: [{ name: "dshm", mountPath: "/dev/shm" }, differs.mount],
          }],
          volumes: [
            { name: "dshm", emptyDir: { medium: "Memory", sizeLimit: "8Gi" } },
            differs.volume,
          ],
        },
      },
    });
  }

  /** services.md §14.1. */
  async #shared(): Promise<void> {
    const { metadata: { name, namespace, labels }, spec } = sharedService;
    const service = await this.#service(name, namespace!, labels!, { ...spec, routing: { enabled: true } });
    const [rule] = route.spec.rules;
    await this.#applies("aim-service-controller", {
      ...route,
      metadata: { ...route.metadata, ownerReferences: this.#owner(service) },
      spec: {
        ...route.spec,
        // It leaves the server's defaults to the server.
        rules: [{ ...rule, backendRefs: rule.backendRefs.map(({ group: _, weight: __, ...own }) => own) }],
      },
    });
    const { cache, volume, mount } = await this.#cache({
      service,
      name: sharedCache.metadata.name,
      spec: sharedCache.spec,
      artifact: "hf-qwen-qwen3-32b-0123456789",
      source: clusterTemplate.status.modelSources[0],
      propagated: { team: "nlp" },
    });
    const { containers: [{ image, env, resources }], volumes: _, ...predictor } = endpoint.spec.predictor;
    await this.#inferenceService(service, endpoint.metadata.name, {
      labels: endpoint.metadata.labels,
      annotations: endpoint.metadata.annotations,
      predictor,
      image,
      env,
      resources,
      volume,
      mount,
    });
    await this.#running(service, cache, {
      model: { name: "qwen-qwen3-32b", scope: "Cluster" },
      template: { name: "qwen3-32b-mi300x-fp16-latency", scope: "Cluster" },
      routing: {},
    });
  }

  /** services.md §14.2. */
  async #custom(): Promise<void> {
    const namespace = "ml-team";
    const modelSources = [{ modelId: "Qwen/Qwen2-0.5B", sourceUri: "hf://Qwen/Qwen2-0.5B", size: "1Gi" }];
    const hardware = { gpu: { requests: 1, resourceName: "amd.com/gpu" } };
    const service = await this.#service("my-custom", namespace, {}, {
      model: {
        custom: {
          baseImage: "amdenterpriseai/aim-base:0.9",
          modelSources,
          hardware: { gpu: { requests: 1 } },
        },
      },
      template: { allowUnoptimized: true },
      caching: { mode: "Dedicated" },
    });
    const model = await this.#applies("aim-service-controller", {
      apiVersion,
      kind: "AIMModel",
      metadata: {
        name: "qwen-qwen2-0-5b-8cd3ca3d",
        namespace,
        labels: {
          "aim.eai.amd.com/origin": "auto-generated",
          "aim.eai.amd.com/custom-model": "true",
          "aim.eai.amd.com/service": "my-custom",
          "aim.eai.amd.com/service.name": "my-custom",
          "app.kubernetes.io/managed-by": "aim-service-controller",
        },
      },
      spec: { image: "amdenterpriseai/aim-base:0.9", modelSources, custom: { hardware } },
    });
    await this.#status(model, {
      status: "Ready",
      sourceType: "Custom",
      imageMetadata: {},
      conditions: [ready(), { ...ready("ImageFound"), type: "ImageMetadataReady" }],
    });
    const template = await this.#applies("aim-model-controller", {
      apiVersion,
      kind: "AIMServiceTemplate",
      metadata: {
        name: "qwen-qwen2-0-5b-8cd3ca3d-custom-b146a41e",
        namespace,
        labels: {
          "aim.eai.amd.com/model": "qwen-qwen2-0-5b-8cd3ca3d",
          "aim.eai.amd.com/origin": "auto-generated",
          "aim.eai.amd.com/custom-model": "true",
          "aim.eai.amd.com/service": "my-custom",
          "aim.eai.amd.com/service.name": "my-custom",
          "aim.eai.amd.com/model.name": "qwen-qwen2-0-5b-8cd3ca3d",
          "app.kubernetes.io/managed-by": "aim-model-controller",
        },
        ownerReferences: this.#owner(model),
      },
      spec: { modelName: "qwen-qwen2-0-5b-8cd3ca3d", modelSources, hardware, type: "unoptimized" },
    });
    await this.#status(template, {
      status: "Ready",
      modelSources,
      resolvedHardware: hardware,
      profile: { metadata: { type: "unoptimized", gpuCount: 1 } },
      conditions: [ready(), { ...ready("InlineModelSources"), type: "Discovered" }],
    });
    const name = template.metadata.name as string;
    const cacheName = dedicatedCacheName(name, "my-custom", service.metadata.uid);
    const { cache, volume, mount } = await this.#cache({
      service,
      name: cacheName,
      spec: { templateName: name, templateScope: "Namespace", mode: "Dedicated", storageClassName: "fast" },
      artifact: "hf-qwen-qwen2-0-5b-9876543210",
      source: modelSources[0],
      propagated: {},
    });
    await this.#inferenceService(service, "my-custom-a04542d9", {
      labels: { "aim.eai.amd.com/model": "qwen-qwen2-0-5b-8cd3ca3d", "aim.eai.amd.com/template": name },
      annotations: { "serving.kserve.io/autoscalerClass": "none" },
      predictor: { minReplicas: 1, maxReplicas: 1 },
      image: "amdenterpriseai/aim-base:0.9",
      env: [
        { name: "AIM_CACHE_PATH", value: "/workspace/cache" },
        { name: "AIM_ENGINE_ARGS", value: '{"gpu-memory-utilization":0.9}' },
        { name: "AIM_MODEL_ID", value: "Qwen/Qwen2-0.5B" },
        { name: "VLLM_ENABLE_METRICS", value: "true" },
      ],
      resources: {
        requests: { cpu: "4", memory: "32Gi", "amd.com/gpu": "1" },
        limits: { memory: "48Gi", "amd.com/gpu": "1" },
      },
      volume,
      mount,
    });
    await this.#running(service, cache, {
      model: { name: "qwen-qwen2-0-5b-8cd3ca3d", scope: "Namespace" },
      template: { name, namespace, scope: "Namespace" },
    });
  }

  /** services.md §14.3, on the model and the template of §14.1. */
  async #autoscaled(): Promise<void> {
    const namespace = "ns";
    const metrics = [{
      type: "PodMetric",
      podmetric: {
        metric: {
          backend: "opentelemetry",
          metricNames: ["vllm:num_requests_running"],
          query: "vllm:num_requests_running",
          operationOverTime: "avg",
        },
        target: { type: "Value", value: "1" },
      },
    }];
    const service = await this.#service("s", namespace, {}, {
      model: { name: "qwen-qwen3-32b" },
      minReplicas: 1,
      maxReplicas: 3,
      autoScaling: { metrics },
    });
    const { cache, volume, mount } = await this.#cache({
      service,
      name: "qwen3-32b-mi300x-fp16-latency-e2c6bafc",
      spec: {
        templateName: "qwen3-32b-mi300x-fp16-latency",
        templateScope: "Cluster",
        mode: "Shared",
        storageClassName: "fast",
        env: [{ name: "VLLM_LOG", value: "info" }],
      },
      artifact: "hf-qwen-qwen3-32b-1111111111",
      source: clusterTemplate.status.modelSources[0],
      propagated: {},
    });
    const { team: _, ...labels } = endpoint.metadata.labels;
    const [{ image, env }] = endpoint.spec.predictor.containers;
    await this.#inferenceService(service, "s-e2c6bafc", {
      labels,
      annotations: {
        "serving.kserve.io/autoscalerClass": "keda",
        "sidecar.opentelemetry.io/inject": "s-e2c6bafc-predictor",
        "prometheus.kserve.io/port": "8000",
      },
      predictor: {
        minReplicas: 1,
        maxReplicas: 3,
        autoScaling: { metrics },
        affinity: { nodeAffinity: resolvedNodeAffinity },
      },
      image,
      env: env.filter(({ name }) => name !== "HF_TOKEN").map((variable) =>
        variable.name === "AIM_ENGINE_ARGS" ? runtimeConfig.spec.env[0] : variable
      ),
      resources: {
        requests: { cpu: "4", memory: "32Gi", "amd.com/gpu": "1" },
        limits: { memory: "48Gi", "amd.com/gpu": "1" },
      },
      volume,
      mount,
    });
    await this.#running(service, cache, {
      model: { name: "qwen-qwen3-32b", scope: "Cluster" },
      template: { name: "qwen3-32b-mi300x-fp16-latency", scope: "Cluster" },
    });
  }

  async #running(service: AnyObject, cache: AnyObject, { model, template, routing }: {
    model: AnyObject;
    template: AnyObject;
    routing?: AnyObject;
  }): Promise<void> {
    const { namespace } = service.metadata;
    const uidOf = async (kind: string, reference: AnyObject) => {
      const object = { kind, metadata: { namespace, name: reference.name } };
      return (await this.plane.request("GET", pathOf(object))).metadata.uid;
    };
    const prefix = ({ scope }: AnyObject) => scope === "Cluster" ? "AIMCluster" : "AIM";
    const { name, uid } = cache.metadata;
    await this.#status(service, {
      status: "Running",
      resolvedModel: { ...model, uid: await uidOf(`${prefix(model)}Model`, model) },
      resolvedTemplate: { ...template, uid: await uidOf(`${prefix(template)}ServiceTemplate`, template) },
      cache: { templateCacheRef: { name, namespace, uid } },
      ...(routing ? { routing } : {}),
      conditions: [{ ...ready("ModelResolved"), type: "ModelReady" }, ready()],
    });
  }
}
