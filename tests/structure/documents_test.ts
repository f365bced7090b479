/** What the documents say in tables and commands, against what is so. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { operatorFlags } from "../../lib/process/operator_flags.ts";
import { reasons } from "../../lib/operator/errors/reasons.ts";

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

Deno.test("docs/reference/reasons.md has every reason, with its meaning and what to do", async () => {
  const rows = rowsOf(await read("docs/reference/reasons.md"));
  const said = new Set(rows.map(([reason, meaning]) => `| ${reason} | ${meaning} |`));
  const meant = new Set(Object.entries(reasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`));
  assert.deepEqual([...meant.difference(said)], [], "rows to write in docs/reference/reasons.md");
  assert.deepEqual([...said.difference(meant)], [], "rows of docs/reference/reasons.md to remove");
  for (const [reason, , action] of rows) assert.ok(action, `what to do about ${reason}?`);
});

/** Text of all sources that make conditions. */
async function sources(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts.push(await sources(path));
    else if (/\.ts$/.test(name) && !/_(test|fixture|sample)\.ts$/.test(name) && name !== "reasons.ts") {
      texts.push(await read(path));
    }
  }
  return texts.join("\n");
}

Deno.test("a reason that docs/reference/reasons.md calls not reported is in no source", async () => {
  const text = await sources("lib") + await sources("controllers");
  const wrong = rowsOf(await read("docs/reference/reasons.md"))
    .filter(([, , action]) => action === "not reported by this version")
    .map(([reason]) => reason.replaceAll("`", ""))
    .filter((reason) => text.includes(`"${reason}"`));
  assert.deepEqual(wrong, [], "say in docs/reference/reasons.md what to do about them");
});

Deno.test("docs/operations.md has every flag of the operator with its default", async () => {
  const rows = rowsOf(await read("docs/operations.md")).filter(([flag]) => flag.startsWith("`--"));
  const said = new Map(rows.map(([flag, value]) => [flag.replaceAll("`", ""), value.replaceAll("`", "")]));
  assert.deepEqual([...said.keys()].sort(), Object.keys(operatorFlags).map((name) => `--${name}`).sort());
  for (const [name, { default: value }] of Object.entries(operatorFlags)) {
    if (value === undefined) continue; // depends on other flags: said in words
    assert.equal(said.get(`--${name}`), String(value) || "empty", name);
  }
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
