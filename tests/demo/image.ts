/** The image of the demo: small, with the labels of an AIM image, and what it is played to print in a dry run. */

import { aimLabels, deployment } from "../catalogue/aim_image.ts";
import { type DryRun, profileOf } from "../node_agent/discovery_images.ts";
import { type Registry, startRegistry } from "../registry/registry.ts";

/** `repository:tag` in the registry of the demo. */
const name = "aim/qwen3-32b:0.8.5";

const modelId = "Qwen/Qwen3-32B";

/** Ways to run it that the image recommends. */
export const deployments = [
  deployment("latency", "fp8", "MI325X"),
  deployment("latency", "fp4", "MI325X"), // a preview, says its profile
  deployment("latency", "fp16", "MI300X"), // tuned as well, for a lesser GPU
  deployment("latency", "fp8", "MI355X"), // on no node here
];

/** How good each profile is, and how large its weights are in GiB, by precision. */
const profiles: Readonly<Record<string, readonly [type: string, gigabytes: number]>> = {
  fp8: ["optimized", 34],
  fp4: ["preview", 19],
  fp16: ["optimized", 65],
};

/** What the image prints, for the environment that its template gives it. */
export const dryRun: DryRun = (environment) => {
  const [type, gigabytes] = profiles[environment.AIM_PRECISION];
  return { does: "run", milliseconds: 500, log: profileOf(environment, modelId, gigabytes, type) };
};

/** Starts a registry on loopback and pushes the image. */
export async function pushedImage(): Promise<{ registry: Registry; image: string }> {
  const registry = await startRegistry({ program: "go-containerregistry" });
  try {
    return { registry, image: (await registry.push(name, aimLabels(modelId, deployments))).image };
  } catch (error) {
    await registry.stop();
    throw error;
  }
}
