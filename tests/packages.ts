/** Where this Deno keeps the packages of the checkout. */

import { fileURLToPath } from "node:url";

const mod = fileURLToPath(new URL("../mod.ts", import.meta.url));

/** Deno's cache, which is divided by registry, and the registry that the packages came from. */
export interface Packages {
  readonly folder: string;
  readonly registry: string;
}

/** Asks Deno, once. */
export function packages(): Packages {
  return found ??= {
    folder: info<{ denoDir: string }>().denoDir,
    registry:
      Object.values(info<{ npmPackages: Record<string, { registryUrl: string }> }>(mod).npmPackages)[0]
        .registryUrl,
  };
}

let found: Packages | undefined;

function info<T>(...files: string[]): T {
  return JSON.parse(deno("info", "--json", ...files));
}

/** What this Deno prints. */
export function deno(...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), { args }).outputSync();
  if (!success) throw new Error(`deno ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
