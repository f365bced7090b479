/** What is known of a model's image, and what follows from it (models-and-templates.md §3.3 to §3.6). */

import { type ImageMetadata, pullSecretNames } from "../../lib/api/mod.ts";
import { imageMetadata, type ImageQuestion } from "../../lib/facts/image_metadata.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { registryOf } from "../../lib/operator/naming/image_reference.ts";
import { conditionOf, type StoredCondition } from "../../lib/operator/status/conditions.ts";
import { classify } from "../../lib/operator/errors/classify.ts";
import { type ComponentError, isTransient } from "../../lib/operator/errors/errors.ts";
import { type About, type ComponentHealth, failing, ready } from "../../lib/operator/status/health.ts";
import type { Reason } from "../../lib/operator/errors/reasons.ts";
import type { Model, Scope } from "./scope.ts";

/** Where a model's metadata comes from; the first case of §3.3 that holds. */
export type MetadataSource = "extraction is off" | "spec" | "status" | "registry";

export function metadataSource(model: Live<Model>): MetadataSource {
  const { spec, status } = model;
  if (spec?.discovery?.extractMetadata === false) return "extraction is off";
  if (spec?.imageMetadata !== undefined) return "spec";
  if (status?.imageMetadata !== undefined && !hasChangedSince(model)) return "status";
  return "registry";
}

/**
 * Whether the spec has changed since the stored metadata was read, so that the image may be another (§3.3 Better): a
 * later generation, or one whose image could not be read. AIM Engine stored no generation; what it has read counts as
 * read of the present image.
 */
function hasChangedSince({ metadata, status }: Live<Model>): boolean {
  const observed = status?.observedGeneration ?? 0;
  if (observed === 0) return false;
  return observed < (metadata.generation ?? 0) ||
    conditionOf(status?.conditions, "ImageMetadataReady")?.status === "False";
}

/** The metadata that counts: what the user wrote, else what is stored. */
export function effectiveMetadata({ spec, status }: Model): ImageMetadata | undefined {
  return spec?.imageMetadata ?? status?.imageMetadata;
}

export function isCustom({ spec }: Model): boolean {
  return (spec?.modelSources?.length ?? 0) > 0;
}

/** What a pass finds out about the image. */
export interface FoundMetadata {
  /** `ImageMetadataReady`. */
  readonly health: ComponentHealth;
  /** The model with the metadata that counts from now on; its `status.imageMetadata` is what is to be stored. */
  readonly model: Live<Model>;
  /** Whether templates may be planned: nothing is made of an image that may not be there (§3.5). */
  readonly complete: boolean;
  /** What is told is of the image before: nothing is known of the present one yet. */
  readonly stale: boolean;
  /**
   * The stored status tells how the registry answered, and it is asked anew since this process does not know: until
   * it answers, that status stands, of the generation that it claims. A restart must not make what has failed look new.
   */
  readonly asStored: boolean;
}

/** Obtains the metadata (§3.3); asks the registry only if it must. Nothing for a model without an image. */
export function findMetadata(model: Live<Model>, scope: Scope, view: View): FoundMetadata | undefined {
  const { spec, status } = model;
  if (!spec?.image) return undefined;
  const about: About = { component: "ImageMetadata", dependency: scope.dependency };
  const before = status?.imageMetadata;
  const source = metadataSource(model);
  if (source !== "registry") {
    const stored = source === "spec" ? spec.imageMetadata : before;
    const health = found(model, effectiveMetadata(model), about);
    return { health, model: informed(model, stored), ...settled };
  }
  const answer = view.fact(imageMetadata, questionOf(spec, scope.secretsOf(model)));
  if (answer.state === "known") {
    const health = found(model, answer.value, about);
    return { health, model: informed(model, answer.value), ...settled };
  }
  const open = { model, complete: false };
  if (answer.state === "failed") {
    const error = errorOf(spec.image, answer.error);
    // What may pass by itself has not been acted on; what is wrong with the spec is said of this very generation.
    const stale = before !== undefined && isTransient(error.category);
    return { ...open, health: unread(error, about), stale, asStored: false };
  }
  const told = conditionOf(status?.conditions, "ImageMetadataReady");
  const health = before === undefined || told?.status === "False"
    ? awaiting(spec.image, about)
    : found(model, before, about);
  // With metadata of an image before it, a failure is told of the generation before.
  const asStored = isFailure(told) &&
    (before !== undefined || told.observedGeneration === model.metadata.generation);
  return { ...open, health, stale: before !== undefined, asStored };
}

