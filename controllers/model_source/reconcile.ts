/** AIMClusterModelSource: keeps cluster models in step with registries (model-sources-and-config.md §2 to §7). */

import {
  type AIMClusterModel,
  type AIMClusterModelSource,
  aimClusterModelSource,
  type AIMClusterModelSourceStatus,
  parseDuration,
} from "../../lib/api/mod.ts";
import { clusterModels, modelSources } from "../../lib/cluster/kinds.ts";
import { operatorNamespace } from "../../lib/cluster/operator_namespace.ts";
import { runtimeConfigOf } from "../../lib/cluster/runtime_config.ts";
import { sourceListing, type SourceQuestion } from "../../lib/facts/source_listing.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type Child, nothing, type Plan } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import {
  annotation,
  API_VERSION,
  asChild,
  controllerNames,
  isPaused,
  label,
  labelText,
  type Propagation,
} from "../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../lib/operator/naming/naming.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { conditionOf } from "../../lib/operator/status/conditions.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { validated } from "../../lib/operator/stored_schema.ts";
import { imagesOf, modelsOf, namesOf, type OwnedModel, pullSecretEdits } from "./owned_models.ts";
import { select, type WantedModel } from "./selection.ts";
import { toldOf, toldWithout } from "./status.ts";

type Source = Live<AIMClusterModelSource>;

export const modelSourceController: Controller<AIMClusterModelSource, AIMClusterModelSourceStatus> =
  validated(
    { name: controllerNames.AIMClusterModelSource, kind: modelSources, reconcile },
    aimClusterModelSource,
  );

/** The steps of §2. Which images there are is a fact; what was made is never deleted, and changed in one field only. */
function reconcile(source: Source, view: View): Plan<AIMClusterModelSourceStatus> {
  if (source.metadata.deletionTimestamp !== undefined) return nothing;
  if (isPaused(source)) return paused(source);
  const interval = intervalOf(source);
  if (typeof interval === "string") {
    return { ...nothing, ...toldWithout(source, wrongInterval(interval), view) };
  }
  const models = modelsOf(view, source);
  const edits = pullSecretEdits(view, source, models);
  const listing = view.fact(sourceListing, questionOf(source, interval, models));
  if (listing.state === "pending") {
    // What was found before stands; nothing is done yet for an edit.
    const told = source.status?.status === undefined ? toldWithout(source, firstLook, view) : {};
    return { ...nothing, edits, ...told };
  }
  if (listing.state === "failed") {
    return { ...nothing, edits, ...toldWithout(source, noLook(listing.error), view) };
  }
  const selection = select(listing.value.found, models, source.spec?.maxModels ?? 100, view);
  const { spec } = runtimeConfigOf(view, "AIMClusterModelSource", undefined, undefined);
  const children = selection.wanted.map((wanted) => childOf(source, wanted, spec?.labelPropagation));
  return {
    children,
    removals: [],
    edits,
    ...toldOf(source, listing.value, selection, children, models.length, view),
  };
}

const hour = 3_600_000;
const shortestInterval = 15_000;

/** Milliseconds between two looks (§2), or what is wrong with the text. */
function intervalOf({ spec }: Source): number | string {
  try {
    const milliseconds = Number(parseDuration(spec?.syncInterval ?? "0") / 1_000_000n);
    return milliseconds <= 0 ? hour : Math.max(milliseconds, shortestInterval);
  } catch (error) {
    return `spec.syncInterval: ${(error as Error).message}`;
  }
}

function wrongInterval(message: string) {
  const error = { category: "InvalidSpec", reason: "InvalidSpec", message } as const;
  return { component: "Spec", errors: [error] };
}

const firstLook = {
  component: "Filters",
  state: "Progressing",
  reason: "Progressing",
  message: "The registries are being asked for the first time",
} as const;

function noLook({ message }: Error) {
  return {
    component: "Filters",
    state: "Failed",
    reason: "AllFiltersFailed",
    message: `The registries could not be asked: ${message}`,
  } as const;
}

function questionOf(
  { metadata, spec, status }: Source,
  interval: number,
  models: readonly OwnedModel[],
): SourceQuestion {
  // What is of this spec is not looked up again before its time, also by another process; but where nothing came. A model
  // that has gone since then is to be made again, of what only the registries know. Where there are more than were told
  // of, who made them did not come to their end.
  const isStanding = status?.observedGeneration === metadata.generation &&
    status?.lastSyncTime !== undefined && isGiving(status) &&
    imagesOf(models).size === (status.discoveredModels ?? 0);
  return {
    uid: metadata.uid,
    filters: (spec?.filters ?? []).map(({ image, exclude, versions }) => ({ image, exclude, versions })),
    defaults: { registry: spec?.registry, versions: spec?.versions },
    namespace: operatorNamespace,
    pullSecrets: namesOf(spec?.imagePullSecrets).split(",").filter((name) => name !== ""),
    interval,
    ...(isStanding ? { due: Date.parse(status.lastSyncTime!) + interval, isPartial: !isReady(status) } : {}),
  };
}

/** Whether the last look gave something, be it not all: of a filter that failed there may be images, too. */
function isGiving(status: AIMClusterModelSourceStatus): boolean {
  const reason = conditionOf(status.conditions, "Ready")?.reason;
  return isReady(status) || reason === "SomeFiltersFailed" ||
    (reason === "AllFiltersFailed" && (status.availableModels ?? 0) > 0);
}

function isReady({ conditions }: AIMClusterModelSourceStatus): boolean {
  return conditionOf(conditions, "Ready")?.status === "True";
}

/** The model of an image, made once (§6.2). */
function childOf(
  source: Source,
  { name, image, registry, repository, reference }: WantedModel,
  propagation: Propagation | undefined,
): Child {
  const secrets = namesOf(source.spec?.imagePullSecrets);
  const model: AIMClusterModel = {
    apiVersion: API_VERSION,
    kind: "AIMClusterModel",
    metadata: {
      name,
      labels: {
        [label.modelSource]: rawLabelValue(source.metadata.name),
        [label.origin]: labelText.autoGenerated,
      },
      annotations: {
        [annotation.sourceRegistry]: registry,
        [annotation.sourceRepository]: repository,
        [annotation.sourceTag]: reference,
        ...(secrets === "" ? {} : { [annotation.sourcePullSecrets]: secrets }),
      },
    },
    spec: {
      image,
      ...(secrets === "" ? {} : { imagePullSecrets: secrets.split(",").map((each) => ({ name: each })) }),
    },
  };
  const parent = { kind: "AIMClusterModelSource", metadata: source.metadata } as const;
  return {
    how: "create",
    ref: { kind: clusterModels, namespace: undefined, name },
    desired: asChild(model, parent, { owned: true, propagation }),
  };
}
