/** The name of every object that the operator makes (conventions.md §10.5, services.md §1.1). */

import type { EnvVar } from "../../api/mod.ts";
import { canonicalEnv } from "./env_json.ts";
import { ClassifiedError } from "../errors/errors.ts";
import { imageParts } from "./image_reference.ts";
import { derivedName, type HashInput, type HashJson, NAME_LIMIT, namePart, sha256 } from "./naming.ts";

/**
 * AIM Engine's hash leaves out the object's own name, so two long names, or `a.b` and `a-b`, can meet in
 * one. `first` is AIM Engine's name; `onCollision` is for the case that an object of that name belongs to
 * somebody else (services.md §1.1 Better). Look both up.
 */
export interface NamePair {
  readonly first: string;
  readonly onCollision: string;
}

/** The second name is worked out when it is asked for: mostly the first is free or the service's own. */
function pair(first: string, onCollision: () => string): NamePair {
  return {
    first,
    get onCollision() {
      return onCollision();
    },
  };
}

/** Length of `-predictor-`, which KServe puts between the names of InferenceService and namespace: a DNS label. */
const PREDICTOR_INFIX = 11;
/** Length of `isvc.` and `-predictor`, between which KServe puts the name of the InferenceService: a label value. */
const APP_LABEL = 15;
const SHORTEST_SERVICE_NAME = 10;

/**
 * InferenceService of an AIMService. KServe wants a letter first: a leading digit gets `s-` before it.
 *
 * @throws ClassifiedError InvalidSpec / NamespaceTooLong beyond 42 characters (the predictor's host name)
 */
export function inferenceServiceName(service: string, namespace: string): NamePair {
  const max = NAME_LIMIT - Math.max(PREDICTOR_INFIX + namespace.length, APP_LABEL);
  if (max < SHORTEST_SERVICE_NAME) {
    throw new ClassifiedError(
      "InvalidSpec",
      "NamespaceTooLong",
      `namespace "${namespace}" is too long (${namespace.length} chars); ` +
        `InferenceService hostname would exceed 63 characters`,
    );
  }
  const part = /^[0-9]/.test(service) ? `s-${service}` : service;
  return pair(
    derivedName([part], { hash: [namespace], max }),
    () => derivedName([part], { hash: [namespace, service], max }),
  );
}

/** Service that KServe puts before the pods of an InferenceService. */
export function predictorServiceName(inferenceService: string): string {
  return `${inferenceService}-predictor`;
}

/** HorizontalPodAutoscaler that KEDA makes for an autoscaled InferenceService. */
export function autoscalerName(inferenceService: string): string {
  return `keda-hpa-${inferenceService}-predictor`;
}

/** HTTPRoute of an AIMService. */
export function httpRouteName(service: string, namespace: string): NamePair {
  return pair(
    derivedName([service], { hash: [namespace] }),
    () => derivedName([service], { hash: [namespace, service] }),
  );
}

/** AIMTemplateCache, Shared, made for a service. */
export function sharedCacheName(template: string, scope: string, namespace: string): NamePair {
  return pair(
    derivedName([template], { hash: [namespace] }),
    () => derivedName([template], { hash: [namespace, template, scope] }),
  );
}

/** AIMTemplateCache, Dedicated to one service. */
export function dedicatedCacheName(template: string, service: string, serviceUid: string): string {
  return derivedName([template, service], { hash: [serviceUid] });
}

/**
 * AIMModel made for an image.
 *
 * @throws ClassifiedError InvalidSpec / InvalidImageReference
 */
export function modelNameForImage(image: string): string {
  const { name, tag } = imageParts(image);
  return derivedName([name, tag], { hash: [image.trim()] });
}

export interface CustomSource {
  readonly modelId: string;
  readonly sourceUri: string;
  readonly env?: readonly EnvVar[];
}

/**
 * AIMModel made for a custom model. `distinct` is given when a model of the same sources but other hardware
 * exists: the hardware, which then becomes part of the hash (services.md §4 Better).
 */
export function modelNameForCustom(
  baseImage: string,
  sources: readonly CustomSource[],
  distinct?: HashJson,
): string {
  const hash: HashInput[] = [baseImage];
  for (const { modelId, sourceUri, env } of sources) {
    hash.push(modelId, sourceUri);
    const endpoint = env?.find((entry) => entry.name === "AWS_ENDPOINT_URL")?.value;
    if (endpoint) hash.push(endpoint);
  }
  if (distinct !== undefined) hash.push(sortedJson(distinct));
  return derivedName([sources.length === 0 ? "custom-model" : sources[0].modelId], { hash });
}

/** AIMClusterModel made by a model source. Of a digest in the place of the tag the name shows the first six digits. */
export function clusterModelName(registry: string, repository: string, tag: string): string {
  const shown = tag.startsWith("sha256:") ? tag.slice(7, 13) : tag;
  return derivedName([repository, shown], { hash: [registry, repository, tag], hashLength: 6 });
}

export interface TemplateTraits {
  readonly gpuModel?: string;
  readonly gpuCount?: number;
  readonly precision?: string;
  readonly metric?: string;
}

