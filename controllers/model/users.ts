/** Which services use a template, so that none is taken away from under them (models-and-templates.md §3.8). */

import type { AIMService } from "../../lib/api/mod.ts";
import { services } from "../../lib/cluster/kinds.ts";
import { keyOf, type KubeObject, type Live } from "../../lib/kube/object.ts";
import { type ChildRef, type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import type { Scope, Template } from "./scope.ts";

/**
 * The templates that a service names or has resolved, as `namespace/name`, for a cluster template `/name`. A
 * name in its spec may mean either.
 */
function usedTemplates({ metadata, spec, status }: AIMService): string[] {
  const named = spec?.template?.name?.trim();
  const resolved = status?.resolvedTemplate;
  const used = named ? [keyOf(metadata?.namespace, named), keyOf(undefined, named)] : [];
  if (resolved?.name) {
    used.push(keyOf(resolved.scope === "Cluster" ? undefined : metadata?.namespace, resolved.name));
  }
  return used;
}

const byTemplate = services.index("usedTemplate", usedTemplates);

export function isUsed(template: Live<Template>, view: View): boolean {
  return view.any(byTemplate, keyOf(template.metadata.namespace, template.metadata.name));
}

/** Deletes exactly this template, if no service uses it at that moment either. */
export function removalUnlessUsed(template: Live<Template>, scope: Scope): Removal {
  const { namespace, name } = template.metadata;
  const key = keyOf(namespace, name);
  const inUse = (objects: readonly KubeObject[]) =>
    (objects as readonly AIMService[]).some((service) => usedTemplates(service).includes(key));
  return removalOf(scope.templates, template, { kind: services, namespace, inUse });
}

export function refTo(scope: Scope, namespace: string | undefined, name: string): ChildRef {
  return { kind: scope.templates, namespace, name };
}
