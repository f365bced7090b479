import type * as z from "zod";
import { conditions, envList, localObjectReference, nodeAffinity, resourceRequirements } from "../k8s.ts";
import {
  anything,
  bool,
  described,
  immutable,
  int32,
  int64,
  listOf,
  mapOf,
  oneOf,
  structure,
  text,
  time,
} from "../schema.ts";
import { hardware, runtimeParameters } from "./hardware.ts";
import { modelSource } from "./model.ts";
import { resolvedReference } from "./reference.ts";
import { runtimeConfigRef } from "./runtime_config.ts";
import { metrics, objectStatuses, precisions, profileTypes } from "./words.ts";

/** The fields that the specs of both template kinds share. */
export const templateSpecCommon = {
  modelName: immutable(
    "modelName",
    text("Name of the model that this template runs.", { minLength: 1 }),
  ),
  ...runtimeParameters,
  ...runtimeConfigRef,
  imagePullSecrets: listOf("Secrets to pull the model's image with.", localObjectReference).optional(),
  serviceAccountName: text("Service account of the inference pods where the service names none.").optional(),
  resources: described(
    "Resources of the inference container, laid over those that follow from the hardware.",
    resourceRequirements,
  ).optional(),
  modelSources: listOf(
    "Weights to load. When given, they are taken as they are and no discovery Job runs.",
    modelSource,
  ).optional(),
  profileId: text("Id of the profile inside the image; passed to discovery and inference.").optional(),
  type: oneOf(profileTypes, "How far the template is tuned; wins over what discovery says.").optional(),
  env: envList("Environment variables of the inference containers.").optional(),
};

/** Whether a template keeps its weights downloaded. */
export const templateCaching = structure("Whether the template keeps its weights downloaded.", {
  enabled: bool("Whether to create an AIMTemplateCache for this template.", { default: false }).optional(),
  env: envList("Environment variables of the downloads.").optional(),
});
export type TemplateCaching = z.infer<typeof templateCaching>;

/** Spec of AIMServiceTemplate. */
export const serviceTemplateSpec = structure("One way to run a model.", {
  ...templateSpecCommon,
  caching: described("Absent means that the template makes no cache of its own.", templateCaching).optional(),
});
export type ServiceTemplateSpec = z.infer<typeof serviceTemplateSpec>;

/** Spec of AIMClusterServiceTemplate. */
export const clusterServiceTemplateSpec = structure("One way to run a model.", templateSpecCommon);
export type ClusterServiceTemplateSpec = z.infer<typeof clusterServiceTemplateSpec>;

/** What the profile is made for. */
export const profileMetadata = structure("What the profile is made for.", {
  engine: text("Inference engine, e.g. vllm.").optional(),
  gpu: text("GPU model.").optional(),
  gpuCount: int32("GPUs per replica.").optional(),
  metric: oneOf(metrics, "What the profile is tuned for.").optional(),
  precision: oneOf(precisions, "Numeric precision of the weights.").optional(),
  type: oneOf(profileTypes, "How far the profile is tuned. Absent counts as unoptimized.").optional(),
});
export type ProfileMetadata = z.infer<typeof profileMetadata>;

/** The runtime profile that discovery found. */
export const profile = structure("The runtime profile in effect.", {
  engine_args: anything("Arguments of the engine, as discovery printed them.").optional(),
  env_vars: mapOf("Environment variables of the engine, as discovery printed them.", text("Value."))
    .optional(),
  metadata: profileMetadata.optional(),
  originalDiscoveryOutput: anything("What discovery printed.").optional(),
});
export type Profile = z.infer<typeof profile>;

/** How discovery went so far. */
export const discoveryState = structure("How discovery went so far.", {
  attempts: int32("Discovery Jobs that failed.").optional(),
  lastAttemptTime: time("When the last failure was seen.").optional(),
  lastFailureReason: text("Why the last discovery Job failed.").optional(),
  specHash: text("Hash of the fields that discovery depends on; a change starts the count anew.").optional(),
});
export type DiscoveryState = z.infer<typeof discoveryState>;

/** Status of both template kinds. */
export const templateStatus = structure("What is known about the template.", {
  observedGeneration: int64("The metadata.generation that this status describes.").optional(),
  conditions: conditions.optional(),
  resolvedRuntimeConfig: described("The runtime config in use.", resolvedReference).optional(),
  resolvedModel: described("The model that modelName stands for.", resolvedReference).optional(),
  resolvedCache: described("The cache that the template keeps.", resolvedReference).optional(),
  resolvedHardware: described(
    "Hardware in effect, from discovery where it ran, else from the spec.",
    hardware,
  )
    .optional(),
  resolvedNodeAffinity: described("Nodes that have the GPU which the template needs.", nodeAffinity)
    .optional(),
  hardwareSummary: text("The hardware in one phrase, e.g. 2 x MI300X.").optional(),
  status: oneOf(objectStatuses, "Worst state of the template's components.", { default: "Pending" })
    .optional(),
  modelSources: listOf("Weights to load, from the spec or from discovery.", modelSource).optional(),
  profile: profile.optional(),
  discoveryJob: described("The last discovery Job.", resolvedReference).optional(),
  discovery: discoveryState.optional(),
});
export type TemplateStatus = z.infer<typeof templateStatus>;
