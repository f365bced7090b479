/** Images whose containers run as real processes on this machine. */

import { fileURLToPath } from "node:url";
import { packages } from "../../packages.ts";

/** What stands in an image, as far as a container of it needs it. */
export interface Image {
  /** What runs when the pod names no `command`; the pod's `args` follow it. */
  readonly entrypoint: readonly string[];
  /** Files at fixed paths of the image: path in the image → path on this machine. */
  readonly files?: Readonly<Record<string, string>>;
  /** Environment of the image; the pod's goes over it. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Finds an image by the name that stands in a pod. */
export type ImageOf = (name: string) => Image | undefined;

/** Where this Deno, its module cache and this checkout stand in every image, as in the ones that the Dockerfile makes. */
export const inImage = { programs: "/opt/bin", cache: "/deno-dir", checkout: "/app" } as const;

/** The folder of this checkout. */
export const checkout = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Command line of a program of this checkout in an image. It downloads nothing.
 *
 * @param file path in the checkout
 * @param flags of Deno: the program's permissions
 */
export function denoProgram(file: string, flags: readonly string[]): string[] {
  const options = ["--cached-only", "--frozen", "--no-check", "--no-prompt", ...flags];
  return ["deno", "run", ...options, `${inImage.checkout}/${file}`];
}

/** Folders and files of this machine that every image has, read-only: path here → path in the image. */
export function sharedMounts(): Readonly<Record<string, string>> {
  return {
    [Deno.execPath()]: `${inImage.programs}/deno`,
    [packages().folder]: inImage.cache,
    [checkout]: inImage.checkout,
  };
}

/** What Deno must be told to find its packages in an image: its cache, and the registry, by which that is divided. */
export function packageEnvironment(): Readonly<Record<string, string>> {
  return { DENO_DIR: inImage.cache, NPM_CONFIG_REGISTRY: packages().registry };
}
