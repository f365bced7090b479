/**
 * `deno task sbom`: what the programs are made of, as CycloneDX. cdxgen reads the lockfile; the licences, which a lockfile
 * does not name, are those that the packages say of themselves.
 *
 *   --output=FILE   default: dist/sbom.cdx.json
 */

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { version } from "../lib/program/version.ts";
import { packagesOfLockfile } from "./licences.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
/** The tool, by exact version; it runs apart from our own packages, and none of it is in the programs. */
const cdxgen = "@cyclonedx/cdxgen@12.8.4";

interface Sbom {
  readonly metadata: { component: Record<string, unknown> };
  readonly components: { readonly purl: string; licenses?: unknown }[];
}

/** Behind a version in the lockfile may stand those of peers, which cdxgen takes for a part of it. */
async function withoutPeers(text: string): Promise<string> {
  const { npm } = JSON.parse(await Deno.readTextFile(`${root}deno.lock`)) as { npm: Record<string, unknown> };
  return Object.keys(npm).reduce((text, key) => {
    const [, version, peers] = /^@?[^@]+@([^_]+)(_.+)$/.exec(key) ?? [];
    if (peers === undefined) return text;
    return text.replaceAll(`${version}${peers}`, version)
      .replaceAll(`${version}${encodeURIComponent(peers)}`, version);
  }, text);
}

const { values } = parseArgs({
  options: { output: { type: "string", default: `${root}dist/sbom.cdx.json` } },
});
const output = resolve(values.output);
const folder = await Deno.makeTempDir({ prefix: "aim-sbom-" });
try {
  // The lockfile alone: cdxgen would look through tests and manifests as well.
  for (const name of ["deno.json", "deno.lock"]) await Deno.copyFile(`${root}${name}`, `${folder}/${name}`);
  const { success, stderr } = await new Deno.Command("npx", {
    args: [
      ...["--yes", cdxgen, "--type", "deno", "--no-recurse", "--no-install-deps"],
      ...["--spec-version", "1.6", "--output", `${folder}/sbom.json`, folder],
    ],
    cwd: folder,
    // Its plugins are for other things than a lockfile.
    env: { npm_config_omit: "optional", npm_config_ignore_scripts: "true" },
    stdout: "null",
  }).output();
  if (!success) throw new Error(`cdxgen: ${new TextDecoder().decode(stderr)}`);
  const sbom: Sbom = JSON.parse(await withoutPeers(await Deno.readTextFile(`${folder}/sbom.json`)));
  const licences = new Map(
    (await packagesOfLockfile()).map((
      each,
    ) => [`pkg:npm/${each.name.replace("@", "%40")}@${each.version}`, each.licence]),
  );
  for (const component of sbom.components) {
    const licence = licences.get(component.purl);
    if (licence !== undefined) component.licenses = [{ license: { id: licence } }];
  }
  const name = "aim-operator";
  sbom.metadata.component = {
    ...sbom.metadata.component,
    name,
    version,
    licenses: [{ license: { id: "MIT" } }],
  };
  await Deno.mkdir(dirname(output), { recursive: true });
  await Deno.writeTextFile(output, `${JSON.stringify(sbom, undefined, 2)}\n`);
  console.log(`${output}: ${sbom.components.length} packages`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
