/**
 * What can go wrong with a service, one row a fault: how it comes about, the code that `Ready` must then carry, and what
 * mends it. Each has a namespace of its own, in which a service `s` wants to run.
 */

import type { Code } from "../../lib/operator/errors/codes.ts";
import { clusterModel, clusterTemplate, runtimeConfig, template } from "../e2e/catalogue.ts";
import type { AnyObject } from "../e2e/user.ts";
import { profileOf } from "../node_agent/discovery_images.ts";
import {
  apply,
  askWebhook,
  changeModel,
  denyPods,
  downloadFails,
  edit,
  endpointGone,
  endpointName,
  endpointOf,
  endpoints,
  event,
  gatewayRef,
  good,
  insist,
  inTurn,
  jobPodsAnew,
  jobsAnew,
  keepServices,
  node,
  onGpu,
  ownModel,
  ownTemplate,
  patchEndpoint,
  type Place,
  podPath,
  pods,
  podsAnew,
  podWaits,
  provide,
  pullFails,
  pullSecret,
  quota,
  ready,
  rejectRoute,
  replicaSetsAnew,
  routed,
  routedTo,
  routeRejected,
  routeUnanswered,
  scaleTarget,
  storage,
  storageClass,
  takeGpu,
  tell,
  unschedulable,
  withoutWebhook,
} from "./deeds.ts";
import type { PlayedPods } from "./played.ts";

export interface Fault {
  readonly what: string;
  /** The namespace, and what is made for it alone. */
  readonly name: string;
  readonly code: Code;
  /** Of the service; `good` is a model with everything that it needs. */
  readonly spec?: AnyObject;
  /** Of the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What is there before the service. */
  readonly beside?: (name: string) => AnyObject[];
  readonly pods?: PlayedPods;
  /** Done before the service is made, where making objects is not enough. */
  readonly before?: (place: Place) => Promise<unknown>;
  /** Done once the service is made, where its pods must be there. */
  readonly meanwhile?: (place: Place) => Promise<unknown>;
  /** Done to the service once it runs; without it the service is never without the fault. */
  readonly inject?: (place: Place) => Promise<unknown>;
  /** Whether the cluster shows the fault by now; unless said, it does as soon as the service is there. */
  readonly shows?: (place: Place) => Promise<boolean>;
  /** Why it is of one half of the suite only. */
  readonly half?: { readonly real: boolean; readonly why: string };
  /** Afterwards the service runs; `never` where nothing but another service helps. */
  readonly heal: ((place: Place) => Promise<unknown>) | "never";
}

