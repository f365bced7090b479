/** The runtime config of an object, as a shared question: thousands of services go by one config. */

import {
  type AIMClusterRuntimeConfig,
  aimClusterRuntimeConfig,
  type AIMRuntimeConfig,
  aimRuntimeConfig,
  describeIssue,
  type Kind,
  type ResolvedReference,
  type RuntimeConfigSpec,
  validate,
} from "../api/mod.ts";
import type { ComponentHealth } from "../operator/status/health.ts";
import { annotation, type ReconciledKind } from "../operator/naming/labels.ts";
import {
  type ConfigLookup,
  mergedConfig,
  resolvedConfig,
  runtimeConfigHealth,
  runtimeConfigName,
} from "../operator/runtime_config.ts";
import { defineQuery, type Reading } from "../operator/core/view.ts";
import { clusterRuntimeConfigs, runtimeConfigs } from "./kinds.ts";
import { outOfReach } from "./reach.ts";

/** Which parts of a config a kind reads (model-sources-and-config.md §11): a change of another one does not wake it. */
const readBy = {
  AIMService: ["storage", "routing", "env", "model", "labelPropagation"],
  AIMArtifact: ["storage", "env", "labelPropagation"],
  AIMModel: ["labelPropagation"],
  AIMClusterModel: ["labelPropagation"],
  AIMServiceTemplate: ["labelPropagation"],
  AIMClusterServiceTemplate: ["labelPropagation"],
  AIMTemplateCache: ["labelPropagation"],
  AIMClusterModelSource: ["labelPropagation"],
} as const satisfies Partial<Record<ReconciledKind, readonly (keyof RuntimeConfigSpec)[]>>;

/** A kind that goes by a config. */
export type ConfigConsumer = keyof typeof readBy;

/** A resolved config, with `RuntimeConfigReady` of the consumer where it has that condition. */
export interface RuntimeConfigResolution<K extends ConfigConsumer = ConfigConsumer> {
  /** What the kind reads of it, merged over both scopes; absent where there is none. */
  readonly spec?: Pick<RuntimeConfigSpec, (typeof readBy)[K][number]>;
  /** For `status.resolvedRuntimeConfig`. */
  readonly reference?: ResolvedReference;
  readonly health?: ComponentHealth;
  /** What its annotation `break-ties` says, of the namespace's before the cluster's; to services only. */
  readonly breakTies?: string;
}

/**
 * Argument: consumer's kind, name, namespace (empty for a cluster-scoped one). The answer carries no version
 * and no metadata, so that it changes only when the config says something else to that kind.
 */
const resolved = defineQuery<readonly [ConfigConsumer, string, string], RuntimeConfigResolution>(
  "runtimeConfig",
  (view, [consumer, name, namespace]) => {
    const inNamespace = namespace === "" ? undefined : view.get(runtimeConfigs, namespace, name);
    const inCluster = view.get(clusterRuntimeConfigs, undefined, name);
    const lookup: ConfigLookup = {
      name,
      namespace: namespace || undefined,
      inNamespace,
      inCluster,
      unread: outOfReach(view, clusterRuntimeConfigs),
      fault: faultOf(aimRuntimeConfig, inNamespace) ?? faultOf(aimClusterRuntimeConfig, inCluster),
    };
    return {
      spec: partOf(mergedConfig(lookup), readBy[consumer]),
      reference: resolvedConfig(lookup),
      health: runtimeConfigHealth(consumer, lookup),
      ...(consumer === "AIMService" && { breakTies: tieBreakOf(inNamespace) ?? tieBreakOf(inCluster) }),
    };
  },
);

function tieBreakOf(config: AIMRuntimeConfig | AIMClusterRuntimeConfig | undefined): string | undefined {
  return config?.metadata.annotations?.[annotation.breakTies];
}

function partOf(
  spec: RuntimeConfigSpec | undefined,
  fields: readonly (keyof RuntimeConfigSpec)[],
): RuntimeConfigSpec | undefined {
  return spec &&
    Object.fromEntries(fields.flatMap((each) => spec[each] === undefined ? [] : [[each, spec[each]]]));
}

/**
 * What today's schema has against a config that is stored. Nobody guesses what it means to say: who goes by it
 * stays as it is and repeats this (architecture.md rule 9).
 */
function faultOf<T extends AIMRuntimeConfig | AIMClusterRuntimeConfig>(
  kind: Kind<T>,
  config: T | undefined,
): string | undefined {
  if (config === undefined) return undefined;
  const result = validate(kind, config);
  if (result.ok) return undefined;
  return `${kind.kind} ${config.metadata.name}: ${result.issues.map(describeIssue).join("; ")}`;
}

/**
 * The runtime config that applies to an object: `name` or `default`, the namespace's laid over the cluster's
 * (model-sources-and-config.md §10). `namespace` is undefined for cluster-scoped consumers, who see only the
 * cluster's.
 */
export function runtimeConfigOf<K extends ConfigConsumer>(
  view: Reading,
  consumer: K,
  namespace: string | undefined,
  name: string | undefined,
): RuntimeConfigResolution<K> {
  return view.query(resolved, [
    consumer,
    runtimeConfigName(name),
    namespace ?? "",
  ]) as RuntimeConfigResolution<K>;
}
