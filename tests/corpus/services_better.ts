/** Where services are meant to come out otherwise than AIM Engine made them, and which line says so. */

import { equalJson } from "../../lib/kube/json/equal.ts";
import {
  absent,
  at,
  equals,
  type Expected,
  type Found,
  given,
  type GivenObject,
  isAt,
  isLike,
  like,
  ofGiven,
  perCase,
  type Wanted,
} from "./wanted.ts";

const list = (text: string) => text.split(" ");
const service = /^status AIMService$/;
const route = /^applied HTTPRoute$/;
const endpoint = /^applied InferenceService$/;
const resource = (side: string, name: string) =>
  new RegExp(`^spec\\.predictor\\.containers\\.0\\.resources\\.${side}\\.${name}$`);

const switchedOff = list(
  "u0002 u0008 u0014 u0020 u0032 u0056 u0094 u0096 u0106 u0108 u0126 u0146 u0148 u0154 u0156 u0164 u0166 u0178 u0188",
);
const badPath = list("s0000 s0012 s0042 s0052 s0090");
const noClass = list("u0032 u0050 u0074 u0180 u0188");
const noHeadroom = list("u0002 u0026 u0060 u0076 u0098 u0166 u0174 u0182");
/** The cases of a list but for some. */
function without(cases: readonly string[], some: string): string[] {
  return cases.filter((id) => !list(some).includes(id));
}

const twins = list("u0022 u0024 u0046 u0054 u0062 u0080 u0086 u0094 u0102 u0110 u0114 u0124 u0148 u0170");
/** What hangs on a cache, and the cache itself. */
const chain = /^(applied|status) (AIMTemplateCache|AIMArtifact|PersistentVolumeClaim|Job|RoleBinding)$/;
const explicitOverride = list("u0016 u0030 u0106 u0162");

/** Which template wins once GPUs are scored by their normalized model. */
const winners: Readonly<Record<string, string>> = {
  u0090: "u0090-t0",
  u0164: "u0164-t0",
  u0176: "u0176-t2.v1",
  u0192: "u0192-t2.v1",
};

/** What follows from the template that wins and from the given cache of it. */
function ofWinner(of: (template: GivenObject, cache: GivenObject) => unknown): Expected {
  return (value, found) => {
    const [template] = given(found, "ServiceTemplate").filter((each) =>
      each.metadata!.name === winners[found.id]
    );
    return given(found, "TemplateCache").filter(({ spec }) => spec.templateName === winners[found.id])
      .some((cache) => equalJson(value, of(template, cache)));
  };
}

/** `metric` or `precision` of a template: of its spec, else as discovered. */
const attribute = (name: string, { spec, status }: GivenObject) =>
  spec[name] ?? status.profile.metadata[name];
const gpus = ({ status }: GivenObject) => status.resolvedHardware.gpu.requests;
/** The one artifact of a given cache. */
const artifactOf = ({ status }: GivenObject) => status.artifacts.k;
const volumeName = (cache: GivenObject) => artifactOf(cache).name.replaceAll(".", "-");
const inContainer = (path: string) => `spec.predictor.containers.0.${path}`;

/** Every word of the service, where the caches that were given for its template are in such a state. */
const whileGivenCacheIs: Readonly<Record<string, Record<string, Expected>>> = {
  Failed: {
    "conditions.CacheReady": "False/CacheFailed",
    "conditions.Ready": "False/CacheFailed",
    status: "Failed",
  },
  Progressing: { "conditions.CacheReady": "False/CacheNotReady" },
};

const noEndpoint = { "": absent, cache: absent, "conditions.InferenceServicePodsReady": absent };

function waitsForGivenCache(value: unknown, found: Found): boolean {
  const service = found.in.status.find(({ kind }) => kind === "AIMService")!;
  const { name } = service.status.resolvedTemplate as { name: string };
  const states = new Set(
    given(found, "TemplateCache").filter(({ spec }) => spec.templateName === name)
      .map(({ status }) => String(status?.status)),
  );
  const [state] = states;
  if (states.size !== 1 || whileGivenCacheIs[state] === undefined) return false;
  return isAt({ ...noEndpoint, ...whileGivenCacheIs[state] }, value, found);
}

