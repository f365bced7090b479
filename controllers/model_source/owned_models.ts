/** The models of a source, and which of them follow its pull secrets (model-sources-and-config.md §6.1). */

import type { AIMClusterModel, AIMClusterModelSource } from "../../lib/api/mod.ts";
import { clusterModels } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import { ownFields } from "../../lib/operator/apply/diff/managed_fields.ts";
import { type Edit, editOf } from "../../lib/operator/core/plan.ts";
import { defineQuery, type Reading } from "../../lib/operator/core/view.ts";
import { annotation, API_VERSION, controllerOf, label, managerOf } from "../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../lib/operator/naming/naming.ts";

const bySource = clusterModels.index("modelSource", ({ metadata }) => {
  const source = metadata.labels?.[label.modelSource];
  return source ? [source] : [];
});

/** What a source needs to know of a model: its readiness, which changes often, is not among it. */
export interface OwnedModel {
  readonly name: string;
  readonly image: string;
  /** UID of its controlling source, if it has one. */
  readonly source: string | undefined;
  readonly pullSecrets: string;
  /** Those that its source gave it. */
  readonly given: string;
}

const ofSource = defineQuery<string, readonly OwnedModel[]>(
  "modelsOfSource",
  (view, source) =>
    view.list(bySource, source).map((model) => ({
      name: model.metadata.name,
      image: model.spec?.image ?? "",
      source: controllerOf(model, "AIMClusterModelSource")?.uid,
      pullSecrets: namesOf(model.spec?.imagePullSecrets),
      given: givenTo(model),
    })),
);

/**
 * The pull secrets that a model has from its source. AIM Engine wrote down nowhere which these were: it applied them, so
 * they are what it still owns.
 */
function givenTo(model: Live<AIMClusterModel>): string {
  const written = model.metadata.annotations?.[annotation.sourcePullSecrets];
  if (written !== undefined) return written;
  const owned = ownFields(model, managerOf("AIMClusterModelSource"), API_VERSION)?.["f:spec"];
  return owned?.["f:imagePullSecrets"] === undefined ? "" : namesOf(model.spec?.imagePullSecrets);
}

/** All models that carry the label of this source. */
export function modelsOf(view: Reading, { metadata }: Live<AIMClusterModelSource>): readonly OwnedModel[] {
  return view.query(ofSource, rawLabelValue(metadata.name));
}

/** The images that have a model already, each once. */
export function imagesOf(models: readonly OwnedModel[]): Set<string> {
  return new Set(models.map(({ image }) => image));
}

/** Names of pull secrets in one text, in their order: no name of a Secret has a comma. */
export function namesOf(secrets: readonly { readonly name?: string }[] = []): string {
  return secrets.flatMap(({ name }) => name ? [name] : []).join(",");
}

/** Brings changed pull secrets to the models that have those which their source gave them, and no others. */
export function pullSecretEdits(
  view: Reading,
  { metadata, spec }: Live<AIMClusterModelSource>,
  models: readonly OwnedModel[],
): Edit[] {
  const wanted = namesOf(spec?.imagePullSecrets);
  return models.flatMap(({ name, source, pullSecrets, given }): Edit[] => {
    if (source !== metadata.uid || pullSecrets !== given || pullSecrets === wanted) return [];
    const model = view.get(clusterModels, undefined, name);
    if (model === undefined || model.metadata.deletionTimestamp !== undefined) return [];
    const names = wanted === "" ? null : wanted;
    return [editOf(clusterModels, model, {
      metadata: { annotations: { [annotation.sourcePullSecrets]: names } },
      spec: { imagePullSecrets: names && wanted.split(",").map((each) => ({ name: each })) },
    })];
  });
}
