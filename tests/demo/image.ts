/** The image of the demo: small, with the labels of an AIM image, and the program that runs in its place. */

import { aimLabels, deployment } from "../catalogue/aim_image.ts";
import { modelImage } from "../node_agent/images/model_image.ts";
import { type Registry, startRegistry } from "../registry/registry.ts";

/** `repository:tag` in the registry of the demo. */
export const imageName = "aim/qwen3-32b:0.8.5";

export const modelId = "Qwen/Qwen3-32B";

/** Ways to run it that the image recommends. */
export const deployments = [
  deployment("latency", "fp8", "MI325X"),
  deployment("latency", "fp4", "MI325X"), // a preview, says its profile
  deployment("latency", "fp16", "MI300X"), // tuned as well, for a lesser GPU
  deployment("latency", "fp8", "MI355X"), // on no node here
];

/** How good each profile of the image is, by precision. */
const profiles = { fp8: "optimized", fp4: "preview", fp16: "optimized" };

/** What runs when the cluster starts the image: its dry run, and its server. */
export const program = modelImage(modelId, profiles);

/** Starts a registry on loopback and pushes the image. */
export async function pushedImage(): Promise<{ registry: Registry; image: string }> {
  const registry = await startRegistry({ program: "go-containerregistry" });
  try {
    return { registry, image: (await registry.push(imageName, aimLabels(modelId, deployments))).image };
  } catch (error) {
    await registry.stop();
    throw error;
  }
}