export const faults: readonly Fault[] = [
  // Model and template.
  {
    what: "a model that is not there",
    name: "no-model",
    code: "AIM-0101",
    spec: { model: { name: "no-model" } },
    heal: apply(ownTemplate()),
  },
  {
    what: "a template that is not there",
    name: "no-template",
    code: "AIM-0111",
    spec: { ...good, template: { name: "nowhere" } },
    heal: apply((namespace) => [template("nowhere", namespace, "good")]),
  },
  {
    what: "a model without templates",
    name: "untemplated",
    code: "AIM-0112",
    spec: { model: { name: "untemplated" } },
    beside: (name) => [clusterModel(name)],
    heal: apply((name) => [clusterTemplate(`${name}-latency`, name)]),
  },
  {
    what: "two templates that tie",
    name: "tie",
    code: "AIM-0114",
    spec: { model: { name: "tie" } },
    beside: (name) => [
      clusterModel(name),
      clusterTemplate(`${name}-a`, name),
      clusterTemplate(`${name}-b`, name),
    ],
    heal: edit({ template: { name: "tie-b" } }),
  },
  {
    what: "templates that are not optimized",
    name: "untuned",
    code: "AIM-0115",
    spec: { model: { name: "untuned" } },
    beside: ownTemplate({ type: "unoptimized" }),
    heal: edit({ template: { allowUnoptimized: true } }),
  },
  {
    what: "a template for a GPU that no node has",
    name: "unavailable",
    code: "AIM-0121",
    spec: { model: { name: "unavailable" } },
    beside: ownTemplate({ hardware: { gpu: { requests: 1, model: "MI210" } } }),
    heal: apply((name) => [clusterTemplate(`${name}-throughput`, name, { metric: "throughput" })]),
  },
  // Runtime config and spec.
  {
    what: "a runtime config that is not there",
    name: "no-config",
    code: "AIM-0201",
    spec: { ...good, runtimeConfigName: "nowhere" },
    heal: apply((namespace) => [runtimeConfig("nowhere", namespace, {})]),
  },
  {
    what: "a request above its limit",
    name: "resources",
    code: "AIM-0205",
    spec: { ...good, resources: { requests: { cpu: "8" }, limits: { cpu: "4" } } },
    heal: edit({ resources: { limits: { cpu: "8" } } }),
  },
  // Cache and weights.
  {
    what: "a storage class that is not there",
    name: "no-class",
    code: "AIM-0312",
    beside: storage("no-class"),
    shows: event("ProvisioningFailed"),
    heal: provide,
  },
  {
    what: "a provisioner that makes nothing",
    name: "no-volume",
    code: "AIM-0313",
    beside: (name) => [...storage(name)(name), ...storageClass(name, "kubernetes.io/no-provisioner")],
    shows: event("ProvisioningFailed"),
    heal: inTurn(
      ({ plane }) => plane.request("DELETE", "/apis/storage.k8s.io/v1/storageclasses/no-volume"),
      provide,
    ),
  },
  {
    what: "a full volume",
    name: "disk-full",
    code: "AIM-0316",
    ...downloadFails("OSError: [Errno 28] No space left on device"),
  },
  {
    what: "a source that is not there",
    name: "no-source",
    code: "AIM-0321",
    ...downloadFails("RepositoryNotFoundError: 401 Client Error. Repository Not Found for url"),
  },
  {
    what: "a wrong token",
    name: "wrong-token",
    code: "AIM-0322",
    ...downloadFails("401 Client Error: Unauthorized for url: https://hf.co/api/models/x"),
  },
  {
    what: "a model gated by the hub",
    name: "gated",
    code: "AIM-0323",
    ...downloadFails("GatedRepoError: 403 Client Error. Cannot access gated repo for url https://hf.co/x"),
  },
  {
    what: "a hub that answers 429",
    name: "hub-429",
    code: "AIM-0324",
    ...downloadFails("429 Client Error: Too Many Requests for url: https://hf.co/x"),
  },
  {
    what: "an artifact that is deleted below a running service",
    name: "artifact-gone",
    code: "AIM-0303",
    inject: async ({ plane, namespace, pods }) => {
      pods.begin();
      const path = `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimartifacts`;
      for (const { metadata } of (await plane.request("GET", path)).items) {
        await plane.request("DELETE", `${path}/${metadata.name}`);
      }
    },
    pods: { job: { does: "never start" }, later: true },
    shows: async ({ plane, namespace }) =>
      (await plane.request("GET", `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimtemplatecaches`))
        .items.some(({ status }: AnyObject) => status?.status !== "Ready"),
    heal: jobPodsAnew,
  },
  // Pods.
  {
    what: "every GPU taken",
    name: "no-gpu",
    code: "AIM-0401",
    spec: { model: { name: "no-gpu" } },
    beside: ownTemplate(onGpu("MI308X")),
    before: takeGpu,
    shows: unschedulable,
    heal: ({ plane, namespace }) => plane.request("DELETE", podPath(namespace, "blocker")),
  },
  {
    what: "a taint on the nodes that fit",
    name: "taint",
    code: "AIM-0402",
    spec: { model: { name: "taint" } },
    beside: ownTemplate(onGpu("MI350X")),
    before: node("mi350x-0", { taints: [{ key: "example.com/maintenance", effect: "NoSchedule" }] }),
    shows: unschedulable,
    heal: node("mi350x-0", { taints: null }),
  },
  {
    what: "nodes that are cordoned",
    name: "cordoned",
    code: "AIM-0406",
    spec: { model: { name: "cordoned" } },
    beside: ownTemplate(onGpu("MI355X")),
    before: node("mi355x-0", { unschedulable: true }),
    shows: unschedulable,
    heal: node("mi355x-0", { unschedulable: null, taints: null }),
  },
  {
    what: "more memory than any node has",
    name: "memory",
    code: "AIM-0404",
    spec: { ...good, resources: { requests: { memory: "100Ti" }, limits: { memory: "100Ti" } } },
    shows: unschedulable,
    heal: edit({ resources: { requests: { memory: "8Gi" }, limits: { memory: "8Gi" } } }),
  },
  {
    what: "a container out of memory",
    name: "oom",
    code: "AIM-0411",
    pods: { serving: { does: "crash", outOfMemory: true } },
    shows: podWaits("CrashLoopBackOff"),
    heal: podsAnew,
  },
  {
    what: "a container that crashes",
    name: "crash",
    code: "AIM-0412",
    pods: { serving: { does: "crash", exitCode: 1, log: "RuntimeError: no HIP GPUs" } },
    shows: podWaits("CrashLoopBackOff"),
    heal: podsAnew,
  },
  {
    what: "a Secret that a container refers to and that is not there",
    name: "no-secret",
    code: "AIM-0414",
    pods: {
      serving: {
        does: "never start",
        reason: "CreateContainerConfigError",
        message: 'secret "hf" not found',
      },
    },
    shows: podWaits("CreateContainerConfigError"),
    heal: podsAnew,
  },
  {
    what: "a readiness probe that fails",
    name: "unready",
    code: "AIM-0416",
    inject: inTurn(
      ready("False"),
      tell("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    ),
    heal: ready("True"),
  },
  {
    what: "a volume that cannot be mounted",
    name: "no-mount",
    code: "AIM-0421",
    pods: { serving: { does: "never start" } },
    meanwhile: tell("FailedMount", "MountVolume.SetUp failed for volume: rpc error: timed out"),
    shows: event("FailedMount"),
    heal: podsAnew,
  },
  {
    what: "a node that is lost",
    name: "node-lost",
    code: "AIM-0432",
    inject: inTurn(ready("False"), tell("NodeNotReady", "Node is not ready")),
    heal: ready("True"),
  },
  // KServe and routing.
  {
    what: "a namespace whose name leaves no room for a host name",
    name: "n".repeat(60),
    code: "AIM-0504",
    heal: "never",
  },
  {
    what: "routing without a gateway",
    name: "no-gateway",
    code: "AIM-0602",
    spec: routed({}),
    heal: edit({ routing: { gatewayRef } }),
  },
  {
    what: "a route that its gateway rejects",
    name: "rejected",
    code: "AIM-0603",
    spec: routed({ gatewayRef: { ...gatewayRef, sectionName: "missing" } }),
    meanwhile: rejectRoute,
    shows: routeRejected,
    heal: edit({ routing: { gatewayRef: { ...gatewayRef, sectionName: null } } }),
  },
  {
    what: "a gateway that a runtime config names and that is not there",
    name: "gateway-missing",
    code: "AIM-0605",
    spec: routed({}),
    beside: routedTo("missing"),
    shows: routeUnanswered,
    heal: apply(routedTo("inference")),
  },
  {
    what: "a path template that renders to nothing",
    name: "no-path",
    code: "AIM-0606",
    spec: routed({ gatewayRef, pathTemplate: "/{.metadata.labels['none']}" }),
    heal: edit({ routing: { pathTemplate: "/no-path" } }),
  },
  {
    what: "a request timeout that is none",
    name: "no-timeout",
    code: "AIM-0608",
    spec: routed({ gatewayRef, requestTimeout: "-5s" }),
    heal: edit({ routing: { requestTimeout: "90s" } }),
  },
  // Scaling.
  {
    what: "replicas that contradict each other",
    name: "scaling",
    code: "AIM-0701",
    spec: { ...good, minReplicas: 3, maxReplicas: 1 },
    heal: edit({ minReplicas: null, maxReplicas: null }),
  },
  {
    what: "an autoscaler without metrics",
    name: "no-metrics",
    code: "AIM-0703",
    spec: { ...good, minReplicas: 1, maxReplicas: 2 },
    half: { real: false, why: "it wants KEDA" },
    inject: async (place) => {
      const name = `keda-hpa-${await endpointOf(place)}-predictor`;
      await scaleTarget(place, name, "nowhere");
    },
    heal: async (place) => {
      const endpoint = await endpointOf(place);
      await scaleTarget(place, `keda-hpa-${endpoint}-predictor`, `${endpoint}-predictor`);
    },
  },
  {
    what: "no KEDA",
    name: "no-keda",
    code: "AIM-0702",
    spec: { ...good, minReplicas: 1, maxReplicas: 2 },
    half: { real: true, why: "KEDA is played in memory" },
    heal: edit({ minReplicas: null, maxReplicas: null, replicas: 1 }),
  },
  // Admission and the API server.
  {
    what: "a quota without GPUs",
    name: "quota",
    code: "AIM-0801",
    beside: quota("0"),
    shows: event("FailedCreate", /exceeded quota/),
    heal: inTurn(apply(quota("8")), replicaSetsAnew),
  },
  {
    what: "a quota that lets no pod of a discovery in",
    name: "quota-discovery",
    code: "AIM-0801",
    spec: { model: { name: "quota-discovery" } },
    beside: (name) => [
      clusterModel(name),
      template(`${name}-latency`, name, name, { modelSources: undefined }),
      ...quota("0", "pods")(name),
    ],
    pods: { job: { does: "run", log: profileOf({ AIM_GPU_MODEL: "MI300X" }, "example/quota-discovery", 1) } },
    shows: event("FailedCreate", /exceeded quota/),
    heal: inTurn(apply(quota("50", "pods")), jobsAnew),
  },
  {
    what: "a restricted Pod Security level",
    name: "pod-security",
    code: "AIM-0802",
    labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    shows: event("FailedCreate", /PodSecurity/),
    heal: inTurn(
      ({ plane, namespace }) =>
        plane.request("PATCH", `/api/v1/namespaces/${namespace}`, {
          metadata: { labels: { "pod-security.kubernetes.io/enforce": "baseline" } },
        }, "application/merge-patch+json"),
      replicaSetsAnew,
    ),
  },
  {
    what: "a policy that denies the pods",
    name: "policy",
    code: "AIM-0803",
    beside: denyPods,
    shows: event("FailedCreate", /denied/),
    heal: inTurn(
      ({ plane, namespace }) =>
        plane.request(
          "DELETE",
          `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/${namespace}`,
        ),
      replicaSetsAnew,
    ),
  },
  {
    what: "a webhook that denies the endpoint",
    name: "webhook-denies",
    code: "AIM-0803",
    before: askWebhook("/deny", endpoints),
    heal: withoutWebhook,
  },
  {
    what: "a webhook that denies the pods",
    name: "webhook-pods",
    code: "AIM-0803",
    half: { real: true, why: "in memory no webhook is asked about pods, which are made in the process" },
    before: askWebhook("/deny", pods),
    shows: event("FailedCreate", /denied the request: not like that/),
    heal: withoutWebhook,
  },
  {
    what: "a namespace that is being deleted",
    name: "terminating",
    code: "AIM-0805",
    beside: keepServices,
    inject: ({ plane, namespace }) => plane.request("DELETE", `/api/v1/namespaces/${namespace}`),
    shows: endpointGone,
    heal: "never",
  },
  {
    what: "somebody else's object under the endpoint's name",
    name: "taken",
    code: "AIM-0807",
    before: async ({ plane, namespace }) => {
      await plane.apply([{
        apiVersion: "serving.kserve.io/v1beta1",
        kind: "InferenceService",
        metadata: { name: endpointName(namespace), namespace, labels: { mine: "yes" } },
        spec: { predictor: { model: { modelFormat: { name: "pytorch" } } } },
      }]);
    },
    heal: ({ plane, namespace }) =>
      plane.request(
        "DELETE",
        `/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices/${
          endpointName(namespace)
        }`,
      ),
  },
  {
    what: "a controller that contests a field",
    name: "contested",
    code: "AIM-0808",
    inject: insist,
    heal: async (place) => {
      place.pods.mend();
      await patchEndpoint(place, 1);
    },
  },
  // Images and registries.
  {
    what: "an image that is not there",
    name: "pull-unknown",
    code: "AIM-0901",
    ...pullFails("registry.example.com/aim/good:1.0.0: manifest unknown"),
  },
  {
    what: "a model's image that was never pushed",
    name: "never-pushed",
    code: "AIM-0901",
    spec: { model: { name: "never-pushed" } },
    before: ownModel(({ open }) => `${open.host}/aim/nowhere:1`),
    heal: async (place) => {
      const { image } = await place.registries.open.push("aim/never-pushed:1", {});
      await changeModel({ image })(place);
    },
  },
  {
    what: "the registry refuses the node's credentials",
    name: "pull-refused",
    code: "AIM-0902",
    ...pullFails("failed to authorize: 401 Unauthorized: authentication required"),
  },
  {
    what: "an expired pull secret",
    name: "expired",
    code: "AIM-0902",
    spec: { model: { name: "expired" } },
    before: async (place) => {
      const { image } = await place.registries.closed.push("aim/expired:1", {});
      await pullSecret("expired")(place);
      await ownModel(() => image, { imagePullSecrets: [{ name: "regcred" }] })(place);
    },
    // A Secret is not watched: the next question comes within five minutes, or with an edit of the model.
    heal: changeModel({ imageMetadata: { model: { canonicalName: "example/expired" } } }),
  },
  {
    what: "a registry that the nodes do not reach",
    name: "pull-other",
    code: "AIM-0903",
    ...pullFails("dial tcp 10.0.0.1:443: i/o timeout"),
  },
  {
    what: "a label of the image that is no metadata",
    name: "bad-label",
    code: "AIM-0905",
    spec: { model: { name: "bad-label" } },
    before: async (place) => {
      const { image } = await place.registries.open.push("aim/bad-label:1", {
        "com.amd.aim.model.recommendedDeployments": '[{"gpuCount": "two"}]',
      });
      await ownModel(() => image)(place);
    },
    heal: changeModel({ imageMetadata: { model: { canonicalName: "example/bad-label" } } }),
  },
  {
    what: "a pull secret that is not there",
    name: "no-pull-secret",
    code: "AIM-0906",
    spec: { model: { name: "no-pull-secret" } },
    before: async (place) => {
      const { image } = await place.registries.closed.push("aim/no-pull-secret:1", {});
      await ownModel(() => image, { imagePullSecrets: [{ name: "regcred" }] })(place);
    },
    heal: changeModel({
      imagePullSecrets: null,
      imageMetadata: { model: { canonicalName: "example/no-pull-secret" } },
    }),
  },
  {
    what: "a registry that asks for fewer requests",
    name: "pull-429",
    code: "AIM-0908",
    ...pullFails("toomanyrequests: You have reached your pull rate limit"),
  },
];
