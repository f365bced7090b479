import type * as z from "zod";
import { bool, int32, listOf, mapOf, structure, text } from "../schema.ts";

/** A way to run the model that its image recommends. */
export const recommendedDeployment = structure("A way to run the model that its image recommends.", {
  gpuModel: text("GPU model, e.g. MI300X. With gpuCount it becomes the hardware of the template.").optional(),
  gpuCount: int32("Number of GPUs.").optional(),
  precision: text("Numeric precision, e.g. fp8.").optional(),
  metric: text("What it is tuned for: latency or throughput.").optional(),
  profileId: text("Id of the profile inside the image.").optional(),
  description: text("What the deployment is good for.").optional(),
});
export type RecommendedDeployment = z.infer<typeof recommendedDeployment>;

/** What an image says about its model. */
export const modelMetadata = structure("What the image says about its model.", {
  canonicalName: text("Name under which the model is known, e.g. org/model.").optional(),
  source: text("Where the model comes from.").optional(),
  tags: listOf("Tags of the model.", text("A tag.")).optional(),
  versions: listOf("Versions of the model.", text("A version.")).optional(),
  variants: listOf("Variants of the model.", text("A variant.")).optional(),
  hfTokenRequired: bool("Whether a Hugging Face token is needed to download the weights.").optional(),
  title: text("Title for people.").optional(),
  descriptionFull: text("Long description.").optional(),
  releaseNotes: text("What changed in this release.").optional(),
  recommendedDeployments: listOf(
    "Ways to run the model; one service template is made of each.",
    recommendedDeployment,
  ).optional(),
});
export type ModelMetadata = z.infer<typeof modelMetadata>;

/** The standard labels of an OCI image. */
export const ociMetadata = structure("What the standard OCI labels of the image say.", {
  title: text("Title of the image.").optional(),
  description: text("Short description.").optional(),
  licenses: text("License, as an SPDX expression.").optional(),
  vendor: text("Who distributes the image.").optional(),
  authors: text("Who made the image.").optional(),
  source: text("URL of the source code.").optional(),
  documentation: text("URL of the documentation.").optional(),
  created: text("When the image was built.").optional(),
  revision: text("Revision of the source code.").optional(),
  version: text("Version of the packaged software.").optional(),
});
export type OCIMetadata = z.infer<typeof ociMetadata>;

/** What is known about an image from its labels. */
export const imageMetadata = structure("What is known about the image from its labels.", {
  model: modelMetadata.optional(),
  oci: ociMetadata.optional(),
  originalLabels: mapOf("All labels of the image as they are.", text("Value of the label.")).optional(),
});
export type ImageMetadata = z.infer<typeof imageMetadata>;
