import type * as z from "zod";
import { conditions, envList, localObjectReference, resourceRequirements } from "../k8s.ts";
import { bool, described, int64, listOf, oneOf, quantity, structure, text, withRule } from "../schema.ts";
import { hardware } from "./hardware.ts";
import { imageMetadata } from "./image_metadata.ts";
import { resolvedReference } from "./reference.ts";
import { runtimeConfigRef } from "./runtime_config.ts";
import { metrics, modelSourceTypes, objectStatuses, precisions, profileTypes } from "./words.ts";

/** `org/name`: exactly one slash, no dot before it. */
export const modelIdPattern = "^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$";
/** `hf://…` or `s3://…`, the scheme in lower case. */
export const sourceUriPattern = "^(hf|s3)://[^ \\t\\r\\n]+$";

/** The same in examples. */
export const sourceUriForm = "hf://org/name or s3://bucket/folder";

/** Where weights come from. */
export const modelSource = structure("Where the weights of a model come from.", {
  modelId: text(
    "Id of the model as org/name. The weights are mounted at /workspace/cache/<modelId>.",
    { pattern: modelIdPattern, form: "org/name" },
  ),
  sourceUri: text("Where to download from: hf://org/model or s3://bucket/key.", {
    pattern: sourceUriPattern,
    form: sourceUriForm,
  }),
  size: quantity("Size of the weights, e.g. 20Gi. Absent or 0 means that the operator measures it.")
    .optional(),
  env: envList("Environment variables for this download, e.g. credentials; they win over all others.")
    .optional(),
});
export type ModelSource = z.infer<typeof modelSource>;

/** What the operator may find out about a model by itself. */
export const modelDiscovery = structure("What the operator finds out by itself. Absent means everything.", {
  extractMetadata: bool(
    "Whether to read the labels of the image. If false the registry is never asked and spec.imageMetadata is not copied to the status.",
    { default: true },
  ).optional(),
  createServiceTemplates: bool("Whether to create service templates for the model.", { default: true })
    .optional(),
});
export type ModelDiscovery = z.infer<typeof modelDiscovery>;

/** Defaults of the templates that are written in a model's spec. */
export const customModel = structure("Defaults for the templates of a model with its own weights.", {
  hardware: described("Hardware of templates that do not set their own.", hardware).optional(),
  type: oneOf(
    profileTypes,
    "Type of the template made when customTemplates is empty; unoptimized when absent.",
  )
    .optional(),
});
export type CustomModel = z.infer<typeof customModel>;

/** A template written in a model's spec. */
export const customTemplate = structure("A service template to create for this model.", {
  name: text("Short name; part of the template's name and value of its alias label.", { maxLength: 63 })
    .optional(),
  type: oneOf(profileTypes, "How far the template is tuned.", { default: "unoptimized" }).optional(),
  env: envList("Environment variables, laid over those of the model.", { maxItems: 64 }).optional(),
  hardware: described("Hardware, laid over custom.hardware.", hardware).optional(),
  profile: structure("Runtime parameters of the template.", {
    metric: oneOf(metrics, "What the runtime is tuned for.").optional(),
    precision: oneOf(precisions, "Numeric precision of the weights.").optional(),
  }).optional(),
});
export type CustomTemplate = z.infer<typeof customTemplate>;

/** Spec of AIMModel and AIMClusterModel. */
export const modelSpec = withRule(
  structure("The image of a model, or a base image with the model's own weights.", {
    image: text("Image to run; for a model with its own weights the base image.", { minLength: 1 }),
    discovery: modelDiscovery.optional(),
    defaultServiceTemplate: text(
      "Service template to prefer when a service names none. If it is missing or not Ready, the service selects one.",
    ).optional(),
    custom: customModel.optional(),
    customTemplates: listOf(
      "Service templates to create: instead of those the image recommends when modelSources is set, else beside them.",
      customTemplate,
      { maxItems: 16 },
    ).optional(),
    modelSources: listOf(
      "The model's own weights. Setting it makes this a custom model, which needs no discovery.",
      modelSource,
      { maxItems: 1 },
    ).optional(),
    ...runtimeConfigRef,
    imagePullSecrets: listOf(
      "Secrets to pull the image with, in the namespace of the model; those of a cluster model in the operator's namespace.",
      localObjectReference,
    ).optional(),
    env: envList("Environment variables of the templates made from custom and customTemplates.").optional(),
    serviceAccountName: text("Service account of discovery Jobs; copied to the templates of the model.")
      .optional(),
    resources: described("Default resources of the inference containers of this model.", resourceRequirements)
      .optional(),
    imageMetadata: described(
      "Metadata to use instead of asking the registry, e.g. where it cannot be reached.",
      imageMetadata,
    ).optional(),
  }),
  {
    rule: "!has(self.modelSources) || self.modelSources.size() == 0 || " +
      "(has(self.custom) && has(self.custom.hardware)) || !has(self.customTemplates) || " +
      "self.customTemplates.all(t, has(t.hardware))",
    message:
      "with modelSources, hardware must come from custom.hardware or from every item of customTemplates",
    remedy: "set custom.hardware, or hardware in every item of customTemplates",
    holds: (spec) =>
      !spec.modelSources?.length || spec.custom?.hardware !== undefined ||
      (spec.customTemplates ?? []).every((template) => template.hardware !== undefined),
  },
);
export type ModelSpec = z.infer<typeof modelSpec>;

/** Status of AIMModel and AIMClusterModel. */
export const modelStatus = structure("What is known about the model and its templates.", {
  observedGeneration: int64("The metadata.generation that this status describes.").optional(),
  status: oneOf(objectStatuses, "Worst state of the model's components.", { default: "Pending" }).optional(),
  conditions: conditions.optional(),
  resolvedRuntimeConfig: described("The runtime config in use.", resolvedReference).optional(),
  imageMetadata: described(
    "Metadata of the image, read from the registry or copied from the spec.",
    imageMetadata,
  )
    .optional(),
  sourceType: oneOf(modelSourceTypes, "Custom for a model with modelSources, else Image.").optional(),
});
export type ModelStatus = z.infer<typeof modelStatus>;