const settled = { complete: true, stale: false, asStored: false };

function isFailure(told: StoredCondition | undefined): told is StoredCondition {
  return told?.status === "False" && told.reason !== "AwaitingMetadata";
}

/** As the model will be once this is stored. */
function informed(model: Live<Model>, imageMetadata: ImageMetadata | undefined): Live<Model> {
  const { imageMetadata: _, ...rest } = model.status ?? {};
  const observedGeneration = model.metadata.generation;
  return { ...model, status: { ...rest, observedGeneration, ...(imageMetadata && { imageMetadata }) } };
}

/** The same question for all models that have the image and the secrets in common. */
function questionOf(spec: NonNullable<Model["spec"]>, namespace: string): ImageQuestion {
  return { image: spec.image, namespace, pullSecrets: pullSecretNames(spec) };
}

/**
 * `ImageMetadataReady` of an image that is known. The reason follows from the metadata in every pass; custom
 * models, whose image is only a base, keep `ImageFound` where nobody wrote metadata for them.
 */
function found(model: Live<Model>, metadata: ImageMetadata | undefined, about: About): ComponentHealth {
  const { spec } = model;
  const canonicalName = metadata?.model?.canonicalName;
  const byHand = spec?.imageMetadata !== undefined && spec.discovery?.extractMetadata !== false;
  if (canonicalName && (byHand || !isCustom(model))) {
    return ready(about, "ImageMetadataFound", `The image runs ${canonicalName}`);
  }
  const none = metadata === undefined;
  return ready(
    about,
    "ImageFound",
    none
      ? "spec.discovery.extractMetadata is false: no metadata is wanted"
      : isCustom(model)
      ? "The image is a base for the model's own sources"
      : "The image has no canonical name",
  );
}

function awaiting(image: string, about: About): ComponentHealth {
  return {
    ...about,
    state: "Progressing",
    reason: "AwaitingMetadata",
    message: `Waiting for the registry ${registryOf(image)} to tell the labels of ${image}. ` +
      "Where it cannot be reached, set spec.imageMetadata, or spec.discovery.extractMetadata: false",
  };
}

/** What the registry has told us, and we cannot read: nothing is out of reach. */
const unreadable: readonly Reason[] = ["InvalidImageReference", "MetadataExtractionFailed", "UnknownError"];

/** `ImageMetadataReady` of a failure (§3.5); the status is the same whether or not somebody cannot be reached. */
function unread(error: ComponentError, about: About): ComponentHealth {
  const { reason, message } = error;
  return unreadable.includes(reason)
    ? { ...about, state: "Degraded", reason, message }
    : failing(about, error);
}

/** The row of §3.5, as the one who asked the registry classified it; its message names the image. */
function errorOf(image: string, error: Error): ComponentError {
  const { category, reason, message } = classify(error);
  return { category, reason, message: message.includes(image) ? message : `image ${image}: ${message}` };
}

/** Whether the model is to have templates (§3.6). */
export type Expectation = "yes" | "no" | "unknown";

export function templatesExpected(model: Live<Model>): Expectation {
  const { spec } = model;
  if (spec?.discovery?.createServiceTemplates === false) return "no";
  if (isCustom(model)) return "yes";
  const metadata = effectiveMetadata(model);
  if (metadata === undefined && metadataSource(model) === "registry") return "unknown";
  const deployments = metadata?.model?.recommendedDeployments?.length ?? 0;
  return deployments > 0 || (spec?.customTemplates?.length ?? 0) > 0 ? "yes" : "no";
}
