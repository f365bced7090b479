/** AIMTemplateCache: the weights of one template in a namespace (api.md §8). */
import type * as z from "zod";
import { conditions, envList, localObjectReference } from "../k8s.ts";
import { ageColumn, column, defineKind, type Resource } from "../kind.ts";
import { described, int64, listOf, mapOf, oneOf, structure, text } from "../schema.ts";
import { modelSource } from "../structures/model.ts";
import { resolvedReference } from "../structures/reference.ts";
import { runtimeConfigRef } from "../structures/runtime_config.ts";
import { cacheModes, cacheStatuses, templateScopes } from "../structures/words.ts";

/** Spec of AIMTemplateCache. */
export const aimTemplateCacheSpec = structure("Which weights to keep, and how.", {
  templateName: text("Name of the template whose weights are kept.", { minLength: 1 }),
  templateScope: oneOf(
    templateScopes,
    "Where to look for the template: Namespace, Cluster, or Unknown for the namespace and then the cluster.",
  ),
  env: envList("Environment variables of the downloads, e.g. credentials.").optional(),
  imagePullSecrets: listOf("Secrets to pull the download image with.", localObjectReference).optional(),
  storageClassName: text(
    "Storage class of the volumes. When set, only artifacts that ask for the same class are shared.",
  ).optional(),
  downloadImage: text("Image that downloads the weights; empty means the default one.").optional(),
  modelSources: listOf("Weights to keep instead of those of the template.", modelSource).optional(),
  ...runtimeConfigRef,
  mode: oneOf(
    cacheModes,
    "Shared uses and leaves behind artifacts that nobody owns; Dedicated owns its artifacts, which go with it.",
    { default: "Shared" },
  ).optional(),
});
export type AIMTemplateCacheSpec = z.infer<typeof aimTemplateCacheSpec>;

/** An artifact in the status of a cache. */
export const resolvedArtifact = structure("An artifact of the cache.", {
  uid: text("UID of the artifact."),
  name: text("Name of the artifact."),
  model: text("Id of the model whose weights it holds."),
  status: text("Status of the artifact."),
  persistentVolumeClaim: text("Name of its PersistentVolumeClaim.").optional(),
  mountPoint: text("Where inference containers mount it; absent means /workspace/cache/<model>.").optional(),
});
export type ResolvedArtifact = z.infer<typeof resolvedArtifact>;

/** Status of AIMTemplateCache. */
export const aimTemplateCacheStatus = structure("The cache as it is.", {
  observedGeneration: int64("The metadata.generation that this status describes.").optional(),
  conditions: conditions.optional(),
  resolvedRuntimeConfig: described("The runtime config in use.", resolvedReference).optional(),
  status: oneOf(cacheStatuses, "Worst state of the cache's artifacts.", { default: "Pending" }).optional(),
  resolvedTemplateKind: text("Kind of the template that was found.").optional(),
  artifacts: mapOf("The artifacts of the cache, by name.", resolvedArtifact).optional(),
});
export type AIMTemplateCacheStatus = z.infer<typeof aimTemplateCacheStatus>;

export type AIMTemplateCache = Resource<AIMTemplateCacheSpec, AIMTemplateCacheStatus>;

/** The kind AIMTemplateCache. */
export const aimTemplateCache = defineKind(
  {
    kind: "AIMTemplateCache",
    plural: "aimtemplatecaches",
    shortName: "aimtc",
    scope: "Namespaced",
    description: "Keeps all weights of one template downloaded in a namespace.",
    printerColumns: [
      column("Template", ".spec.templateName"),
      column("Mode", ".spec.mode"),
      column("Status", ".status.status"),
      column("Kind", ".status.resolvedTemplateKind"),
      ageColumn,
    ],
  },
  aimTemplateCacheSpec,
  aimTemplateCacheStatus,
);