/** Artifacts that the service's own cache makes have no size, and the pod that measures it finds no node. */
function waitsForSizes(value: unknown, found: Found): boolean {
  const artifacts = found.in.applied.filter(({ object }) => object.kind === "AIMArtifact");
  const unsized = artifacts.some(({ object }) =>
    ["0", undefined].includes((object as GivenObject).spec.size)
  );
  return unsized &&
    isAt(
      { ...noEndpoint, "conditions.CacheReady": "False/StorageSizeError", status: "Starting" },
      value,
      found,
    );
}

/** The template that an override of an explicit one derives. */
function isDerived(value: unknown, found: Found): boolean {
  const [{ spec: { overrides: { metric, precision } } }] = given(found, "AIMService");
  return given(found, "ServiceTemplate").some((base) =>
    isLike(value, {
      kind: "AIMServiceTemplate",
      metadata: {
        labels: { "aim.eai.amd.com/origin": "derived", "aim.eai.amd.com/template": base.metadata!.name },
      },
      spec: {
        modelName: base.spec.modelName,
        ...(metric && { metric }),
        ...(precision && { precision }),
      },
    }, found)
  );
}

/** The secrets of service, template and model, in this order: all of them, or the one that the path asks for. */
function isPullSecrets(value: unknown, found: Found): boolean {
  const secrets = ["AIMService", "ServiceTemplate", "Model"].map((kind) =>
    given(found, kind).flatMap(({ spec }) => spec.imagePullSecrets ?? []).map(({ name }) => name)
  );
  const ranks = ([value].flat() as { name: string }[]).map(({ name }) =>
    secrets.findIndex((names) => names.includes(name))
  );
  return !ranks.includes(-1) && equalJson(ranks, [...ranks].sort()) && new Set(ranks).size === ranks.length;
}

/** The service's own annotation of the route, else that of a config. */
function isRouteAnnotation(value: unknown, found: Found): boolean {
  const rates = (kind: string) =>
    given(found, kind).flatMap(({ spec }) => spec.routing?.annotations?.["example.com/rate"] ?? []);
  const [own] = rates("AIMService");
  const rate = found.path === "metadata.annotations"
    ? (value as Record<string, unknown>)["example.com/rate"]
    : value;
  return own === undefined ? rates("RuntimeConfig").includes(rate) : own === rate;
}

/** `/namespace/uid` of the service, the path where no template says otherwise. */
const isPlainPath = (path: unknown, found: Found) =>
  found.in.given.some(({ object, uid }) => object.kind === "AIMService" && path === `/${found.id}/${uid}`);

/** The path of the route that AIM Engine made, or the plain one. */
function isRoutePath(path: unknown, found: Found): boolean {
  const routes = found.in.applied.filter(({ object }) => object.kind === "HTTPRoute").map(({ object }) =>
    object as unknown as { spec: { rules: { matches: { path: { value: string } }[] }[] } }
  );
  return isPlainPath(path, found) || routes.some(({ spec }) => spec.rules[0].matches[0].path.value === path);
}

/** Nothing under the name that hashes the class; under the other one an object that names no class. */
const withoutClass = (value: unknown) =>
  value === undefined ||
  (value as { spec?: { storageClassName?: string } }).spec?.storageClassName === undefined;

/** The size of the sources, rounded up to whole Gi. */
const sizeItself = perCase({ u0060: "65Gi", u0076: "1Gi", u0098: "1Gi", u0166: "65Gi", u0182: "65Gi" });

const shortLabel = like({ metadata: { labels: { "aim.eai.amd.com/service.name": /^.{1,63}$/ } } });

