/** What the documents say in tables and commands, against what is so. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { remedies } from "../../lib/operator/errors/remedies.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string) => Deno.readTextFile(`${root}${file}`);
const documents = ["README.md", "manifests/README.md", ...await markdownBelow("docs")];

async function markdownBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    if (isDirectory) files.push(...await markdownBelow(`${folder}/${name}`));
    else if (name.endsWith(".md")) files.push(`${folder}/${name}`);
  }
  return files.sort();
}

/** Cells of the rows of a table whose first cell is code. */
function rowsOf(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.slice(2, -2).split(" | ").map((cell) => cell.trim()));
}

/** Text of all sources that make conditions. */
async function sources(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts.push(await sources(path));
    else if (
      /\.ts$/.test(name) && !/_(test|fixture|sample)\.ts$/.test(name) &&
      !["reasons.ts", "remedies.ts"].includes(name)
    ) {
      texts.push(await read(path));
    }
  }
  return texts.join("\n");
}

Deno.test("a reason that is called not reported is in no source", async () => {
  const text = await sources("lib") + await sources("controllers");
  const wrong = Object.entries(remedies)
    .filter(([reason, remedy]) => remedy === "unused" && text.includes(`"${reason}"`));
  assert.deepEqual(wrong, [], "say in lib/operator/errors/remedies.ts what to do about them");
});

Deno.test("the README's table of folders is that of the import rules", async () => {
  const rules = [
    ...(await read("tests/structure/import_rules_test.ts")).matchAll(/^ {2}"(lib\/\w+)": (\[.*\]),$/gm),
  ];
  assert.ok(rules.length > 5);
  const folders = rowsOf(await read("README.md")).filter(([folder]) => folder.startsWith("`lib/"));
  assert.deepEqual(
    folders.map(([folder, , imports]) => [folder.replaceAll("`", ""), imports.match(/lib\/\w+/g) ?? []])
      .sort(([a], [b]) => String(a).localeCompare(String(b))),
    rules.map(([, folder, imports]) => [folder, JSON.parse(imports)])
      .sort(([a], [b]) => String(a).localeCompare(String(b))),
  );
});

Deno.test("what the documents tell a user to run exists", async () => {
  const { tasks } = JSON.parse(await read("deno.json"));
  for (const file of documents) {
    const text = await read(file);
    for (const [, task] of text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z-]+)/g)) {
      assert.ok(task in tasks, `${file}: there is no task ${task}`);
    }
    for (const [, path] of text.matchAll(/kubectl (?:apply|delete) -[kf] (\S+?)`?(?=\s|$)/gm)) {
      if (path !== "-") await Deno.stat(`${root}${path.replace(/[`.,;:]+$/, "")}`);
    }
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      await Deno.stat(new URL(target, `file://${root}${file}`));
    }
  }
});

Deno.test("how the operator is removed is told once, in two places", async () => {
  const commands = async (file: string, heading: string) => {
    const text = await read(file);
    const at = text.indexOf(heading);
    assert.ok(at >= 0, `${file}: ${heading}`);
    const lines = text.slice(at).split("\n").map((line) => line.trim());
    return lines.filter((line) => /^(for|while|kubectl|done|do)\b/.test(line));
  };
  // Those of manifests/README.md are run by tests/e2e/uninstall_test.ts.
  const tried = await commands("manifests/README.md", "## Removing it");
  assert.ok(tried.length > 4);
  assert.deepEqual(await commands("docs/operations.md", "## Remove\n"), tried);
});

Deno.test("every guarantee of docs/architecture.md names a test that there is", async () => {
  const text = await read("docs/architecture.md");
  const [, guarantees] = /\n## Guarantees\n([^]*?)\n## /.exec(text)!;
  const rows = guarantees.split("\n").filter((line) => line.startsWith("| ")).slice(1);
  assert.ok(rows.length > 10);
  for (const row of rows) {
    const named = /\| `([\w/]+_test\.ts)` "(.+)" \|$/.exec(row);
    assert.ok(named !== null, `no test is named in: ${row}`);
    const [, file, name] = named;
    const source = (await read(file)).replaceAll(/\(\s+"/g, '("');
    assert.ok(source.includes(`("${name}"`), `${file} has no test "${name}"`);
  }
});
