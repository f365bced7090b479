/** What tells AIMServiceTemplate and AIMClusterServiceTemplate apart (models-and-templates.md §5.1). */

import {
  aimClusterServiceTemplate,
  type AIMServiceTemplate,
  aimServiceTemplate,
  type Kind,
} from "../../lib/api/mod.ts";
import { clusterTemplates, templates } from "../../lib/cluster/kinds.ts";
import { operatorNamespace } from "../../lib/cluster/operator_namespace.ts";
import type { CachedKind } from "../../lib/kube/cache/cached_kind.ts";
import { controllerNames } from "../../lib/operator/naming/labels.ts";
import type { KnownReason } from "../../lib/operator/errors/reasons.ts";

/** A template of either kind; only the namespaced one has `spec.caching`. */
export type Template = AIMServiceTemplate;

export interface Scope {
  /** Names the controller, its field manager and its event source. */
  readonly controller: string;
  readonly api: Kind<Template>;
  readonly kind: "AIMServiceTemplate" | "AIMClusterServiceTemplate";
  readonly cached: CachedKind<Template, false>;
  readonly modelComponent: "Model" | "ClusterModel";
  readonly modelFound: KnownReason;
  readonly modelFailed: KnownReason;
}

/** Where a template's discovery Job runs: beside it, or beside the operator. */
export function jobNamespaceOf({ metadata }: Template): string {
  return metadata?.namespace ?? operatorNamespace;
}

export const namespaceScope: Scope = {
  controller: controllerNames.AIMServiceTemplate,
  api: aimServiceTemplate,
  kind: "AIMServiceTemplate",
  cached: templates,
  modelComponent: "Model",
  modelFound: "ModelFound",
  modelFailed: "ModelFailed",
};

export const clusterScope: Scope = {
  controller: controllerNames.AIMClusterServiceTemplate,
  api: aimClusterServiceTemplate,
  kind: "AIMClusterServiceTemplate",
  cached: clusterTemplates,
  modelComponent: "ClusterModel",
  modelFound: "ClusterModelFound",
  modelFailed: "ClusterModelFailed",
};
