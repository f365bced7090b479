/** Where models and templates are meant to come out otherwise than AIM Engine made them, and which line says so. */

import type { NodeAffinity } from "../../lib/api/mod.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { sidecarOptOut } from "../../lib/operator/naming/sidecars.ts";
import { absent, at, given, like, ofGiven, type Wanted } from "./wanted.ts";

/** The name of the model of a given template. */
export const isModelOfTemplate = ofGiven("ServiceTemplate", (name, { spec }) => name === spec.modelName);

/** A variable of a given template, or of an entry from which a model makes one. */
const isEnvOfTemplate = ofGiven(
  "",
  (variable, { spec }) =>
    [spec, ...spec?.customTemplates ?? []].some((each) =>
      each?.env?.some((given: unknown) => equalJson(given, variable))
    ),
);

/** An apply that says nothing but the label of the model. */
function isLabelOnly(value: unknown): boolean {
  const { spec, metadata } = value as KubeObject & { spec?: unknown };
  return spec === undefined && Object.keys(metadata?.labels ?? {}).join() === "aim.eai.amd.com/model";
}

/** A reference whose kind, scope and namespace agree. */
export function isConfigReference(value: unknown): boolean {
  const { name, namespace, scope, kind } = value as Record<string, unknown>;
  return typeof name === "string" &&
    (scope === "Cluster"
      ? kind === "AIMClusterRuntimeConfig" && namespace === undefined
      : /^(Namespace|Merged)$/.test(`${scope}`) && kind === "AIMRuntimeConfig" && namespace !== undefined);
}

/** One term, which selects device ids in their order. */
function isAffinity(value: unknown): boolean {
  const { nodeSelectorTerms } = (value as Required<NodeAffinity>)
    .requiredDuringSchedulingIgnoredDuringExecution!;
  const [{ key, operator, values = [] }] = nodeSelectorTerms[0].matchExpressions!;
  return nodeSelectorTerms.length === 1 && key === "amd.com/gpu.device-id" && operator === "In" &&
    values.length > 0 && equalJson(values, [...values].sort());
}

/** The profile without the type, which is that of the spec where it names one (api.md TemplateSpecCommon). */
function withoutType(value: unknown): unknown {
  const { metadata: { type, ...metadata }, originalDiscoveryOutput: _, ...profile } = value as {
    metadata: Record<string, unknown>;
    originalDiscoveryOutput?: unknown;
  };
  const known = type === undefined || ["optimized", "preview", "unoptimized"].includes(`${type}`);
  return known ? { ...profile, metadata } : value;
}