export const better: readonly Wanted[] = [
  {
    line: "spec/README.md: the conditions Reconciling and Stalled",
    what: /^status /,
    path: /^conditions\.(Reconciling|Stalled)$/,
    recorded: absent,
    ours: (value) => String(value).startsWith("True/"),
    cases: "all",
  },
  {
    line: "services.md §11.1: set observedGeneration and resolvedRuntimeConfig",
    what: service,
    path: /^(observedGeneration|resolvedRuntimeConfig)$/,
    recorded: absent,
    ours: (value) => value === 1 || typeof (value as { name?: unknown })?.name === "string",
    cases: "all",
  },
  {
    line: "api.md §11: hardware.cpu of the template is the container's request, below resources",
    what: endpoint,
    path: resource("requests", "cpu"),
    recorded: (value) => value === "4" || value === "8",
    ours: (value) => ["500m", "1", "2"].includes(String(value)),
    cases: list("s0028 s0068 s0110 s0154"),
  },
  {
    line: "api.md §11: hardware.cpu of the template is the container's limit, below resources",
    what: endpoint,
    path: resource("limits", "cpu"),
    recorded: absent,
    ours: "4",
    cases: list("s0028 s0068"),
  },
  {
    line: "services.md §3.1: record the namespace of namespace models",
    what: service,
    path: /^resolvedModel\.namespace$/,
    recorded: absent,
    ours: (namespace, { id }) => namespace === id,
    cases: "all",
  },
  {
    line: "services.md §11.1: routing.path",
    what: service,
    path: /^routing$/,
    recorded: absent,
    ours: like({ path: isRoutePath }),
    cases: "all",
  },
  {
    line: "services.md §12: TemplateSelected tells why; a condition of its own keeps it (issue 10 §6)",
    what: service,
    path: /^conditions\.TemplateSelected$/,
    recorded: absent,
    ours: (value) => value === "True/BestMatch",
    cases: "all",
  },
  {
    line: "services.md §1.1: a service name that begins with a digit gets `s-` before it",
    what: route,
    path: /^spec\.rules\.0\.backendRefs\.0\.name$/,
    recorded: (name) => /^\d/.test(String(name)),
    ours: (name) => /^s-\d/.test(String(name)),
    cases: list("u0026 u0052 u0068 u0074 u0092 u0140 u0144 u0182 u0190"),
  },
  {
    line: "services.md §1.1: so does what is injected for its metrics",
    what: endpoint,
    path: /^metadata\.annotations\.sidecar\.opentelemetry\.io\/inject$/,
    ours: "s-1u0034-d451bed3-predictor",
    cases: ["u0034"],
  },
  {
    line: "services.md §2.1: services whose immutable part does not survive Go's re-encoding work",
    what: /^applied AIMModel$/,
    path: /^$/,
    recorded: absent,
    ours: ofGiven(
      "AIMService",
      (model, { spec }) =>
        equalJson((model as GivenObject).spec.modelSources, spec.model.custom.modelSources),
    ),
    cases: list("s0054 s0158"),
  },
  {
    line: "services.md §3.3: several models with one image: MultipleModelsFound, InvalidSpec, Failed",
    what: service,
    path: /^(status|conditions\.(ModelReady|ConfigValid|DependenciesReachable|Ready))$/,
    ours: at({
      status: "Failed",
      "conditions.ModelReady": "False/MultipleModelsFound",
      "conditions.ConfigValid": "False/InvalidSpec",
      "conditions.DependenciesReachable": absent,
      "conditions.Ready": "False/InvalidSpec",
    }),
    cases: twins,
  },
  {
    line: "services.md §5.3: an ambiguous selection says so, and fails the service",
    what: service,
    path: /^(status|conditions\.(TemplateReady|Ready))$/,
    ours: at({
      status: "Failed",
      "conditions.TemplateReady": "False/TemplateSelectionAmbiguous",
      "conditions.Ready": "False/TemplateSelectionAmbiguous",
    }),
    cases: list("u0018 u0064 u0122 u0134 u0152 u0156"),
  },
  {
    line: "services.md §5.3: GPUs are scored by their normalized model, so another template wins",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /./,
    ours: at({
      "metadata.labels.aim.eai.amd.com/template": ofWinner(({ metadata }) => metadata!.name),
      "metadata.labels.aim.eai.amd.com/metric": ofWinner((template) => attribute("metric", template)),
      "metadata.labels.aim.eai.amd.com/precision": ofWinner((template) => attribute("precision", template)),
      [inContainer("env.AIM_PRECISION")]: ofWinner((template) => ({
        name: "AIM_PRECISION",
        value: attribute("precision", template),
      })),
      [inContainer("env.AIM_PRECISION.value")]: ofWinner((template) => attribute("precision", template)),
      [inContainer("resources.limits.amd.com/gpu")]: ofWinner((template) => `${gpus(template)}`),
      [inContainer("resources.requests.amd.com/gpu")]: ofWinner((template) => `${gpus(template)}`),
      [inContainer("resources.limits.memory")]: ofWinner((template) => `${48 * gpus(template)}Gi`),
      [inContainer("resources.requests.memory")]: ofWinner((template) => `${32 * gpus(template)}Gi`),
      [inContainer("volumeMounts.1.mountPath")]: ofWinner((_, cache) =>
        `/workspace/cache/${artifactOf(cache).model}`
      ),
      [inContainer("volumeMounts.1.name")]: ofWinner((_, cache) => volumeName(cache)),
      "spec.predictor.volumes.1.name": ofWinner((_, cache) => volumeName(cache)),
      "resolvedTemplate.name": ofWinner(({ metadata }) => metadata!.name),
      "cache.templateCacheRef.name": ofWinner((_, { metadata }) => metadata!.name),
    }),
    cases: list("u0090 u0176 u0192"),
  },
  {
    line: "services.md §5.3: GPUs are scored by their normalized model, so one wins at all",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /^/,
    ours: at({
      "": like({
        kind: "InferenceService",
        metadata: { labels: { "aim.eai.amd.com/template": winners.u0164 } },
      }),
      cache: like({ templateCacheRef: { name: ofWinner((_, { metadata }) => metadata!.name) } }),
      resolvedTemplate: equals({ name: winners.u0164, namespace: "u0164", scope: "Namespace" }),
      "conditions.CacheReady": "True/CacheReady",
      "conditions.InferenceServicePodsReady": "False/NoPods",
      "conditions.TemplateReady": "True/Resolved",
      status: "Starting",
    }),
    cases: ["u0164"],
  },
  {
    line: "services.md §6 rule 1: overrides that the chosen template meets derive no template",
    what: /^(applied (AIMServiceTemplate|Job)|status AIMServiceTemplate)$/,
    path: /^$/,
    ours: absent,
    cases: list("u0012 u0034 u0138"),
  },
  {
    line: "services.md §6 rule 2: overrides of an explicit template derive one, of cluster templates too",
    what: /^applied AIMServiceTemplate$/,
    path: /^$/,
    recorded: absent,
    ours: isDerived,
    cases: explicitOverride,
  },
  {
    line: "services.md §6 rule 2: which has its discovery Job like any template",
    what: /^applied Job$/,
    path: /^$/,
    recorded: absent,
    ours: like({
      metadata: {
        labels: { "aim.eai.amd.com/origin": "derived", "app.kubernetes.io/component": "discovery" },
        ownerReferences: [{ kind: "AIMServiceTemplate", name: /-ovr-/ }],
      },
    }),
    cases: explicitOverride,
  },
  {
    line: "services.md §6 rule 2: and the endpoint waits until that one is Ready",
    what: /^(applied InferenceService|status AIMService)$/,
    path:
      /^(|status|cache|resolvedTemplate|conditions\.(TemplateReady|CacheReady|InferenceServicePodsReady))$/,
    ours: at({
      "": absent,
      status: "Pending",
      cache: absent,
      resolvedTemplate: absent,
      "conditions.TemplateReady": "False/TemplateNotReady",
      "conditions.CacheReady": "False/CacheCreating",
      "conditions.InferenceServicePodsReady": absent,
    }),
    cases: explicitOverride,
  },
  {
    line: "services.md §6 rule 2: and no cache is made for the base meanwhile",
    what: chain,
    path: /^$/,
    ours: absent,
    cases: explicitOverride,
  },
  {
    line: "services.md §6 rule 2: an explicit base in the namespace is found",
    what: service,
    path: /^(status|conditions\.(TemplateReady|ConfigValid|HTTPRouteReady|Ready))$/,
    ours: at({
      status: "Pending",
      "conditions.TemplateReady": "False/TemplateNotReady",
      "conditions.ConfigValid": absent,
      "conditions.HTTPRouteReady": "False/HTTPRoutePending",
      "conditions.Ready": "False/TemplateNotReady",
    }),
    cases: ["u0044"],
  },
  {
    line: "services.md §6 rule 2: so that its missing closes no gate",
    what: route,
    path: /^$/,
    recorded: absent,
    ours: like({
      spec: { parentRefs: [{ name: "cluster-gw", namespace: "gateways", sectionName: "https" }] },
    }),
    cases: ["u0044"],
  },
  {
    line: "services.md §6 rule 2: and the route has a path",
    what: service,
    path: /^routing$/,
    recorded: absent,
    ours: equals({ path: "/cluster/1u0044" }),
    cases: ["u0044"],
  },
  {
    line: "services.md §8.2: a service name of more than 63 characters is no label value",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /^(|conditions\.(DependenciesReachable|InferenceServicePodsReady))$/,
    ours: at({
      "": shortLabel,
      "conditions.DependenciesReachable": absent,
      "conditions.InferenceServicePodsReady": "False/NoPods",
    }),
    cases: ["u0096"],
  },
  {
    line: "services.md §8.2: so that its cache is made",
    what: chain,
    path: /^$/,
    recorded: absent,
    ours: shortLabel,
    cases: ["u0096"],
  },
  {
    line: "services.md §8.3: pull secrets of service, template and model",
    what: endpoint,
    path: /^spec\.predictor\.imagePullSecrets(\.1)?$/,
    recorded: absent,
    ours: isPullSecrets,
    cases: list("s0000 s0008 s0046 s0056 s0068 s0076 s0102 s0128 s0138 s0146 s0150 s0152 s0154"),
  },
  {
    line:
      "caching-and-artifacts.md §4.3 and weakness 17: pull secrets of service and template reach the Jobs",
    what: /^applied (AIMTemplateCache|AIMArtifact|Job)$/,
    path: /^spec\.(template\.spec\.)?imagePullSecrets$/,
    recorded: absent,
    ours: isPullSecrets,
    cases: list(
      "s0000 s0008 s0012 s0014 s0018 s0020 s0022 s0028 s0046 s0056 s0068 s0076 s0088 s0092 s0106 s0126 s0128 s0134 s0138 s0146 s0150 s0152 s0154",
    ),
  },
  {
    line: "services.md §8.7: a limit below an implied request lowers it",
    what: endpoint,
    path: resource("requests", "memory"),
    ours: perCase({
      s0012: "96Gi",
      s0150: "128Gi",
      u0036: "16Gi",
      u0070: "16Gi",
      u0108: "16Gi",
      u0158: "16Gi",
    }),
    cases: list("s0012 s0150 u0036 u0070 u0108 u0158"),
  },
  {
    line: "services.md §8.7: a GPU limit alone is also the request",
    what: endpoint,
    path: resource("requests", "amd\\.com/gpu"),
    recorded: "1",
    ours: "4",
    cases: list("u0076 u0184"),
  },
  {
    line: "services.md §9: annotations of the config overlaid by those of the service",
    what: route,
    path: /^metadata\.annotations(\.example\.com\/rate)?$/,
    ours: isRouteAnnotation,
    cases: list("s0004 s0036 s0066 s0074 s0076 s0088 s0096 s0110 s0114 s0152"),
  },
  {
    line: "services.md §9.1: a path template that does not evaluate makes no route, and degrades",
    what: route,
    path: /^$/,
    ours: absent,
    cases: badPath,
  },
  {
    line: "services.md §9.1: and says so",
    what: service,
    path: /^(status|conditions\.(HTTPRouteReady|Ready))$/,
    ours: at({
      status: "Degraded",
      "conditions.HTTPRouteReady": "False/PathTemplateInvalid",
      "conditions.Ready": "False/PathTemplateInvalid",
    }),
    cases: badPath,
  },
  {
    line: "services.md §11.3: no pods with replicas 0 are as wanted",
    what: service,
    path: /^conditions\.InferenceServicePodsReady$/,
    recorded: "False/NoPods",
    ours: "True/ScaledToZero",
    cases: list("s0000 s0138 s0152"),
  },
  {
    line:
      "model-sources-and-config.md §10.2: the namespace's `enabled: false` switches the cluster's routing off",
    what: route,
    path: /^$/,
    ours: absent,
    cases: without(switchedOff, "u0094 u0096 u0148"), // AIM Engine came to no route there,
  },
  {
    line: "model-sources-and-config.md §10.2: so no condition tells of a route",
    what: service,
    path: /^conditions\.HTTPRouteReady$/,
    ours: absent,
    cases: without(switchedOff, "u0056"), // nor to a condition there,
  },
  {
    line: "model-sources-and-config.md §10.2: gatewayRef is replaced as a whole",
    what: route,
    path: /^spec\.parentRefs\.0\.(namespace|port|sectionName)$/,
    ours: absent,
    cases: list("s0098 u0050 u0098 u0118 u0130 u0136 u0140 u0162 u0182 u0190"),
  },
  {
    line: 'model-sources-and-config.md §10.2: `pathTemplate: ""` overrides',
    what: route,
    path: /^spec\.rules\.0\.matches\.0\.path\.value$/,
    ours: isPlainPath,
    cases: list("u0060 u0078 u0092 u0140 u0150"),
  },
  {
    line: "model-sources-and-config.md §10.2: `requestTimeout: 0s` overrides",
    what: route,
    path: /^spec\.rules\.0\.timeouts\.request$/,
    recorded: "1m30s",
    ours: "0s",
    cases: list("u0026 u0074 u0118 u0120 u0162 u0168"),
  },
  {
    line: "model-sources-and-config.md §10.2: presence decides, so `match: []` overrides",
    what:
      /^applied (HTTPRoute|InferenceService|AIMTemplateCache|AIMArtifact|PersistentVolumeClaim|Job|RoleBinding)$/,
    path: /^(metadata|spec\.template\.metadata)\.labels\.team$/,
    recorded: "NLP",
    ours: absent,
    cases: list("u0030 u0032 u0060 u0130 u0138 u0150 u0158 u0162 u0168 u0174 u0182"),
  },
  {
    line: "services.md §5.3: GPUs are scored by their normalized model, so the cache is another template's",
    what: chain,
    path: /^(|metadata\.labels\.aim\.eai\.amd\.com\/(artifact|template|template-cache)\.name)$/,
    ours: at({
      "": (object, { id }) => object === undefined || JSON.stringify(object).includes(`"${winners[id]}"`),
      "metadata.labels.aim.eai.amd.com/artifact.name": /^(hf|s3)---/,
      "metadata.labels.aim.eai.amd.com/template.name": ofWinner(({ metadata }) => metadata!.name),
      "metadata.labels.aim.eai.amd.com/template-cache.name": (name, { id }) =>
        String(name).startsWith(`${winners[id].replaceAll(".", "-")}-`),
    }),
    cases: list("u0090 u0164 u0176 u0192"),
  },
  {
    line: "services.md §7.3: the given cache is taken at once, in whatever state; no other is made beside it",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /^(|status|cache|conditions\.(CacheReady|InferenceServicePodsReady|Ready))$/,
    ours: waitsForGivenCache,
    cases: list("s0014 s0114 s0126"),
  },
  {
    line:
      "caching-and-artifacts.md §5.2: a source is measured before its volume; AIM Engine took an unreadable size for 0",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /^(|status|cache|conditions\.(CacheReady|InferenceServicePodsReady|Ready))$/,
    ours: waitsForSizes,
    cases: list("s0020 s0050 s0052 s0134"),
  },
  {
    line: "spec/README: cache health of a service repeats the worst artifact's reason",
    what: service,
    path: /^conditions\.CacheReady$/,
    recorded: "False/CacheCreating",
    ours: "False/FailedScheduling",
    cases: list("s0018 s0038 s0048 s0058 s0092"),
  },
  {
    line: 'model-sources-and-config.md §10.2: `defaultStorageClassName: ""` overrides',
    what: /^applied AIMTemplateCache$/,
    path: /^spec\.storageClassName$/,
    recorded: "fast",
    ours: absent,
    cases: noClass,
  },
  {
    line: "model-sources-and-config.md §10.2: and the artifact's name hashes the class",
    what: chain,
    path: /^(|metadata\.labels\.aim\.eai\.amd\.com\/artifact\.name|artifacts\..*)$/,
    ours: (value, found) =>
      found.path.endsWith("artifact.name") ? /^(hf|s3)---/.test(String(value)) : withoutClass(value),
    cases: noClass,
  },
  {
    line: "model-sources-and-config.md §10.2: `pvcHeadroomPercent: 0` overrides",
    what: chain,
    path: /^(headroomPercent|allocatedSize|spec\.resources\.requests\.storage)$/,
    ours: at({
      headroomPercent: absent,
      allocatedSize: sizeItself,
      "spec.resources.requests.storage": sizeItself,
    }),
    cases: noHeadroom,
  },
];
