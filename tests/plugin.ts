/** `kubectl aim` of this checkout, as a plugin for who has a kubectl. */

import { fileURLToPath } from "node:url";
import { denoFlags } from "../lib/cli/permissions.ts";

/** The words that start it, with the permissions of its compiled file. */
export const aimCommand: readonly string[] = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-check",
  ...denoFlags,
  fileURLToPath(new URL("../lib/cli/main.ts", import.meta.url)),
];

/** Puts the plugin, and what completes its words, into a folder for a PATH. */
export async function installPlugin(folder: string): Promise<void> {
  const words = aimCommand.map((word) => `'${word}'`).join(" ");
  await Deno.mkdir(folder, { recursive: true });
  await script(`${folder}/kubectl-aim`, `exec ${words} "$@"`);
  await script(`${folder}/kubectl_complete-aim`, `exec ${words} complete -- "$@"`);
}

async function script(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}