/** Of every Job of ours. */
export const optOut: readonly Wanted[] = [
  {
    line: "spec/README.md: Jobs of ours opt out of sidecar injection, by annotation",
    what: /^applied Job$/,
    path: /^spec\.template\.metadata\.annotations$/,
    recorded: absent,
    ours: (value) => equalJson(value, sidecarOptOut.annotations),
    cases: "all",
  },
  {
    line: "spec/README.md: Jobs of ours opt out of sidecar injection, by label",
    what: /^applied Job$/,
    path:
      /^spec\.template\.metadata\.labels\.(sidecar\.istio\.io\/inject|kuma\.io\/sidecar-injection|admission\.datadoghq\.com\/enabled)$/,
    recorded: absent,
    ours: (value) => value === "false" || value === "disabled",
    cases: "all",
  },
];

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
    line: "models-and-templates.md §1.3: set observedGeneration",
    what: /^status /,
    path: /^observedGeneration$/,
    recorded: absent,
    ours: (value) => value === 1,
    cases: "all",
  },
  {
    line: "models-and-templates.md §1.3: set resolvedRuntimeConfig",
    what: /^status /,
    path: /^resolvedRuntimeConfig$/,
    recorded: absent,
    ours: isConfigReference,
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.1: fill kind of resolvedModel",
    what: /^status .*ServiceTemplate$/,
    path: /^resolvedModel\.kind$/,
    recorded: absent,
    ours: (value) => value === "AIMModel" || value === "AIMClusterModel",
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.1: fill scope of resolvedModel",
    what: /^status .*ServiceTemplate$/,
    path: /^resolvedModel\.scope$/,
    recorded: absent,
    ours: (value) => value === "Namespace" || value === "Cluster",
    cases: "all",
  },
  {
    line: "spec/README.md: the model's label is stamped on hand-written templates",
    what: /^applied .*ServiceTemplate$/,
    path: /^$/,
    recorded: absent,
    ours: isLabelOnly,
    cases: "all",
  },
  {
    line:
      "model-sources-and-config.md §10.1: models pass their runtimeConfigName to the templates they create",
    what: /^applied .*ServiceTemplate$/,
    path: /^spec\.runtimeConfigName$/,
    recorded: absent,
    ours: ofGiven("Model", (name, { spec }) => name === (spec.runtimeConfigName ?? "default")),
    cases: "all",
  },
  {
    line: "model-sources-and-config.md §10.1: so the templates find that config",
    what: /^status AIMServiceTemplate$/,
    path: /^conditions\.RuntimeConfigReady$/,
    recorded: "True/DefaultConfigNotFound",
    ours: "True/ConfigFound",
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.10: surface CacheReady",
    what: /^status AIMServiceTemplate$/,
    path: /^conditions\.CacheReady$/,
    recorded: absent,
    ours: "False/WaitingForCache",
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.10: surface resolvedCache",
    what: /^status AIMServiceTemplate$/,
    path: /^resolvedCache$/,
    recorded: absent,
    ours: (value) => (value as { kind?: string }).kind === "AIMTemplateCache",
    cases: "all",
  },
  {
    line: "spec/README.md: and travels on to the template's cache (conventions §11.1 rule 1)",
    what: /^applied AIMTemplateCache$/,
    path: /^metadata\.labels\.aim\.eai\.amd\.com\/model$/,
    recorded: absent,
    ours: isModelOfTemplate,
    cases: "all",
  },
  {
    line: "models-and-templates.md §3.1: a cluster model copies env as a namespace's does",
    what: /^applied AIMClusterServiceTemplate$/,
    path: /^spec\.env$/,
    recorded: absent,
    ours: ofGiven(
      "AIMClusterModel",
      (env, { spec }) => spec.customTemplates.some((entry: { env?: unknown }) => equalJson(env, entry.env)),
    ),
    cases: ["m0000", "m0006", "m0016", "m0040"],
  },
  {
    line: "models-and-templates.md §3.6: custom.type works as documented",
    what: /^applied AIMClusterServiceTemplate$/,
    path: /^spec\.type$/,
    recorded: "unoptimized",
    ours: "optimized",
    cases: ["m0016", "m0040"],
  },
  {
    line:
      "api.md TemplateSpecCommon: a template's type wins over discovery, so it has one only where somebody asked",
    what: /^applied .*ServiceTemplate$/,
    path: /^spec\.type$/,
    recorded: "unoptimized",
    ours: absent,
    cases: ["m0026", "m0030", "m0032", "m0038", "m0044", "m0058"],
  },
  {
    line:
      "models-and-templates.md §3.6: a model in an entry clears an inherited minVram, so the API accepts it",
    what: /^applied AIMServiceTemplate$/,
    path: /^$/,
    recorded: absent,
    ours: like({
      kind: "AIMServiceTemplate",
      spec: {
        modelName: "m0050-long-long-long-long-long-long-long-long-long-model",
        hardware: { gpu: { model: /./, minVram: absent } },
      },
    }),
    cases: ["m0050"],
  },
  {
    line: "models-and-templates.md §3.6: and the model gets its templates",
    what: /^status AIMModel$/,
    path: /^(status|conditions\.(DependenciesReachable|Ready|ServiceTemplatesReady))$/,
    ours: at({
      status: "Ready",
      "conditions.DependenciesReachable": absent,
      "conditions.Ready": "True/AllComponentsReady",
      "conditions.ServiceTemplatesReady": "True/SomeTemplatesReady",
    }),
    cases: ["m0050"],
  },
  {
    line: "models-and-templates.md §5.5: activeDeadlineSeconds, suggested 900",
    what: /^applied Job$/,
    path: /^spec\.activeDeadlineSeconds$/,
    recorded: absent,
    ours: (value) => value === 900,
    cases: "all",
  },
  ...optOut,
  {
    line: "models-and-templates.md §5.5: a cluster template's env goes to its Job as well",
    what: /^applied Job$/,
    path: /^spec\.template\.spec\.containers\.0\.env\.\w+$/,
    recorded: absent,
    ours: isEnvOfTemplate,
    cases: ["m0006", "m0016", "m0040", "t0000", "t0024"],
  },
  {
    line: "models-and-templates.md §5.5: imagePullSecrets of the model, then of the template",
    what: /^applied Job$/,
    path: /^spec\.template\.spec\.imagePullSecrets$/,
    ours: (secrets, found) =>
      equalJson(
        secrets,
        [...given(found, "Model"), ...given(found, "ServiceTemplate")]
          .flatMap(({ spec }) => spec.imagePullSecrets ?? []),
      ),
    cases: ["t0024", "t0030", "t0046"],
  },
  {
    line: "models-and-templates.md §5.5: they are in the hash of the Job's name",
    what: /^(applied Job|status .*ServiceTemplate)$/,
    path: /^(metadata\.name|discoveryJob\.name)$/,
    ours: ofGiven(
      "ServiceTemplate",
      (name, { metadata }) => new RegExp(`^discover-${metadata!.name}-[0-9a-f]{8}$`).test(String(name)),
    ),
    cases: ["t0024", "t0030", "t0046"],
  },
  {
    line: "spec/README.md: the model's label travels on to the template's Job (conventions §11.1 rule 1)",
    what: /^applied Job$/,
    path: /^(spec\.template\.)?metadata\.labels\.aim\.eai\.amd\.com\/model$/,
    recorded: absent,
    ours: isModelOfTemplate,
    cases: "all",
  },
  {
    line: "model-sources-and-config.md §10.1: and the config's labels go to their Jobs",
    what: /^applied Job$/,
    path: /^(spec\.template\.)?metadata\.labels\.(org\.example\/unit|team|cost-center)$/,
    recorded: absent,
    ours: (value, found) =>
      given(found, "").some(({ metadata }) =>
        metadata!.labels?.[found.path.replace(/^.*metadata\.labels\./, "")] === value
      ),
    cases: ["m0026", "m0032"],
  },
  {
    line:
      "models-and-templates.md §5.8 (weak 1): a template is Ready with the profile that its Job has printed",
    what: /^status .*ServiceTemplate$/,
    path: /^profile$/,
    recorded: absent,
    ours: (value) => equalJson(withoutType(value), { metadata: { engine: "vllm" } }),
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.8 (weak 1): and with the sources",
    what: /^status .*ServiceTemplate$/,
    path: /^modelSources$/,
    recorded: absent,
    ours: (value) => equalJson(value, [{ modelId: "org/found", sourceUri: "hf://org/found", size: "1Gi" }]),
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.8 (weak 1): on the hardware of its spec, where the Job is silent",
    what: /^status .*ServiceTemplate$/,
    path: /^(resolvedHardware|hardwareSummary)$/,
    recorded: absent,
    ours: (value) =>
      typeof value === "string"
        ? /^(\d+ x )?\S+$/.test(value)
        : Object.keys(value as object).every((key) => key === "gpu" || key === "cpu"),
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.8 (weak 1): and on the nodes that have it",
    what: /^status .*ServiceTemplate$/,
    path: /^resolvedNodeAffinity$/,
    recorded: absent,
    ours: isAffinity,
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.9: Discovered=True/DiscoveryComplete",
    what: /^status .*ServiceTemplate$/,
    path: /^conditions\.Discovered$/,
    recorded: "False/AwaitingDiscovery",
    ours: "True/DiscoveryComplete",
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.4: the spec hash of the last success is recorded",
    what: /^status .*ServiceTemplate$/,
    path: /^discovery$/,
    recorded: absent,
    ours: (value) => /^\{"specHash":"[0-9a-f]{16}"\}$/.test(JSON.stringify(value)),
    cases: "all",
  },
  {
    line: "models-and-templates.md §5.10: caching begins once the sources are discovered",
    what: /^applied AIMTemplateCache$/,
    path: /^$/,
    recorded: absent,
    ours: like({ kind: "AIMTemplateCache", spec: { templateName: "t0020-t", templateScope: "Namespace" } }),
    cases: ["t0020"],
  },
];
