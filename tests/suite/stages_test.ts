import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inBatches, partsOf, sourceOf } from "./batches.ts";
import { onlyRealFiles } from "../e2e/only_real.ts";
import { partOf } from "./parts.ts";
import { inMemory, onRealParts } from "./stages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("files that set up their thread stay alone, the others share threads that take about as long", () => {
  const plain = Array.from({ length: 120 }, (_, n) => `${n}_test.ts`);
  const own: Record<string, string> = {
    "hooks_test.ts": "Deno.test.beforeAll(async () => {});",
    "environment_test.ts": 'Deno.env.set("HOME", "/");',
    "clock_test.ts": "globalThis.setTimeout = wait;",
  };
  const files = [...plain.slice(0, 25), ...Object.keys(own), ...plain.slice(25)];
  const textOf = (file: string) => own[file] ?? "if (globalThis.fetch === given) {}";
  const secondsOf = (file: string) => file === "7_test.ts" ? 40 : 0;
  const { alone, shared } = inBatches(files, textOf, secondsOf);
  assert.deepEqual(alone, Object.keys(own));
  assert.deepEqual(shared.flat().sort(), plain.toSorted());
  // 40 s and 120 times half a second: 50 s each.
  const [few, many] = shared.toSorted((a, b) => a.length - b.length);
  assert.deepEqual([few.length, many.length, few.includes("7_test.ts")], [20, 100, true]);
  assert.deepEqual(inBatches([], String, () => 0), { alone: [], shared: [] });
});

Deno.test("a file that takes long is imported once a part, if it knows its parts, whatever its name", () => {
  const source = "for (const each of partOf(import.meta.url, all)) {}";
  assert.deepEqual(partsOf("/a b/c_test.ts", 250, source), [
    "file:///a%20b/c_test.ts?part=1/3",
    "file:///a%20b/c_test.ts?part=2/3",
    "file:///a%20b/c_test.ts?part=3/3",
  ]);
  assert.deepEqual(partsOf("/c_test.ts", 250, "all"), ["file:///c_test.ts"]);
  assert.deepEqual(partsOf("/c_test.ts", 0, source), ["file:///c_test.ts"]);
});

Deno.test("the parts of a file have all its cases, each once", () => {
  const cases = ["a", "b", "c", "d", "e"];
  const parts = [1, 2, 3].map((n) => partOf(`file:///c_test.ts?part=${n}/3`, cases));
  assert.deepEqual(parts, [["a", "d"], ["b", "e"], ["c"]]);
  assert.deepEqual(partOf("file:///c_test.ts", cases), cases);
});

Deno.test("a module of others imports them in their order", () => {
  assert.equal(
    sourceOf(["file:///a%20b.ts", "file:///c.ts"]),
    'import "file:///a%20b.ts";\nimport "file:///c.ts";\n',
  );
});

Deno.test("what took longest in an earlier run begins first; all parts of a file are given", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const long = "tests/conformance/replay_test.ts";
    const seconds = new Map([[long, 300], ["tests/fuzz/discovery_logs_test.ts", 110]]);
    const unit = inMemory(root, folder, seconds).find(({ name }) => name.startsWith("unit"))!;
    const [first, ...others] = unit.args.filter((arg) => arg.endsWith("_test.ts")).map((arg) =>
      arg.startsWith(folder) ? Deno.readTextFileSync(arg) : arg
    );
    assert.match(first, /discovery_logs_test/);
    const { href } = pathToFileURL(join(root, long));
    assert.deepEqual(others.slice(0, 3), [1, 2, 3].map((n) => `import "${href}?part=${n}/3";\n`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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

/** Files that an entry imports; one of which it imports a later part is not named again. */
function importsOf(file: string): string[] {
  return [...Deno.readTextFileSync(file).matchAll(/^import "([^"?]+)(\?part=1\/.*)?";$/gm)]
    .map(([, url]) => relative(root, fileURLToPath(url)));
}

function testsBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? testsBelow(`${folder}/${name}`) : name.endsWith("_test.ts") ? [`${folder}/${name}`] : []
  );
}
