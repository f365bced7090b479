/** AIMArtifact: one download on one volume (api.md §8). */
import type * as z from "zod";
import { conditions, envList, localObjectReference } from "../k8s.ts";
import { ageColumn, column, defineKind, type Resource, wideColumn } from "../kind.ts";
import { immutable, int32, int64, listOf, oneOf, quantity, structure, text, time } from "../schema.ts";
import { modelIdPattern, sourceUriForm, sourceUriPattern } from "../structures/model.ts";
import { runtimeConfigRef } from "../structures/runtime_config.ts";
import { cacheModes, objectStatuses } from "../structures/words.ts";

/** The image that measures and downloads weights where nothing else is named. */
export const defaultDownloadImage = "ghcr.io/silogen/aim-artifact-downloader:0.2.0";

/** Spec of AIMArtifact. */
export const aimArtifactSpec = structure("What to download, and how.", {
  sourceUri: immutable(
    "sourceUri",
    text("Where to download from: hf://org/model or s3://bucket/key.", {
      minLength: 1,
      pattern: sourceUriPattern,
      form: sourceUriForm,
    }),
  ),
  modelId: text("Id of the model as org/name.", { pattern: modelIdPattern, form: "org/name" }).optional(),
  storageClassName: text(
    "Storage class of the volume; empty means that of the runtime config or the cluster.",
  )
    .optional(),
  size: quantity(
    "Size of the weights, e.g. 20Gi; room is added for the volume. Absent or 0 means that the operator measures it.",
  ).optional(),
  env: envList("Environment variables of the Jobs; they win over those of the runtime config.").optional(),
  modelDownloadImage: text("Image that measures and downloads the weights.", {
    default: defaultDownloadImage,
  })
    .optional(),
  imagePullSecrets: listOf("Secrets to pull that image with.", localObjectReference).optional(),
  ...runtimeConfigRef,
});
export type AIMArtifactSpec = z.infer<typeof aimArtifactSpec>;

/** How far a download is; the downloader writes it. */
export const downloadProgress = structure("How far the download is.", {
  totalBytes: int64("Bytes to download.").optional(),
  downloadedBytes: int64("Bytes on the volume.").optional(),
  percentage: int32("Percent done; 100 once everything is downloaded.", { minimum: 0, maximum: 100 })
    .optional(),
  displayPercentage: text("Percent done, for people.").optional(),
});
export type DownloadProgress = z.infer<typeof downloadProgress>;

/** What a downloader is doing; it writes this itself. */
export const downloadState = structure("What the downloader is doing.", {
  protocol: text("Protocol in use: XET, HF_TRANSFER or HTTP.").optional(),
  attempt: int32("Which protocol of the sequence this is, from 1.").optional(),
  totalAttempts: int32("How many protocols the sequence has.").optional(),
  protocolSequence: text("Protocols to try, in this order.").optional(),
  message: text("What is going on.").optional(),
});
export type DownloadState = z.infer<typeof downloadState>;

/** Status of AIMArtifact. */
export const aimArtifactStatus = structure("The download as it is.", {
  observedGeneration: int64("The metadata.generation that this status describes.").optional(),
  conditions: conditions.optional(),
  status: oneOf(objectStatuses, "State of the weights; they can be used once this is Ready.", {
    default: "Pending",
  }).optional(),
  progress: downloadProgress.optional(),
  download: downloadState.optional(),
  displaySize: text("Size of the weights, for people.").optional(),
  lastUsed: time("When a service last mounted the weights.").optional(),
  persistentVolumeClaim: text("Name of the PersistentVolumeClaim that holds the weights.").optional(),
  mode: oneOf(cacheModes, "Dedicated when something owns the artifact, else Shared.").optional(),
  discoveredSizeBytes: int64("Size that the operator measured, in bytes.").optional(),
  allocatedSize: quantity("Size that the volume was asked for.").optional(),
  headroomPercent: int32("Room that was added to the size, in percent.").optional(),
});
export type AIMArtifactStatus = z.infer<typeof aimArtifactStatus>;

export type AIMArtifact = Resource<AIMArtifactSpec, AIMArtifactStatus>;

/** The kind AIMArtifact. */
export const aimArtifact = defineKind(
  {
    kind: "AIMArtifact",
    plural: "aimartifacts",
    shortName: "aimart",
    scope: "Namespaced",
    description: "Weights of a model, downloaded to one volume.",
    printerColumns: [
      column("Status", ".status.status"),
      column("Mode", ".status.mode"),
      column("Model Size", ".status.displaySize"),
      column("Progress", ".status.progress.displayPercentage"),
      wideColumn("Protocol", ".status.download.protocol"),
      wideColumn("Attempt", ".status.download.attempt"),
      ageColumn,
    ],
  },
  aimArtifactSpec,
  aimArtifactStatus,
);
