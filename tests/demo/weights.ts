/** The weights of the demo: a small repository on a hub of ours, which takes its time as the internet does. */

import { content, noise } from "../download/content.ts";
import { Hub } from "../download/hub.ts";
import { modelId } from "./image.ts";

const mebibyte = 1024 * 1024;

/** How long the hub thinks before each answer of file data, in milliseconds, so that progress can be watched. */
const pause = 400;

/** Starts a hub on loopback that has the model's weights, 48 MiB in two files beside the small ones. */
export function startHub(): Hub {
  const files = {
    "config.json": content(JSON.stringify({ architectures: ["Qwen3ForCausalLM"], model_type: "qwen3" })),
    "tokenizer.json": content(JSON.stringify({ version: "1.0" })),
    "model-00001-of-00002.safetensors": content(noise(24 * mebibyte, 1)),
    "model-00002-of-00002.safetensors": content(noise(24 * mebibyte, 2)),
  };
  return new Hub({
    repositories: { [modelId]: { files } },
    fault: async ({ kind }) => {
      if (kind === "storage") await new Promise((resolve) => setTimeout(resolve, pause));
      return undefined;
    },
  });
}
