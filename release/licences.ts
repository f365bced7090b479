/** Under which licences the packages stand that the lockfile names: read from the packages themselves. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/**
 * The licences that a package may have: each lets a program that holds the package be passed on under any licence, if the text
 * goes with it.
 */
export const allowedLicences: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
];

export interface LicensedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX identifier, as the package says it; undefined if it says none. */
  readonly licence: string | undefined;
  /** Folder of the package on this machine. */
  readonly folder: string;
}

interface Graph {
  /** A module of a package names it by its key below. */
  readonly modules: readonly { readonly npmPackage?: string }[];
  /** All of the lockfile. */
  readonly npmPackages: Readonly<Record<string, NpmPackage>>;
}

interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

/** Every package that a program consists of, by name. @throws Error if Deno cannot tell */
export async function packagesOf(entries: readonly string[]): Promise<LicensedPackage[]> {
  const found = new Map<string, LicensedPackage>();
  for (const entry of entries) {
    const { modules, npmPackages } = JSON.parse(await deno("info", "--json", join(root, entry))) as Graph;
    const waiting = modules.flatMap(({ npmPackage }) => npmPackage ?? []);
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      if (found.has(key)) continue;
      const { name, version, dependencies, localPath } = npmPackages[key];
      found.set(key, { name, version, folder: localPath, licence: await licenceIn(localPath) });
      waiting.push(...dependencies);
    }
  }
  return byName(found.values());
}

/** Every package of the lockfile, those of tests and tools among them. They are fetched where they are not there yet. */
export async function packagesOfLockfile(): Promise<LicensedPackage[]> {
  await deno("install", "--quiet", "--frozen");
  const [{ name, version, folder }] = await packagesOf(["mod.ts"]);
  const registry = folder.slice(0, -`/${name}/${version}`.length);
  const { npm } = JSON.parse(await Deno.readTextFile(join(root, "deno.lock"))) as {
    npm: Record<string, unknown>;
  };
  const found = new Map<string, LicensedPackage>();
  for (const key of Object.keys(npm)) {
    // Behind the version may stand those of peers.
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key)!;
    const folder = join(registry, name, version);
    found.set(`${name}@${version}`, { name, version, folder, licence: await licenceIn(folder) });
  }
  return byName(found.values());
}

/** The text that goes with a program: each package with what it says about its licence. */
export async function licenceTexts(packages: readonly LicensedPackage[]): Promise<string> {
  const parts = [
    `Deno ${Deno.version.deno}, with V8, under the MIT and BSD-3-Clause licences, and these packages:\n`,
  ];
  for (const { name, version, licence, folder } of packages) {
    parts.push(`${"─".repeat(72)}\n${name} ${version}: ${licence}\n\n${await textIn(folder)}`);
  }
  return parts.join("\n");
}

async function licenceIn(folder: string): Promise<string | undefined> {
  const { license } = JSON.parse(await Deno.readTextFile(join(folder, "package.json"))) as {
    license?: unknown;
  };
  return typeof license === "string" ? license : undefined;
}

async function textIn(folder: string): Promise<string> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && /^(licen[cs]e|copying)/i.test(name)) return await Deno.readTextFile(join(folder, name));
  }
  return "(The package has no other text of its licence.)\n";
}

async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  if (!success) throw new Error(`deno ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

function byName(packages: Iterable<LicensedPackage>): LicensedPackage[] {
  return [...packages].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1
  );
}

if (import.meta.main) {
  for (const { name, version, licence } of await packagesOfLockfile()) {
    console.log(`${licence ?? "says none"}\t${name} ${version}`);
  }
}
