/**
 * The label `aim.eai.amd.com/model` on templates that users wrote, so that `kubectl get … -l` finds them with
 * the others (spec/README.md).
 */

import type { Live } from "../../lib/kube/object.ts";
import { ownEntry } from "../../lib/operator/apply/diff/compare.ts";
import { API_VERSION, label, managerOf } from "../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../lib/operator/naming/naming.ts";
import type { Child } from "../../lib/operator/core/plan.ts";
import type { Scope, Template } from "./scope.ts";

/** An apply of the template itself that says nothing but the label; none where another manager set it. */
export function modelLabel(template: Live<Template>, scope: Scope): Child[] {
  const { name, namespace, labels } = template.metadata;
  const model = template.spec?.modelName;
  if (!model || (labels?.[label.model] !== undefined && !isOurs(template, scope))) return [];
  return [{
    how: "apply",
    ref: { kind: scope.cached, namespace, name },
    desired: {
      apiVersion: API_VERSION,
      kind: scope.kind,
      metadata: {
        name,
        ...(namespace !== undefined ? { namespace } : {}),
        labels: { [label.model]: rawLabelValue(model) },
      },
    },
  }];
}

/** The template's labels as they are once it carries that of its model. */
export function labelsWithModel({ metadata, spec }: Live<Template>): Record<string, string> {
  const stamp: Record<string, string> = spec?.modelName
    ? { [label.model]: rawLabelValue(spec.modelName) }
    : {};
  return { ...stamp, ...metadata.labels };
}

/** Whether our own field manager holds the label. */
function isOurs({ metadata }: Live<Template>, { kind }: Scope): boolean {
  const owned = ownEntry(metadata.managedFields, managerOf(kind), API_VERSION);
  return owned !== undefined &&
    JSON.parse(owned)["f:metadata"]?.["f:labels"]?.[`f:${label.model}`] !== undefined;
}
