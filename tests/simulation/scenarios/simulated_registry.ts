/** Registries with a few images, which answer, are away, lack the image or refuse the credentials. */

import type { ImageMetadata } from "../../../lib/api/mod.ts";
import { imageMetadata } from "../../../lib/facts/image_metadata.ts";
import { ClassifiedError } from "../../../lib/operator/errors/errors.ts";
import type { World } from "../world.ts";

const deployment = (metric: string, precision: string) => ({
  gpuModel: "MI300X",
  gpuCount: 1,
  metric,
  precision,
});

/** What the images recommend; each combination of metric and precision belongs to one image. */
const images: Readonly<Record<string, ImageMetadata>> = {
  "reg.test/a:1": {
    model: { canonicalName: "org/a", recommendedDeployments: [deployment("latency", "fp16")] },
  },
  "reg.test/a:2": {
    model: {
      canonicalName: "org/a",
      recommendedDeployments: [deployment("latency", "fp8"), deployment("throughput", "fp8")],
    },
  },
  "reg.test/b:1": { model: { recommendedDeployments: [deployment("throughput", "fp16")] } },
  "reg.test/plain:1": { model: {}, oci: {} },
};

export const imageNames = Object.keys(images);

/** The labels of an image; those that nobody has described have none. */
export function labelsOf(image: string): ImageMetadata {
  return images[image] ?? { model: {}, oci: {} };
}

const failures = {
  away: (image: string) => new Error(`no answer about ${image} within 30000 ms`),
  lacks: (image: string) => new ClassifiedError("Infrastructure", "ImageNotFound", `${image} is not there`),
  refuses: (image: string) =>
    new ClassifiedError("Infrastructure", "ImagePullAuthFailure", `${image}: the registry wants credentials`),
  "lacks the secret": () => new ClassifiedError("MissingUpstream", "SecretNotFound", "Secret x is not there"),
};

/** What the registries may be like; `registry` in a world's memory. */
export const moods = ["answers", "answers", ...Object.keys(failures)];

/** A scenario's `fact`. */
export function registryAnswer(world: World, name: string, key: string): ImageMetadata {
  if (name !== imageMetadata.name) throw new Error(`the registry is asked about ${name}`);
  const [image] = JSON.parse(key) as string[];
  const failure = failures[world.memory.get("registry") as keyof typeof failures];
  if (failure !== undefined) throw failure(image);
  return structuredClone(labelsOf(image));
}
