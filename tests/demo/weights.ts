/** The weights of the demo: a small repository on a hub of ours, which keeps the last file back for a while. */

import { content, noise } from "../download/content.ts";
import { Hub } from "../download/hub.ts";
import { modelId } from "./image.ts";

const mebibyte = 1024 * 1024;

const lastFile = "model-00002-of-00002.safetensors";

/**
 * The last file comes no sooner than so long after large files were first asked for, in milliseconds. A downloader tells its
 * progress after a quarter of a second, and the table is read about four times a second: so it is seen on any machine.
 */
const lastFileAfter = 1_000;

/** Starts a hub on loopback that has the model's weights, 48 MiB in two files beside the small ones. */
export function startHub(): Hub {
  const files = {
    "config.json": content(JSON.stringify({ architectures: ["Qwen3ForCausalLM"], model_type: "qwen3" })),
    "tokenizer.json": content(JSON.stringify({ version: "1.0" })),
    "model-00001-of-00002.safetensors": content(noise(24 * mebibyte, 1)),
    [lastFile]: content(noise(24 * mebibyte, 2)),
  };
  let asked: number | undefined;
  return new Hub({
    repositories: { [modelId]: { files } },
    fault: async ({ kind, path }) => {
      if (kind !== "storage") return undefined;
      asked ??= performance.now();
      const wait = path.endsWith(lastFile) ? asked + lastFileAfter - performance.now() : 0;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      return undefined;
    },
  });
}
