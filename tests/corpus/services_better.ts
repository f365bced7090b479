/** Where services are meant to come out otherwise than AIM Engine made them, and which line says so. */

import type { Wanted } from "./models_better.ts";

const absent = (value: unknown) => value === undefined;
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
const twins = list("u0022 u0024 u0046 u0054 u0062 u0080 u0086 u0094 u0102 u0110 u0114 u0124 u0148 u0170");
/** What hangs on a cache, and the cache itself. */
const chain = /^(applied|status) (AIMTemplateCache|AIMArtifact|PersistentVolumeClaim|Job|RoleBinding)$/;
const explicitOverride = list("u0016 u0030 u0106 u0162");

export const better: readonly Wanted[] = [
  {
    line: "services.md §11.1: set observedGeneration and resolvedRuntimeConfig",
    what: service,
    path: /^(observedGeneration|resolvedRuntimeConfig)$/,
    recorded: absent,
    ours: (value) => value === 1 || typeof (value as { name?: unknown })?.name === "string",
    cases: "all",
  },
  {
    line: "services.md §3.1: record the namespace of namespace models",
    what: service,
    path: /^resolvedModel\.namespace$/,
    recorded: absent,
    cases: "all",
  },
  {
    line: "services.md §11.1: routing.path",
    what: service,
    path: /^routing$/,
    recorded: absent,
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
    cases: ["u0034"],
  },
  {
    line: "services.md §2.1: services whose immutable part does not survive Go's re-encoding work",
    what: /^applied AIMModel$/,
    path: /^$/,
    recorded: absent,
    cases: list("s0054 s0158"),
  },
  {
    line: "services.md §3.3: several models with one image: MultipleModelsFound, InvalidSpec, Failed",
    what: service,
    path: /^(status|conditions\.(ModelReady|ConfigValid|DependenciesReachable|Ready))$/,
    cases: twins,
  },
  {
    line: "services.md §5.3: an ambiguous selection says so, and fails the service",
    what: service,
    path: /^(status|conditions\.(TemplateReady|Ready))$/,
    cases: list("u0018 u0064 u0122 u0134 u0152 u0156"),
  },
  {
    line: "services.md §5.3: GPUs are scored by their normalized model, so another template wins",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /./,
    cases: list("u0090 u0176 u0192"),
  },
  {
    line: "services.md §5.3: GPUs are scored by their normalized model, so one wins at all",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /^/,
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
    cases: explicitOverride,
  },
  {
    line: "services.md §6 rule 2: which has its discovery Job like any template",
    what: /^applied Job$/,
    path: /^$/,
    recorded: absent,
    cases: explicitOverride,
  },
  {
    line: "services.md §6 rule 2: and the endpoint waits until that one is Ready",
    what: /^(applied InferenceService|status AIMService)$/,
    path:
      /^(|status|cache|resolvedTemplate|conditions\.(TemplateReady|CacheReady|InferenceServicePodsReady|Ready))$/,
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
    cases: ["u0044"],
  },
  {
    line: "services.md §6 rule 2: so that its missing closes no gate",
    what: route,
    path: /^$/,
    recorded: absent,
    cases: ["u0044"],
  },
  {
    line: "services.md §8.2: a service name of more than 63 characters is no label value",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /^(|status|conditions\.(DependenciesReachable|InferenceServicePodsReady|Ready))$/,
    cases: ["u0096"],
  },
  {
    line: "services.md §8.2: so that its cache is made",
    what: chain,
    path: /^$/,
    recorded: absent,
    cases: ["u0096"],
  },
  {
    line: "services.md §8.3: pull secrets of service, template and model",
    what: endpoint,
    path: /^spec\.predictor\.imagePullSecrets(\.1)?$/,
    recorded: absent,
    cases: list("s0000 s0008 s0046 s0056 s0068 s0076 s0102 s0128 s0138 s0146 s0150 s0152 s0154"),
  },
  {
    line: "services.md §8.7: a limit below an implied request lowers it",
    what: endpoint,
    path: resource("requests", "memory"),
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
    cases: switchedOff,
  },
  {
    line: "model-sources-and-config.md §10.2: so no condition tells of a route",
    what: service,
    path: /^conditions\.HTTPRouteReady$/,
    ours: absent,
    cases: switchedOff,
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
    path: /^(|metadata\.labels\..*)$/,
    cases: list("u0090 u0164 u0176 u0192"),
  },
  {
    line: "services.md §7.3: the given cache is taken at once, in whatever state; no other is made beside it",
    what: /^(applied InferenceService|status AIMService)$/,
    path: /^(|status|cache|conditions\.(CacheReady|InferenceServicePodsReady|Ready))$/,
    cases: list("s0014 s0020 s0050 s0052 s0114 s0126 s0134"),
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
    cases: noClass,
  },
  {
    line: "model-sources-and-config.md §10.2: `pvcHeadroomPercent: 0` overrides",
    what: chain,
    path: /^(headroomPercent|allocatedSize|spec\.resources\.requests\.storage)$/,
    cases: noHeadroom,
  },
];
