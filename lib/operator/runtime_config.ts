/**
 * The runtime config that applies to an object: AIMRuntimeConfig laid over the AIMClusterRuntimeConfig of the
 * same name (model-sources-and-config.md §10 and §13.1).
 */

import type {
  AIMClusterRuntimeConfig,
  AIMRuntimeConfig,
  Issue,
  ResolvedReference,
  RuntimeConfigSpec,
} from "../api/mod.ts";
import { qualifiedNameProblem } from "../kube/names.ts";
import { envFaults } from "./naming/env_faults.ts";
import { mergeInferenceEnv } from "./naming/env.ts";
import { type ComponentHealth, failing, ready } from "./status/health.ts";
import type { ReconciledKind } from "./naming/labels.ts";

/** The name that applies: `default` where none is given. */
export function runtimeConfigName(given: string | undefined): string {
  return given || "default";
}

/** Which config was asked for, and what of it exists. Cluster-scoped consumers never see `inNamespace`. */
export interface ConfigLookup {
  readonly name: string;
  /** Of the consumer; undefined for a cluster-scoped one. */
  readonly namespace: string | undefined;
  readonly inNamespace: AIMRuntimeConfig | undefined;
  readonly inCluster: AIMClusterRuntimeConfig | undefined;
  /** Why the cluster's configs cannot be read, and what helps; undefined where they can. */
  readonly unread?: string;
  /** What today's schema has against one of them, stored under an older CRD; undefined if nothing. */
  readonly fault?: string;
}

/**
 * What the config says, with deprecated fields folded in and without what no consumer could use; undefined if there is
 * none, or one that the schema refuses.
 */
export function mergedConfig({ inNamespace, inCluster, fault }: ConfigLookup): RuntimeConfigSpec | undefined {
  if (fault !== undefined) return undefined;
  const above = inNamespace && folded(usable(inNamespace.spec ?? {}));
  const below = inCluster && folded(usable(inCluster.spec ?? {}));
  return above && below ? laidOver(below, above) : above ?? below;
}

/** `status.resolvedRuntimeConfig`: which objects the config was made of; undefined if of none (§10.5). */
export function resolvedConfig({ inNamespace, inCluster }: ConfigLookup): ResolvedReference | undefined {
  if (inNamespace !== undefined) {
    const { name, namespace, uid } = inNamespace.metadata;
    return { name, namespace, scope: inCluster ? "Merged" : "Namespace", kind: "AIMRuntimeConfig", uid };
  }
  if (inCluster === undefined) return undefined;
  const { name, uid } = inCluster.metadata;
  return { name, scope: "Cluster", kind: "AIMClusterRuntimeConfig", uid };
}

/** Percent of room that a volume gets beyond the weights: applied after merging, since schemas have defaults. */
export function headroomPercent(config: Pick<RuntimeConfigSpec, "storage"> | undefined): number {
  return config?.storage?.pvcHeadroomPercent ?? DEFAULT_HEADROOM_PERCENT;
}

const DEFAULT_HEADROOM_PERCENT = 10;

/**
 * What of a config would make the API server refuse everything that is made by it: variables that no pod may have,
 * keys that no annotation may have, room below nothing. It counts as not written, so that the rest applies.
 */
export function unusable({ env = [], routing, pvcHeadroomPercent }: RuntimeConfigSpec): Issue[] {
  return [
    ...env.flatMap((entry, at) => envFaults(entry, `spec.env[${at}]`)),
    ...Object.keys(routing?.annotations ?? {}).flatMap(annotationFault),
    ...headroomFault(pvcHeadroomPercent),
  ];
}

function annotationFault(key: string): Issue[] {
  const problem = qualifiedNameProblem(key.toLowerCase());
  if (problem === undefined) return [];
  const remedy = "write it like example.com/name, or remove it";
  return [{
    path: "spec.routing.annotations",
    value: key,
    message: `is no key of an annotation: ${problem}`,
    remedy,
  }];
}

/** The schema has a minimum for the field in `storage`, and none for the deprecated one. */
function headroomFault(percent: number | undefined): Issue[] {
  if (percent === undefined || percent >= 0) return [];
  const [message, remedy] = [
    "is negative, so weights would not fit",
    "set spec.storage.pvcHeadroomPercent to 0 or more",
  ];
  return [{ path: "spec.pvcHeadroomPercent", value: percent, message, remedy }];
}

function usable(spec: RuntimeConfigSpec): RuntimeConfigSpec {
  if (unusable(spec).length === 0) return spec;
  const { env, routing, pvcHeadroomPercent, ...rest } = spec;
  const annotations = Object.entries(routing?.annotations ?? {}).filter(([key]) =>
    annotationFault(key).length === 0
  );
  return withoutAbsent({
    ...rest,
    env: env?.filter((entry) => envFaults(entry, "").length === 0),
    routing: routing?.annotations ? { ...routing, annotations: Object.fromEntries(annotations) } : routing,
    pvcHeadroomPercent: headroomFault(pvcHeadroomPercent).length === 0 ? pvcHeadroomPercent : undefined,
  });
}

/**
 * One object with its deprecated fields moved to where they belong. A headroom equal to the schema's default
 * counts as unset: nobody can tell whether it was written (spec/README "Which line wins").
 */
function folded(spec: RuntimeConfigSpec): RuntimeConfigSpec {
  const { defaultStorageClassName: oldClass, pvcHeadroomPercent: oldHeadroom, storage, ...rest } = spec;
  const headroom = storage?.pvcHeadroomPercent === DEFAULT_HEADROOM_PERCENT
    ? undefined
    : storage?.pvcHeadroomPercent;
  const moved = withoutAbsent({
    defaultStorageClassName: storage?.defaultStorageClassName ?? (oldClass || undefined),
    pvcHeadroomPercent: headroom ?? oldHeadroom,
  });
  const named = storage !== undefined || Object.keys(moved).length > 0;
  return named ? { ...rest, storage: moved } : rest;
}

