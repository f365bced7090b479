/** The template whose weights a cache keeps (caching-and-artifacts.md §4.1). */

import type {
  AIMClusterServiceTemplate,
  AIMServiceTemplate,
  AIMTemplateCache,
  AIMTemplateCacheSpec,
} from "../../lib/api/mod.ts";
import { clusterTemplates, templates } from "../../lib/cluster/kinds.ts";
import { missingOrOutOfReach } from "../../lib/cluster/reach.ts";
import type { Live } from "../../lib/kube/object.ts";
import { conditionOf } from "../../lib/operator/status/conditions.ts";
import { type ComponentHealth, missing } from "../../lib/operator/status/health.ts";
import { codeWithin } from "../../lib/operator/status/code_within.ts";
import { foreignReason } from "../../lib/operator/errors/reasons.ts";
import type { StatusWord } from "../../lib/operator/status/status_words.ts";
import type { Reading } from "../../lib/operator/core/view.ts";

export type Template = Live<AIMServiceTemplate> | Live<AIMClusterServiceTemplate>;

/** By the scope that the cache names; `Unknown` is the namespace, then the cluster. */
export function templateOf({ metadata, spec }: Live<AIMTemplateCache>, view: Reading): Template | undefined {
  if (spec === undefined) return undefined;
  const { templateName, templateScope } = spec;
  const inNamespace = templateScope === "Cluster"
    ? undefined
    : view.get(templates, metadata.namespace, templateName);
  if (inNamespace !== undefined || templateScope === "Namespace") return inNamespace;
  return view.get(clusterTemplates, undefined, templateName);
}

const about = { component: "ServiceTemplate", dependency: "Upstream" } as const;

/** `ServiceTemplateReady`: what the template's own `Ready` says (§4.4). */
export function templateHealth(
  template: Template | undefined,
  spec: AIMTemplateCacheSpec,
  view: Reading,
): ComponentHealth {
  if (template === undefined) {
    return spec.templateScope === "Namespace"
      ? missing(about, soughtIn(spec))
      : missingOrOutOfReach(view, clusterTemplates, about, soughtIn(spec));
  }
  const { status } = template;
  const ready = conditionOf(status?.conditions, "Ready");
  const word = status?.status || "Ready";
  const code = codeWithin(status?.conditions);
  return {
    ...about,
    ...(code && { code }),
    state: word as StatusWord,
    reason: ready === undefined ? "ResourceFound" : foreignReason(ready.reason),
    message: ready?.message ?? "",
  };
}

function soughtIn({ templateName, templateScope }: AIMTemplateCacheSpec): string {
  switch (templateScope) {
    case "Namespace":
      return `AIMServiceTemplate ${templateName} in this namespace`;
    case "Cluster":
      return `AIMClusterServiceTemplate ${templateName}`;
    default:
      return `AIMServiceTemplate ${templateName} in this namespace, or AIMClusterServiceTemplate ${templateName}`;
  }
}
