/**
 * The page that this project started from: what it promises is shown by tests, and nothing in the repository is copied
 * from it. The page itself lies beside a checkout, not in it; what needs its text is compared where it is there.
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { claims } from "../seed/claims.ts";
import * as commands from "../seed/commands.ts";
import * as examples from "../seed/examples.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = await firstReadable(["../shared/seed-services.md", "../../shared/seed-services.md"]);
const lines = page?.split("\n");

async function firstReadable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      return await Deno.readTextFile(root + path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  console.log("the page is not beside this checkout: its text is not compared");
}

const isCommand = (line: string) => line.startsWith("kubectl ");
/** A line of an example: `key:` or `key: value`. A fact, as commands are. */
const isYaml = (line: string) => /^[a-zA-Z]+:( \S+)?$/.test(line);

/** Of texts, so that a name that a test is to have cannot be found in a comment. */
const withoutComments = (source: string) =>
  source.replaceAll(/^\s*\/\/.*$/gm, "").replaceAll(/\/\*[\s\S]*?\*\//g, "");

Deno.test("every claim is shown by tests that are there and are run, or says what is missing", async () => {
  const sources = new Map<string, string>();
  const source = async (file: string) => {
    if (!sources.has(file)) sources.set(file, withoutComments(await Deno.readTextFile(root + file)));
    return sources.get(file)!;
  };
  for (const { claim, shownBy, missing } of Object.values(claims).flat()) {
    assert.equal(shownBy.length === 0, missing !== undefined, claim);
    for (const { file, name, row } of shownBy) {
      assert.match(file, /_test\.ts$/, "a file that `deno task test` runs");
      const said = `${file}: "${name}", which is to show: ${claim}`;
      const begins = (await source(file)).split(/(?:Deno\.test|\.step)\(\s*["'`]/).slice(1);
      assert.ok(begins.some((rest) => rest.startsWith(name)), `there is no test ${said}`);
      assert.doesNotMatch(await source(file), /\bignore:|\.ignore\(|\bonly:|\.only\(/, said);
      if (row === undefined) continue;
      const rows = await source(row.file);
      assert.ok(rows.includes(`"${row.text}"`), `${row.file} has no row "${row.text}", for ${said}`);
    }
  }
});

Deno.test("all that is left for later is what depends on the download's result", () => {
  const left = Object.entries(claims).flatMap(([heading, all]) =>
    all.filter(({ missing }) => missing !== undefined).map(() => heading)
  );
  assert.deepEqual(left, ["Cache errors"]);
});

Deno.test("every heading of the page under which something stands has its claims", () => {
  if (lines === undefined) return;
  const headings = lines.flatMap((line, index) =>
    line.endsWith("¶") && !(lines[index + 1] ?? "").endsWith("¶") ? [line.slice(0, -1)] : []
  );
  assert.deepEqual(Object.keys(claims), headings);
});

Deno.test("every command and every example of the page is run", async () => {
  const tests = await Deno.readTextFile(`${root}tests/seed/commands_test.ts`);
  for (const name of Object.keys(commands).filter((name) => name !== "filled")) {
    assert.match(tests, new RegExp(`run\\(commands\\.${name}\\b`), name);
  }
  const trials = await Deno.readTextFile(`${root}tests/seed/examples_test.ts`);
  const { byName, byImage, withTemplate, ...others } = examples;
  assert.deepEqual(others, {});
  for (const name of Object.keys(examples)) assert.ok(trials.includes(`tried(${name})`), name);
  if (lines === undefined) return;
  const { filled: _, ...texts } = commands;
  assert.deepEqual(Object.values(texts).sort(), lines.filter(isCommand).sort());
  const yaml = [byName, byImage, withTemplate].flatMap((text) =>
    text.trim().split("\n").map((line) => line.trim())
  );
  assert.deepEqual(yaml, lines.filter((line) => isYaml(line) && !/^(Resolution|Overview):$/.test(line)));
});

Deno.test("no eight words in a row are the page's", async () => {
  if (lines === undefined) return;
  const prose = lines.filter((line) => !isCommand(line) && !isYaml(line)).join("\n");
  const known = new Set(runsOf(prose.replaceAll(/\S+( > \S+)+/g, "")));
  assert.ok(known.size > 500);
  const copied: string[] = [];
  for await (const file of textFiles(root)) {
    for (const run of runsOf(await Deno.readTextFile(file))) {
      if (known.has(run)) copied.push(`${file.slice(root.length)}: ${run}`);
    }
  }
  assert.deepEqual(copied, []);
});

/** All runs of eight words, whatever stands between them. */
function runsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.slice(7).map((_, index) => words.slice(index, index + 8).join(" "));
}

async function* textFiles(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && name !== ".git") yield* textFiles(`${folder}${name}/`);
    else if (/\.(ts|md|json|yaml|yml|lua|go|sh|mod)$|^[A-Z]\w*$/.test(name)) yield `${folder}${name}`;
  }
}
