/** The weights of the demo: a small repository on a hub of ours, which keeps the last file back until progress was seen. */

import { delay } from "../../lib/kube/backoff.ts";
import { content, noise } from "../download/content.ts";
import { Hub } from "../download/hub.ts";
import { modelId } from "./image.ts";

const mebibyte = 1024 * 1024;

const lastFile = "model-00002-of-00002.safetensors";

/** If no progress is seen for so long, in milliseconds, the last file comes all the same. */
const longest = 2_000;

/**
 * Starts a hub on loopback that has the model's weights, 48 MiB in two files beside the small ones. On loopback that is over in
 * a moment, so the last file waits.
 *
 * @param seen aborted when the table has shown the download under way: the wait is over
 */
export function startHub(seen: AbortSignal): Hub {
  const files = {
    "config.json": content(JSON.stringify({ architectures: ["Qwen3ForCausalLM"], model_type: "qwen3" })),
    "tokenizer.json": content(JSON.stringify({ version: "1.0" })),
    "model-00001-of-00002.safetensors": content(noise(24 * mebibyte, 1)),
    [lastFile]: content(noise(24 * mebibyte, 2)),
  };
  return new Hub({
    repositories: { [modelId]: { files } },
    fault: async ({ kind, path }) => {
      if (kind === "storage" && path.endsWith(lastFile)) await delay(longest, seen).catch(() => {});
      return undefined;
    },
  });
}
