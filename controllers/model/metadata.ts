/** What is known of a model's image, and what follows from it (models-and-templates.md §3.3 and §3.6). */

import type { ImageMetadata } from "../../lib/api/mod.ts";
import { type About, type ComponentHealth, ready } from "../../lib/operator/status/health.ts";
import type { Model } from "./scope.ts";

/** Where a model's metadata comes from; the first case of §3.3 that holds. */
export type MetadataSource = "extraction is off" | "spec" | "status" | "registry";

export function metadataSource({ spec, status }: Model): MetadataSource {
  if (spec?.discovery?.extractMetadata === false) return "extraction is off";
  if (spec?.imageMetadata !== undefined) return "spec";
  if (status?.imageMetadata !== undefined) return "status";
  return "registry";
}

/** The metadata that counts: what the user wrote, else what is stored. */
export function effectiveMetadata({ spec, status }: Model): ImageMetadata | undefined {
  return spec?.imageMetadata ?? status?.imageMetadata;
}

/** `status.imageMetadata`: a copy of the spec's, unless extraction is off; else what is stored stays. */
export function storedMetadata(model: Model): ImageMetadata | undefined {
  return metadataSource(model) === "spec" ? model.spec!.imageMetadata : model.status?.imageMetadata;
}

export function isCustom({ spec }: Model): boolean {
  return (spec?.modelSources?.length ?? 0) > 0;
}

/**
 * `ImageMetadataReady`. The reason follows from the metadata that counts in every pass; custom models, whose
 * image is only a base, keep `ImageFound` where nobody wrote metadata for them.
 */
export function metadataHealth(model: Model, about: About): ComponentHealth {
  const source = metadataSource(model);
  if (source === "registry") return awaitingRegistry(model, about);
  const canonicalName = effectiveMetadata(model)?.model?.canonicalName;
  const named = !!canonicalName && (source === "spec" || !isCustom(model));
  if (named) return ready(about, "ImageMetadataFound", `The image runs ${canonicalName}`);
  const none = source === "extraction is off" && effectiveMetadata(model) === undefined;
  return ready(
    about,
    "ImageFound",
    none
      ? "spec.discovery.extractMetadata is false: no metadata is wanted"
      : "The image has no canonical name",
  );
}

/** This version has no registry client: it waits, and says what would help. */
function awaitingRegistry({ spec }: Model, about: About): ComponentHealth {
  return {
    ...about,
    state: "Progressing",
    reason: "AwaitingMetadata",
    message:
      `This version takes metadata from spec.imageMetadata only; reading the labels of ${spec?.image} from ` +
      "its registry comes with the catalogue. Set spec.imageMetadata, or spec.discovery.extractMetadata: false " +
      "for a model that needs none",
  };
}

/** Whether the model is to have templates (§3.6). */
export type Expectation = "yes" | "no" | "unknown";

export function templatesExpected(model: Model): Expectation {
  const { spec } = model;
  if (spec?.discovery?.createServiceTemplates === false) return "no";
  if (isCustom(model)) return "yes";
  const metadata = effectiveMetadata(model);
  if (metadata === undefined && metadataSource(model) === "registry") return "unknown";
  const deployments = metadata?.model?.recommendedDeployments?.length ?? 0;
  return deployments > 0 || (spec?.customTemplates?.length ?? 0) > 0 ? "yes" : "no";
}
