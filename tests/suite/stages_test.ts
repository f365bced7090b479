import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inBatches, isAlone, setUpOf } from "./batches.ts";
import { onlyRealFiles } from "../e2e/only_real.ts";
import { partOf } from "./parts.ts";
import { inMemory, onRealParts } from "./stages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const timed = (file: string, seconds = 0, source = "if (globalThis.fetch === given) {}") => ({
  file,
  url: pathToFileURL(file).href,
  seconds,
  source,
});

Deno.test("a file stays alone if it changes its thread, or may lose its tests to another", () => {
  const own = [
    'Deno.env.set("HOME", "/");',
    "globalThis.setTimeout = wait;",
    "Deno.test.beforeEach(() => {});",
    'import assert from "node:assert/strict";\nimport "./service_test.ts";',
  ];
  assert.deepEqual(own.map((source) => isAlone(timed("/a_test.ts", 0, source))), own.map(() => true));
  assert.equal(isAlone({ ...timed("/a_test.ts"), runs: 'Deno.env.set("HOME", "/");' }), true);
  assert.equal(isAlone(timed("/a_test.ts")), false);
  assert.equal(isAlone(timed("/a_test.ts", 0, 'import "./rights.ts";\nimport "./service_test.ts";')), false);
  assert.equal(isAlone(timed("/a_test.ts", 0, "Deno.test.beforeAll(async () => {});")), false);
});

Deno.test("what sets up a thread is what a file imports for nothing else, but for other tests", () => {
  const source = [
    'import assert from "node:assert/strict";',
    'import "./rights.ts";',
    'import "../first.ts";',
    'import "./service_test.ts";',
  ];
  const of = (source: string) => setUpOf(timed("/e2e/a_test.ts", 0, source));
  assert.equal(of(source.join("\n")), "file:///e2e/rights.ts file:///first.ts");
  assert.equal(of(source.filter((line) => !/rights|first/.test(line)).join("\n")), "");
});

Deno.test("files that set up their thread alike share one, with no others", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const args = inMemory(root, folder).flatMap(({ args }) => args);
    const scoped = [...Deno.readDirSync(join(root, "tests/e2e"))].map(({ name }) => name)
      .filter((name) => /^scoped_.*test\.ts$/.test(name)).map((name) => `tests/e2e/${name}`);
    assert.ok(scoped.length > 3);
    const entries = args.filter((arg) => arg.startsWith(folder)).map(importsOf);
    const theirs = entries.filter((files) => files.some((file) => scoped.includes(file)));
    assert.deepEqual(theirs.map((files) => files.filter((file) => file !== "mod.ts").sort()), [
      scoped.sort(),
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("files that share threads are divided into batches that take about as long", () => {
  const files = Array.from({ length: 120 }, (_, n) => timed(`/${n}_test.ts`, n === 7 ? 40 : 0));
  const batches = inBatches(files, 2);
  assert.deepEqual(
    batches.flatMap(({ urls }) => urls).sort(),
    files.map(({ file }) => pathToFileURL(file).href).sort(),
  );
  // 40 s and 120 times half a second: 50 s each.
  assert.deepEqual(batches.map(({ seconds }) => seconds), [50, 50]);
  const [few, many] = batches.map(({ urls }) => urls).sort((a, b) => a.length - b.length);
  assert.deepEqual([few.length, many.length, few.includes("file:///7_test.ts")], [20, 100, true]);
  assert.deepEqual(inBatches([], 2), []);
  assert.deepEqual(inBatches([timed("/a_test.ts")], 2).map(({ urls }) => urls), [["file:///a_test.ts"]]);
});

Deno.test("a file that knows parts has one in each batch, whatever its name", () => {
  const source = "for (const each of partOf(import.meta.url, all)) {}";
  const files = [
    timed("/b_test.ts", 50),
    timed("/a b/c_test.ts", 60, source),
    timed("/d_test.ts", 9),
    timed("/e_test.ts", 8, source),
  ];
  assert.deepEqual(inBatches(files, 2).map(({ urls }) => urls), [
    ["file:///a%20b/c_test.ts?part=1/2", "file:///e_test.ts?part=1/2", "file:///b_test.ts"],
    ["file:///a%20b/c_test.ts?part=2/2", "file:///e_test.ts?part=2/2", "file:///d_test.ts"],
  ]);
});

Deno.test("the parts of a file have all its cases, each once", () => {
  const cases = ["a", "b", "c", "d", "e"];
  const parts = [1, 2, 3].map((n) => partOf(`file:///c_test.ts?part=${n}/3`, cases));
  assert.deepEqual(parts, [["a", "d"], ["b", "e"], ["c"]]);
  assert.deepEqual(partOf("file:///c_test.ts", cases), cases);
});

Deno.test("what took longest in an earlier run begins first", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const long = "tests/conformance/replay_test.ts";
    const seconds = new Map([[long, 300], ["tests/fuzz/discovery_logs_test.ts", 1000]]);
    const unit = inMemory(root, folder, seconds).find(({ name }) => name.startsWith("unit"))!;
    const [first, second] = unit.args.filter((arg) => arg.endsWith("_test.ts"));
    assert.match(Deno.readTextFileSync(first), /discovery_logs_test/);
    assert.equal(second, long);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const cores of [1, 2, 3, 64]) {
  Deno.test(`on ${cores} cores all parts of a file are given, each once`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const args = inMemory(root, folder, undefined, cores).flatMap(({ args }) => args);
      const urls = args.filter((arg) => arg.startsWith(folder)).flatMap((
        entry,
      ) => [...Deno.readTextFileSync(entry).matchAll(/"(.*)\?part=(\d+)\/(\d+)"/g)]);
      const parts = Map.groupBy(urls, ([, url]) => url);
      assert.ok(parts.size > 1);
      for (const [url, given] of parts) {
        const wanted = Array.from({ length: cores }, (_, n) => `${n + 1}/${cores}`);
        assert.deepEqual(given.map(([, , part, of]) => `${part}/${of}`).sort(), wanted.sort(), url);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

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

/** Files that an entry loads; one of which it loads a later part is not named again. */
function importsOf(file: string): string[] {
  return [...Deno.readTextFileSync(file).matchAll(/^ {2}"([^"?]+)(\?part=1\/.*)?",?$/gm)]
    .map(([, url]) => relative(root, fileURLToPath(url)));
}

function testsBelow(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) =>
    isDirectory ? testsBelow(`${folder}/${name}`) : name.endsWith("_test.ts") ? [`${folder}/${name}`] : []
  );
}