/** Template made for a deployment that an image's metadata recommends. */
export function discoveredTemplateName(model: string, image: string, traits: TemplateTraits): string {
  const { gpuModel, gpuCount, precision, metric } = traits;
  const count = gpuCount ? String(gpuCount) : "";
  const gpu = gpuModel ? (count ? `${count}x-${gpuModel}` : gpuModel) : (count ? `x${count}` : "");
  const shortMetric = metric === "latency" ? "lat" : metric === "throughput" ? "thr" : metric;
  const suffix = [gpu, shortMetric, precision].filter(Boolean).join("-");
  const identity = [`${model}-${image}`, gpuModel, count && `x${count}`, metric, precision];
  return derivedName([image, suffix], { hash: [identity.filter(Boolean).join("-")], hashLength: 4 });
}

export interface CustomTemplateEntry {
  readonly name?: string;
  readonly profile?: { readonly metric?: string; readonly precision?: string };
  readonly hardware?: { readonly gpu?: { readonly model?: string; readonly requests?: number } };
}

/** Template made for a custom model: the automatic one without an entry, else the one at `index`. */
export function customTemplateName(model: string, index: number, entry?: CustomTemplateEntry): string {
  const hash: HashInput[] = [model, index];
  if (entry !== undefined) hash.push(entry.name ?? "");
  if (entry?.profile) hash.push(entry.profile.precision ?? "", entry.profile.metric ?? "");
  const gpu = entry?.hardware?.gpu;
  if (gpu) hash.push(gpu.requests ?? 0, gpu.model ?? "");
  const parts = [model, "custom", entry?.name, entry?.profile?.precision, gpu?.model];
  return derivedName(parts.filter((part): part is string => !!part), { hash });
}

/** Template derived from `base` by a service's overrides; `base` itself if they name none of the four traits. */
export function derivedTemplateName(base: string, overrides: TemplateTraits): string {
  const { gpuModel, gpuCount, precision, metric } = overrides;
  const traits: { part: string; hash: [string, string | number] }[] = [];
  if (gpuModel) traits.push({ part: gpuModel, hash: ["gpu", gpuModel] });
  if (gpuCount && gpuCount > 0) traits.push({ part: `${gpuCount}gpu`, hash: ["count", gpuCount] });
  if (precision) traits.push({ part: precision, hash: ["precision", precision] });
  if (metric) traits.push({ part: metric, hash: ["metric", metric] });
  if (traits.length === 0) return base;
  return derivedName([base, "ovr", ...traits.map((trait) => trait.part)], {
    hash: traits.flatMap((trait) => trait.hash),
    hashLength: 4,
  });
}

/** AIMArtifact of a cache. `env` is the cache's env overlaid with that of the source. */
export function artifactName(
  sourceUri: string,
  env: readonly EnvVar[] | undefined,
  storageClassName: string | undefined,
  dedicatedTo?: string,
): string {
  const hash: HashInput[] = [sourceUri, env?.length ? canonicalEnv(env) : null, storageClassName ?? ""];
  if (dedicatedTo !== undefined) hash.push("dedicated", dedicatedTo);
  return derivedName([sourceUri.replaceAll(".", "-")], { hash, hashLength: 10 });
}

/** Volume claim or Job of an artifact. */
export function artifactChildName(
  artifact: string,
  child: "cache" | "download" | "check-size",
  artifactUid: string,
): string {
  return derivedName([artifact, child], { hash: [artifactUid] });
}

/** Volume that mounts an artifact's claim into the inference pod. */
export function artifactVolumeName(artifact: string): string {
  return namePart(artifact);
}

/** What a discovery Job depends on. */
export interface DiscoveryInputs extends TemplateTraits {
  readonly template: string;
  readonly model: string;
  readonly image: string;
  /** Whether the template has `hardware.gpu`; its model and count then take part, even when empty. */
  readonly gpu?: boolean;
  readonly profileId?: string;
  readonly serviceAccount?: string;
  /** Namespaced templates only. */
  readonly env?: readonly EnvVar[];
  readonly pullSecrets?: readonly string[];
}

/** Discovery Job of a template (footnote 3: plain concatenation, and a cut that may leave a dash). */
export function discoveryJobName(inputs: DiscoveryInputs): string {
  const { template, model, image, serviceAccount = "", env = [], pullSecrets = [] } = inputs;
  const variables = env.map((entry) => entry.name + (entry.value ?? ""));
  const text = [model, image, serviceAccount, ...variables, ...pullSecrets, deployment(inputs)].join("");
  // A dot at the cut would stand before the dash, which no name may have.
  const head = template.slice(0, 45).replace(/\.$/, "");
  return `discover-${head}-${sha256(text).slice(0, 8)}`;
}

/** `status.discovery.specHash` of a template: what makes an earlier discovery outdated. */
export function discoverySpecHash(inputs: DiscoveryInputs): string {
  return sha256(inputs.model + inputs.image + deployment(inputs)).slice(0, 16);
}

function deployment(
  { metric = "", precision = "", gpu, gpuModel = "", gpuCount = 0, profileId = "" }: DiscoveryInputs,
) {
  return metric + precision + (gpu ? `${gpuModel}${gpuCount}` : "") + profileId;
}

/** Compact JSON with keys sorted at every level: equal values give equal text. */
function sortedJson(value: HashJson): string {
  return JSON.stringify(value, (_key, inner) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1));
  });
}
