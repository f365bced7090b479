/** What is of the second half of the suite only is told in one place, with its reason. */

import assert from "node:assert/strict";
import { onlyRealFiles, onlyRealTests } from "../e2e/only_real.ts";
import { scenarioFolders } from "../suite/stages.ts";

const root = new URL("../../", import.meta.url);

const files = scenarioFolders.flatMap((folder) =>
  [...Deno.readDirSync(new URL(`tests/${folder}`, root))]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => `tests/${folder}/${name}`)
);
const textOf = (file: string) => Deno.readTextFileSync(new URL(file, root));

Deno.test("what only the real half judges is there, and each reason is used", () => {
  assert.deepEqual(Object.keys(onlyRealFiles).filter((file) => !files.includes(file)), []);
  const all = files.map(textOf).join("\n");
  const used = Object.keys(onlyRealTests).filter((reason) =>
    new RegExp(`(onlyReal\\(\\s*|onlyRealTests\\[)${JSON.stringify(reason)}`).test(all)
  );
  assert.deepEqual(used, Object.keys(onlyRealTests));
});

Deno.test("a scenario looks at its half only where it says why", () => {
  assert.deepEqual(
    files.filter((file) =>
      /if \(!?onRealCluster|ignore: !onRealCluster/.test(textOf(file)) &&
      !textOf(file).includes("onlyRealTests[")
    ),
    [],
    "a test of one half is made by onlyReal() of tests/e2e/half.ts",
  );
});

Deno.test("a scenario starts no real parts by itself, unless it is of the real half only", () => {
  const parts = /\b(startControlPlane|startGpuCluster|startInstalledCluster|startRegistry|buildParts)\(/;
  assert.deepEqual(
    files.filter((file) => parts.test(textOf(file)) && onlyRealFiles[file] === undefined),
    [],
    "what it needs is started by tests/e2e/half.ts, or it stands in tests/e2e/only_real.ts with the reason",
  );
});
