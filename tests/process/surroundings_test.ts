/**
 * The programs of the suite where nothing lies at its usual place: a checkout whose path has a space, with cache,
 * home and temporary files elsewhere, behind a proxy, and with packages that came from another registry.
 */

import assert from "node:assert/strict";
import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheRoot } from "../control_plane/build/build.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A test for each way in which we start programs of ours; all other tests start the operator as the demo does. */
const starters = [
  { file: "tests/process/process_test.ts", test: "no cluster to be found" },
  { file: "tests/dev/dev_test.ts", test: "the operator runs against a context" },
  { file: "tests/demo/demo_test.ts", test: "the demo on a cluster in memory shows the path" },
];

/** A proxy that nobody reaches: what is on loopback needs none, and all else has been fetched. */
const nobody = "http://127.0.0.1:9";

let folder: string;
const at = (...path: string[]) => join(folder, ...path);

Deno.test.beforeAll(async () => {
  folder = await Deno.makeTempDir({ prefix: "odd surroundings " });
  for (const name of ["home", "cache", "temporary files", "check out"]) await Deno.mkdir(at(name));
  for await (const { name } of Deno.readDir(root)) {
    if (name !== ".git") await cp(join(root, name), at("check out", name), { recursive: true });
  }
  await symlink(cacheRoot(), at("cache", "aim-operator"));
  await cp(await registryFolder(), at("deno dir", "npm", "packages.example.org"), { recursive: true });
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

for (const { file, test } of starters) {
  Deno.test(`${file}: ${test} …`, async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", "--no-check", "--frozen", "--cached-only", `--filter=${test}`, file],
      cwd: at("check out"),
      env: {
        HOME: at("home"),
        XDG_CACHE_HOME: at("cache"),
        AIM_CACHE_DIR: "",
        AIM_CLUSTER: "", // a test of the other half knows itself by another name
        NO_COLOR: "1",
        TMPDIR: at("temporary files"),
        DENO_DIR: at("deno dir"),
        NPM_CONFIG_REGISTRY: "https://packages.example.org/",
        HTTP_PROXY: nobody,
        HTTPS_PROXY: nobody,
      },
      stdin: "null",
    }).output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, said);
    assert.match(said, /\b1 passed\b.*\b0 failed/);
  });
}

/** Where Deno keeps the packages that came from the registry in use. */
async function registryFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", join(root, "mod.ts")],
  }).output();
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  const { name, version, localPath } = npmPackages[Object.keys(npmPackages)[0]];
  return localPath.slice(0, -`/${name}/${version}`.length);
}
