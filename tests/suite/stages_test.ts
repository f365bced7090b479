import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { batchSource, inBatches } from "./batches.ts";
import { onlyRealFiles } from "../e2e/only_real.ts";
import { inMemory, onRealParts } from "./stages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("files that set up their thread stay alone, the others share threads of about the same size, in their order", () => {
  const plain = Array.from({ length: 50 }, (_, n) => `${n}_test.ts`);
  const own: Record<string, string> = {
    "hooks_test.ts": "Deno.test.beforeAll(async () => {});",
    "environment_test.ts": 'Deno.env.set("HOME", "/");',
    "clock_test.ts": "globalThis.setTimeout = wait;",
  };
  const files = [...plain.slice(0, 25), ...Object.keys(own), ...plain.slice(25)];
  const { alone, shared } = inBatches(files, (file) => own[file] ?? "if (globalThis.fetch === given) {}");
  assert.deepEqual(alone, Object.keys(own));
  assert.deepEqual(shared, [plain.slice(0, 25), plain.slice(25)]);
  assert.deepEqual(inBatches([], String), { alone: [], shared: [] });
});

Deno.test("a batch imports its files, whatever their names", () => {
  assert.equal(
    batchSource("/a/mod.ts", ["/a b/c_test.ts"]),
    'import "file:///a/mod.ts";\nimport "file:///a%20b/c_test.ts";\n',
  );
});

Deno.test("every test file is run, once in a half", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const given = (half: ReturnType<typeof inMemory>) => {
      const args = half.filter(({ tests }) => tests).flatMap(({ args }) => args);
      return args.flatMap((arg) => arg.startsWith(folder) ? importsOf(arg) : arg)
        .filter((arg) => !arg.startsWith("--") && arg !== "test");
    };
    const inFirst = given(inMemory(root, folder)).filter((file) => file !== "mod.ts");
    assert.deepEqual(
      inFirst.filter((file, at) => inFirst.indexOf(file) !== at),
      [],
      "in the first half twice",
    );
    const folders = given(onRealParts(root));
    const all = ["lib", "controllers", "tests"].flatMap(testsBelow);
    const lost = all.filter((file) =>
      !inFirst.includes(file) && !folders.some((each) => file.startsWith(`${each}/`))
    );
    assert.deepEqual(lost, []);
    // What is of the second half alone is named: a folder that is forgotten in the first is missed.
    const secondOnly = all.filter((file) => !inFirst.includes(file) && onlyRealFiles[file] === undefined)
      .map((file) => file.split("/")[1]);
    assert.deepEqual([...new Set(secondOnly)].sort(), realFolders);
    assert.ok(all.length > 300);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Folders whose tests need Kubernetes' own parts, or programs built from source. */
const realFolders = [
  "apiserver",
  "control_plane",
  "download",
  "endurance",
  "gitops",
  "kube",
  "manifests",
  "monitoring",
  "node_agent",
  "process",
  "registry",
  "rights",
  "surroundings",
];

function importsOf(file: string): string[] {
  return [...Deno.readTextFileSync(file).matchAll(/^import "(.+)";$/gm)]
    .map(([, url]) => relative(root, fileURLToPath(url)));
}

function testsBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? testsBelow(`${folder}/${name}`) : name.endsWith("_test.ts") ? [`${folder}/${name}`] : []
  );
}
