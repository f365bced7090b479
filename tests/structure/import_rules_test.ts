/**
 * Who may import whom: the table of folders (README "Folders"), and that nothing goes round in a circle
 * (docs/architecture.md "Imports"), against what `deno info` says is so.
 */

import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Arrow, betweenEntries, inCircles } from "./circles.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A folder, and those of ours that it may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "lib/api": [],
  "lib/kube": [],
  "lib/gpu": ["lib/api"],
  "lib/images": ["lib/api"],
  "lib/routing": ["lib/api", "lib/kube"],
  "lib/program": [],
  "lib/download": ["lib/program", "lib/api", "lib/kube"],
  "lib/registry": [],
  "lib/selection": ["lib/api", "lib/gpu"],
  "lib/operator": ["lib/api", "lib/kube"],
  "lib/cluster": ["lib/api", "lib/kube", "lib/operator", "lib/gpu"],
  "lib/facts": ["lib/api", "lib/kube", "lib/images", "lib/registry", "lib/operator"],
  "lib/rights": ["lib/cluster"],
  "lib/metrics": ["lib/api", "lib/kube", "lib/operator", "lib/cluster"],
  "lib/process": ["lib/program", "lib/api", "lib/kube", "lib/operator", "lib/cluster", "lib/metrics"],
  "lib/surroundings": ["lib/api", "lib/kube", "lib/apiserver"],
  "lib/apiserver": ["lib/api", "lib/kube"],
  // All of the others and the controllers; see verdict().
  "lib/cli": [],
};

interface Graph {
  modules: {
    specifier: string;
    dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

/** What stands beside a unit to test it. It may import what the unit may not. */
const besideUnit = /_(test|fixture|sample|bench)\.ts$/;

async function* typescriptIn(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* typescriptIn(path);
    else if (/\.ts$/.test(entry.name)) yield path;
  }
}

/** Every file of program and tests, with all that they import, by way of a file that imports every one of them. */
async function readGraph(): Promise<Graph> {
  const files = [`${root}mod.ts`];
  for (const folder of ["lib", "controllers", "release", "tests"]) {
    for await (const file of typescriptIn(`${root}${folder}`)) files.push(file);
  }
  const all = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      all,
      files.map((file) => `import ${JSON.stringify(`file://${file}`)};\n`).join(""),
    );
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", `${root}deno.json`, all],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(all);
  }
}

const graph = await readGraph();

/** `lib/api/mod.ts`; undefined for what is not ours. */
function pathOf(specifier: string): string | undefined {
  if (!specifier.startsWith("file://")) return undefined;
  const path = relative(root, fileURLToPath(specifier));
  return path.startsWith("..") ? undefined : path;
}

/** Who imports whom among our own files; an `import type` counts like any other. */
const arrows: readonly Arrow[] = graph.modules.flatMap(({ specifier, dependencies = [] }) =>
  dependencies.flatMap(({ code, type }): Arrow[] => {
    const [from, to] = [pathOf(specifier), pathOf(code?.specifier ?? type?.specifier ?? "")];
    return from === undefined || to === undefined ? [] : [{ from, to }];
  })
);
const productArrows = arrows.filter(({ from }) => !from.startsWith("tests/") && !besideUnit.test(from));

/** `lib/api` for `lib/api/structures/model.ts`. */
function folderOf(path: string): string {
  const [top, second] = path.split("/");
  return top === "lib" || top === "controllers" ? `${top}/${second}` : top;
}

/** What is wrong with an arrow, or undefined. */
function verdict(from: string, to: string): string | undefined {
  if (from === to || from === "mod.ts" || from === "release" || from === "tests") return undefined;
  if (to === "lib/cli") return `${from} may not import lib/cli: it stands above all others`;
  if (from === "lib/cli") return undefined;
  if (from.startsWith("controllers/")) {
    return to.startsWith("lib/") ? undefined : `${from} may import lib only`;
  }
  const may = allowed[from];
  if (may === undefined) return `${from} is a folder without a line in the table of import rules`;
  return may.includes(to) ? undefined : `${from} may not import ${to}`;
}

Deno.test("no folder imports what the table of folders does not allow", () => {
  const wrong = productArrows.flatMap(({ from, to }) => {
    const problem = verdict(folderOf(from), folderOf(to));
    return problem === undefined ? [] : [`${problem}: ${from} → ${to}`];
  });
  assert.ok(graph.modules.length > 500, "the graph is that of the whole program");
  assert.deepEqual(wrong, []);
});

Deno.test("no files import each other in a circle, those of tests neither", () => {
  assert.deepEqual(inCircles(arrows), []);
});

for (const folder of foldersOf(productArrows)) {
  Deno.test(`in ${folder} no files and folders import each other in a circle`, () => {
    assert.deepEqual(inCircles(betweenEntries(folder, productArrows)), []);
  });
}

/** The folders that hold source files, and those around them. */
function foldersOf(arrows: readonly Arrow[]): string[] {
  const folders = arrows.flatMap(({ from }) => {
    const parts = from.split("/").slice(0, -1);
    return parts.map((_, end) => parts.slice(0, end + 1).join("/"));
  });
  return [...new Set(folders)].sort();
}

Deno.test("the import rules refuse what the architecture refuses", () => {
  assert.equal(verdict("lib/kube", "lib/api"), "lib/kube may not import lib/api");
  assert.equal(verdict("lib/operator", "lib/cluster"), "lib/operator may not import lib/cluster");
  assert.equal(verdict("lib/cli", "controllers/service"), undefined);
  assert.match(verdict("controllers/service", "lib/cli")!, /may not import/);
  assert.equal(
    verdict("controllers/service", "controllers/model"),
    "controllers/service may import lib only",
  );
  assert.equal(
    verdict("lib/utils", "lib/api"),
    "lib/utils is a folder without a line in the table of import rules",
  );
  assert.equal(verdict("controllers/service", "lib/selection"), undefined);
});

Deno.test("no dependency comes from a registry that cannot be reached, and none names one", async () => {
  for (const file of ["deno.json", "mod.ts"]) {
    const text = await Deno.readTextFile(`${root}${file}`);
    assert.doesNotMatch(text, /jsr:|https?:\/\//, file);
  }
});
