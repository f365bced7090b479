/**
 * `deno task krew --url=BASE FOLDER`: the manifest by which krew installs `kubectl aim`, of the archives of it that a folder holds. Their
 * names say for what machine they are, as `kubectl-aim-darwin-arm64.tar.gz`; BASE is where they can be had.
 */

import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { version } from "../lib/program/version.ts";

const { values: { url }, positionals: [folder, ...others] } = parseArgs({
  allowPositionals: true,
  options: { url: { type: "string" } },
});
if (url === undefined || folder === undefined || others.length > 0) {
  console.error("--url=BASE and one folder are needed");
  Deno.exit(2);
}
const archives = [...Deno.readDirSync(folder)].map(({ name }) => name)
  .filter((name) => /^kubectl-aim-\w+-\w+\.tar\.gz$/.test(name)).sort();
if (archives.length === 0) {
  console.error(`${folder} has no kubectl-aim-OS-ARCH.tar.gz`);
  Deno.exit(1);
}
console.log(
  stringify({
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: "aim" },
    spec: {
      version: `v${version}`,
      homepage: url.replace(/\/releases\/.*$/, ""),
      shortDescription: "Tell what the AIM operator does and why",
      description:
        "Shows where the path of an AIMService breaks and what helps, how the choice of its template fell,\nand what a reason means. It asks with your own rights.\n",
      platforms: await Promise.all(archives.map(platformOf)),
    },
  }).trimEnd(),
);

async function platformOf(archive: string) {
  const [os, arch] = basename(archive, ".tar.gz").split("-").slice(-2);
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(join(folder, archive)));
  return {
    selector: { matchLabels: { os, arch } },
    uri: `${url}/${archive}`,
    sha256: new Uint8Array(digest).toHex(),
    bin: "kubectl-aim",
  };
}
