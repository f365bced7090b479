/** A model's image for a node that runs processes. */

import { denoProgram, type Image } from "../processes/image.ts";

/**
 * @param modelId what the image serves, and the repository that its weights come from
 * @param profiles which precisions it has a profile for, and how good each is: `optimized`, `preview` …
 */
export function modelImage(modelId: string, profiles: Readonly<Record<string, string>>): Image {
  return {
    entrypoint: denoProgram("tests/node_agent/images/model_server.ts", [
      "--allow-env",
      "--allow-net",
      "--allow-read=/workspace",
    ]),
    env: { MODEL_ID: modelId, MODEL_PROFILES: JSON.stringify(profiles) },
  };
}
