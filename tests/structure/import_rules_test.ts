/** Who may import whom: the table of folders (README "Rooms") against what `deno info` says is so. */

import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A room, and the rooms of ours that it may import besides itself. `*` is any room below `lib`. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "lib/api": [],
  "lib/kube": [],
  "lib/gpu": ["lib/api"],
  "lib/catalogue": ["lib/api"],
  "lib/routing": ["lib/api", "lib/kube"],
  "lib/download": ["lib/api", "lib/kube"],
  "lib/registry": [],
  "lib/selection": ["lib/api", "lib/gpu"],
  "lib/operator": ["lib/api", "lib/kube"],
  "lib/cluster": ["lib/api", "lib/kube", "lib/operator", "lib/gpu"],
  "lib/facts": ["lib/api", "lib/kube", "lib/catalogue", "lib/registry", "lib/operator"],
  "lib/metrics": ["lib/api", "lib/kube", "lib/operator", "lib/cluster"],
  "lib/process": ["lib/api", "lib/kube", "lib/operator", "lib/cluster", "lib/metrics"],
  "lib/surroundings": ["lib/api", "lib/kube"],
};

interface Graph {
  modules: {
    specifier: string;
    dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

/** Every source file of the program: what tests import is their own business. */
async function* sources(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (/\.ts$/.test(entry.name) && !/_(test|fixture|sample)\.ts$/.test(entry.name)) yield path;
  }
}

/** The import graph of all sources, by way of a file that imports every one of them. */
async function graph(): Promise<Graph> {
  const files = [`${root}mod.ts`];
  for (const folder of ["lib", "controllers"]) {
    for await (const file of sources(`${root}${folder}`)) files.push(file);
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

/** `lib/api` for `lib/api/structures/model.ts`; undefined for what is not ours. */
export function roomOf(specifier: string): string | undefined {
  if (!specifier.startsWith("file://")) return undefined;
  const path = relative(root, fileURLToPath(specifier));
  if (path.startsWith("..")) return undefined;
  const [top, second] = path.split("/");
  return top === "lib" || top === "controllers" ? `${top}/${second}` : top;
}

/** What is wrong with an arrow, or undefined. */
export function verdict(from: string, to: string): string | undefined {
  if (from === to || from === "mod.ts" || from === "tests") return undefined;
  if (from.startsWith("controllers/")) {
    return to.startsWith("lib/") ? undefined : `${from} may import lib only`;
  }
  const rooms = allowed[from];
  if (rooms === undefined) return `${from} is a room without a line in the table of import rules`;
  return rooms.includes(to) ? undefined : `${from} may not import ${to}`;
}

Deno.test("no room imports what the table of folders does not allow", async () => {
  const { modules } = await graph();
  const wrong: string[] = [];
  for (const { specifier, dependencies = [] } of modules) {
    const from = roomOf(specifier);
    if (from === undefined) continue;
    for (const { code, type } of dependencies) {
      const target = code?.specifier ?? type?.specifier ?? "";
      const to = roomOf(target);
      const problem = to === undefined ? undefined : verdict(from, to);
      if (problem !== undefined) {
        wrong.push(`${problem}: ${relative(root, fileURLToPath(specifier))} → ${target}`);
      }
    }
  }
  assert.ok(modules.length > 100, "the graph is that of the whole program");
  assert.deepEqual(wrong, []);
});

Deno.test("the import rules refuse what the architecture refuses", () => {
  assert.equal(verdict("lib/kube", "lib/api"), "lib/kube may not import lib/api");
  assert.equal(verdict("lib/operator", "lib/cluster"), "lib/operator may not import lib/cluster");
  assert.equal(
    verdict("controllers/service", "controllers/model"),
    "controllers/service may import lib only",
  );
  assert.equal(
    verdict("lib/utils", "lib/api"),
    "lib/utils is a room without a line in the table of import rules",
  );
  assert.equal(verdict("controllers/service", "lib/selection"), undefined);
});

Deno.test("no dependency comes from a registry that cannot be reached, and none names one", async () => {
  for (const file of ["deno.json", "mod.ts"]) {
    const text = await Deno.readTextFile(`${root}${file}`);
    assert.doesNotMatch(text, /jsr:|https?:\/\//, file);
  }
});