type Config = AIMRuntimeConfig | AIMClusterRuntimeConfig;

/** `AIMRuntimeConfig ml/default`. */
function named({ kind, metadata: { namespace, name } }: Config): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** The deprecated fields of one object, and what to write instead; undefined where it has none. */
export function deprecation(config: Config): string | undefined {
  const { defaultStorageClassName, pvcHeadroomPercent } = config.spec ?? {};
  const fields = [
    ...(defaultStorageClassName ? ["defaultStorageClassName"] : []),
    ...(pvcHeadroomPercent !== undefined ? ["pvcHeadroomPercent"] : []),
  ];
  if (fields.length === 0) return undefined;
  return `DeprecatedFields: ${named(config)} has ` +
    `${fields.map((field) => `spec.${field}`).join(" and ")}; write ` +
    `${fields.map((field) => `spec.storage.${field}`).join(" and ")} instead`;
}

/** What of one object no consumer uses; its own status says what is wrong with it. */
function leftOut(config: Config): string | undefined {
  const paths = unusable(config.spec ?? {}).map(({ path }) => path);
  if (paths.length === 0) return undefined;
  return `${[...new Set(paths)].join(" and ")} of ${named(config)} is left out, as no object may have it: ` +
    "see its condition Ready";
}

/** Presence decides: `false`, `0` and `""` of the namespace override too (§10.2 Better). */
function laidOver(below: RuntimeConfigSpec, above: RuntimeConfigSpec): RuntimeConfigSpec {
  const env = mergeInferenceEnv(below.env, above.env);
  return withoutAbsent({
    storage: fieldByField(below.storage, above.storage),
    routing: withAnnotations(fieldByField(below.routing, above.routing), below, above),
    model: fieldByField(below.model, above.model),
    labelPropagation: labelPropagation(below.labelPropagation, above.labelPropagation),
    env: env.length > 0 ? env : undefined,
  });
}

function fieldByField<T extends object>(below: T | undefined, above: T | undefined): T | undefined {
  return below && above ? { ...below, ...withoutAbsent(above) } : above ?? below;
}

/** Annotations add up; a gateway is taken whole, so that no section or port of another one remains. */
function withAnnotations(
  routing: RuntimeConfigSpec["routing"],
  below: RuntimeConfigSpec,
  above: RuntimeConfigSpec,
): RuntimeConfigSpec["routing"] {
  const annotations = { ...below.routing?.annotations, ...above.routing?.annotations };
  return routing?.annotations === undefined ? routing : { ...routing, annotations };
}

/** `enabled` stays an OR: stored objects carry a `false` that nobody wrote. */
function labelPropagation(
  below: RuntimeConfigSpec["labelPropagation"],
  above: RuntimeConfigSpec["labelPropagation"],
): RuntimeConfigSpec["labelPropagation"] {
  const merged = fieldByField(below, above);
  if (merged === undefined || (below?.enabled ?? above?.enabled) === undefined) return merged;
  return { ...merged, enabled: below?.enabled === true || above?.enabled === true };
}

function withoutAbsent<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Consumers that say `ConfigNotFound`, and make it no upstream dependency (§13.1). */
const modelLike: readonly ReconciledKind[] = ["AIMModel", "AIMServiceTemplate", "AIMClusterServiceTemplate"];

/** `RuntimeConfigReady` of a consumer (§13.1); undefined where it has no such condition. */
export function runtimeConfigHealth(
  consumer: ReconciledKind,
  lookup: ConfigLookup,
): ComponentHealth | undefined {
  if (consumer === "AIMClusterModelSource") return undefined;
  const isModelLike = modelLike.includes(consumer);
  const about = { component: "RuntimeConfig", dependency: isModelLike ? "none" : "Upstream" } as const;
  const { name, namespace, fault } = lookup;
  if (fault !== undefined) {
    return failing({ ...about, role: "input" }, {
      category: "InvalidSpec",
      reason: "InvalidSpec",
      message: fault,
      code: "AIM-0202",
    });
  }
  if (lookup.inNamespace !== undefined || lookup.inCluster !== undefined) {
    const configs = [lookup.inNamespace, lookup.inCluster].filter((config) => config !== undefined);
    const remarks = [...configs.map(deprecation), ...configs.map(leftOut), lookup.unread].filter((text) =>
      text !== undefined
    );
    return ready(
      about,
      consumer === "AIMService" ? "RuntimeConfigResolved" : "ConfigFound",
      remarks.join("; "),
    );
  }
  if (name === "default") {
    if (consumer === "AIMService" && lookup.unread === undefined) return undefined;
    const where = lookup.unread === undefined ? "" : ` in namespace ${namespace}; ${lookup.unread}`;
    return ready(about, "DefaultConfigNotFound", `Default config was not found${where}`);
  }
  if (lookup.unread !== undefined) {
    return failing(about, {
      category: "MissingUpstream",
      reason: "OutOfReach",
      message: `RuntimeConfig ${name} is not in namespace ${namespace}, and ${lookup.unread}`,
    });
  }
  const where = namespace === undefined ? "in cluster scope" : `in namespace ${namespace} or cluster scope`;
  return failing(about, {
    category: "MissingUpstream",
    reason: isModelLike ? "ConfigNotFound" : "ReferenceNotFound",
    message: `RuntimeConfig ${name} not found${isModelLike ? "" : ` ${where}`}`,
    code: "AIM-0201",
  });
}
