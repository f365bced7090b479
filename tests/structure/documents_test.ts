/** What the documents say in tables and commands, against what is so. */

import assert from "node:assert/strict";
import { posix } from "node:path";
import { documentAt, documents, root } from "../documents/markdown.ts";
import { remedies } from "../../lib/operator/errors/remedies.ts";

const read = (file: string) => Deno.readTextFile(`${root}${file}`);
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

Deno.test("every task and every file that a command of the documents names is there", async () => {
  const { tasks } = JSON.parse(await read("deno.json"));
  for (const file of documents) {
    const text = await read(file);
    for (const [, task] of text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z:-]*[a-z])/g)) {
      assert.ok(task in tasks, `${file}: there is no task ${task}`);
    }
    for (const [, path] of text.matchAll(/kubectl (?:apply|delete) -[kf] (manifests\S*?)`?(?=\s|$)/gm)) {
      await Deno.stat(`${root}${path.replace(/[`.,;:]+$/, "")}`);
    }
  }
});

Deno.test("every link of the documents leads somewhere, and every anchor to a heading", async () => {
  for (const file of documents) {
    for (const link of documentAt(file).links.filter((link) => !/^[a-z]+:/.test(link))) {
      const [path, anchor] = link.split("#");
      const target = path === "" ? file : posix.join(posix.dirname(file), path);
      await Deno.stat(`${root}${target}`).catch(() => assert.fail(`${file}: ${link} is not there`));
      if (anchor !== undefined && target.endsWith(".md")) {
        assert.ok(documentAt(target).anchors.has(anchor), `${file}: ${link} is no heading of ${target}`);
      }
    }
  }
});

Deno.test("every document can be reached from docs/README.md, or from a folder that it names", () => {
  const index = documentAt("docs/README.md").links.map((link) => posix.join("docs", link.split("#")[0]));
  const named = (file: string) => index.includes(file) || index.includes(posix.dirname(file));
  const lost = documents.filter((file) =>
    file.startsWith("docs/") && file !== "docs/README.md" && !named(file)
  );
  assert.deepEqual(lost, [], "name them in docs/README.md");
});

Deno.test("every diagram of the documents is one to Mermaid", async () => {
  const diagrams = documents.flatMap((file) => documentAt(file).blocks)
    .filter(({ language }) => language === "mermaid");
  assert.ok(diagrams.length > 3);
  const parser = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", "--no-config", "--frozen"],
      ...[`--lock=${root}tests/documents/mermaid.lock`, `${root}tests/documents/mermaid_parser.ts`],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = parser.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(diagrams.map(({ text }) => text))));
  await writer.close();
  const { code, stdout } = await parser.output();
  assert.equal(code, 0);
  const faults: (string | null)[] = JSON.parse(new TextDecoder().decode(stdout));
  const wrong = faults.flatMap((fault, index) =>
    fault === null ? [] : `${diagrams[index].file}, ${diagrams[index].heading}: ${fault}`
  );
  assert.deepEqual(wrong, []);
});

Deno.test("commands stand in blocks of their own language, where tests find them", () => {
  const hidden = documents
    .flatMap((file) => documentAt(file).blocks)
    .filter(({ language, text }) =>
      ["", "indented", "text"].includes(language) && /^ *(kubectl|deno|helm|docker|npx) /m.test(text) &&
      !text.startsWith("$ ")
    )
    .map(({ file, text }) => `${file}: ${text}`);
  assert.deepEqual(hidden, []);
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
