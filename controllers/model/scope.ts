/** What tells AIMModel and AIMClusterModel apart (models-and-templates.md §3.1); all else is one implementation. */

import {
  aimClusterModel,
  type AIMModel,
  aimModel,
  type AIMServiceTemplate,
  type Kind,
} from "../../lib/api/mod.ts";
import { clusterModels, clusterTemplates, models, templates } from "../../lib/cluster/kinds.ts";
import { operatorNamespace } from "../../lib/cluster/operator_namespace.ts";
import type { CachedKind, Index } from "../../lib/kube/cache/cached_kind.ts";
import { keyOf, type Live } from "../../lib/kube/object.ts";
import { controllerNames } from "../../lib/operator/naming/labels.ts";
import type { Dependency } from "../../lib/operator/status/health.ts";

/** A model of either kind: they have the same spec and status. */
export type Model = AIMModel;
/** What a model makes of either template kind. */
export type Template = AIMServiceTemplate;

export interface Scope {
  /** Names the controller, its field manager and its event source. */
  readonly controller: string;
  readonly api: Kind<Model>;
  readonly kind: "AIMModel" | "AIMClusterModel";
  readonly cached: CachedKind<Model, false>;
  readonly templateKind: "AIMServiceTemplate" | "AIMClusterServiceTemplate";
  readonly templates: CachedKind<Template, false>;
  /** Templates by `namespace/name` of the model that they name, whoever made them. */
  readonly templatesOf: Index<Template, false>;
  readonly templatesComponent: "ServiceTemplates" | "ClusterServiceTemplates";
  /** Of all components: what is not ready is `Pending` for a cluster model, `Progressing` for a namespace's. */
  readonly dependency: Dependency;
  /** Where the pull secrets of a model are. */
  readonly secretsOf: (model: Live<Model>) => string;
}

const namedModel = ({ metadata, spec }: Live<Template>) =>
  spec?.modelName ? [keyOf(metadata.namespace, spec.modelName)] : [];

export const namespaceScope: Scope = {
  controller: controllerNames.AIMModel,
  api: aimModel,
  kind: "AIMModel",
  cached: models,
  templateKind: "AIMServiceTemplate",
  templates,
  templatesOf: templates.index("namedModel", namedModel),
  templatesComponent: "ServiceTemplates",
  dependency: "none",
  secretsOf: ({ metadata }) => metadata.namespace!,
};

export const clusterScope: Scope = {
  controller: controllerNames.AIMClusterModel,
  api: aimClusterModel,
  kind: "AIMClusterModel",
  cached: clusterModels,
  templateKind: "AIMClusterServiceTemplate",
  templates: clusterTemplates,
  templatesOf: clusterTemplates.index("namedModel", namedModel),
  templatesComponent: "ClusterServiceTemplates",
  dependency: "Upstream",
  secretsOf: () => operatorNamespace,
};
