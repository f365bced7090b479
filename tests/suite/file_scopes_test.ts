import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { sourceOf } from "./batches.ts";

/** What `deno test` says of files that share a thread, and what their lines said, in order. */
async function run(files: Readonly<Record<string, string>>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, source] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), source);
    }
    const urls = Object.keys(files).map((name) => pathToFileURL(join(folder, name)).href);
    await Deno.writeTextFile(join(folder, "entry_test.ts"), sourceOf(urls));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--allow-all", "--reporter=junit", join(folder, "entry_test.ts")],
      cwd: folder,
    }).output();
    const cases = new TextDecoder().decode(stdout).matchAll(
      /<testcase name="([\w ]+)" classname="(.*?)"[^>]*>\s*(<\w+)?/g,
    );
    return {
      lines: Deno.readTextFileSync(join(folder, "said")).trimEnd().split("\n"),
      results: Object.fromEntries(
        [...cases].map(([, name, file, inside]) => [`${file} ${name}`, inside ?? "passed"]),
      ),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const say = (what: string) => `() => Deno.writeTextFileSync("said", "${what}\\n", { append: true })`;

Deno.test("files that share a thread have their hooks for themselves, right around their own tests", async () => {
  const { lines, results } = await run({
    "a_test.ts": `
      Deno.test.beforeAll(${say("a begins")});
      Deno.test.afterAll(${say("a ends")});
      Deno.test.afterAll(${say("a ends first")});
      Deno.test("one", ${say("one")});
      Deno.test({ name: "never", ignore: true, fn: ${say("never")} });
      Deno.test("two", ${say("two")});
      Deno.test("neither", { ignore: true }, ${say("neither")});`,
    "b_test.ts": `Deno.test("three", ${say("three")});`,
    "c_test.ts": `
      Deno.test.beforeAll(${say("c begins")});
      Deno.test("four", () => { throw new Error("wrong"); });
      Deno.test.afterAll(${say("c ends")});`,
  });
  assert.deepEqual(lines, [
    "a begins",
    "one",
    "two",
    "a ends first",
    "a ends",
    "three",
    "c begins",
    "c ends",
  ]);
  assert.deepEqual(results, {
    "./a_test.ts one": "passed",
    "./a_test.ts never": "<skipped",
    "./a_test.ts two": "passed",
    "./a_test.ts neither": "<skipped",
    "./b_test.ts three": "passed",
    "./c_test.ts four": "<failure",
  });
});

Deno.test("a hook that fails fails its file's tests, and no others", async () => {
  const { lines, results } = await run({
    "a_test.ts": `
      Deno.test.beforeAll(() => { throw new Error("does not begin"); });
      Deno.test.afterAll(${say("a ends")});
      Deno.test("one", ${say("one")});
      Deno.test("two", ${say("two")});`,
    "b_test.ts": `
      Deno.test("three", ${say("three")});
      Deno.test("four", ${say("four")});
      Deno.test.afterAll(${say("b ends")});
      Deno.test.afterAll(() => { throw new Error("does not end"); });`,
    "c_test.ts": `Deno.test("five", ${say("five")});`,
  });
  assert.deepEqual(lines, ["a ends", "three", "four", "b ends", "five"]);
  assert.deepEqual(results, {
    "./a_test.ts one": "<failure",
    "./a_test.ts two": "<failure",
    "./b_test.ts three": "passed",
    "./b_test.ts four": "<failure",
    "./c_test.ts five": "passed",
  });
});

Deno.test("a file that does not load, or has lost its tests to another, fails, and no other does", async () => {
  const { lines, results } = await run({
    "a_test.ts": `Deno.test.beforeAll(${say("a begins")}); Deno.test("one", ${say("one")});`,
    "b_test.ts": 'import "./not_there.ts"; Deno.test("two", () => {});',
    "c_test.ts": 'Deno.test("three", () => {}); throw new Error("in the middle");',
    "d_test.ts": 'Deno.test.beforeEach(() => {}); Deno.test("four", () => {});',
    "e_test.ts": `Deno.test.beforeAll(${say("e begins")}); Deno.test("five", ${say("five")});`,
    "loses_test.ts": 'import "./e_test.ts";',
    "later_test.ts": 'Deno.test("six", { ignore: true }, () => {});',
  });
  assert.deepEqual(lines, ["a begins", "one", "e begins", "five"]);
  assert.deepEqual(results, {
    "./a_test.ts one": "passed",
    "./b_test.ts the file loads": "<failure",
    "./c_test.ts three": "passed",
    "./c_test.ts the file loads": "<failure",
    "./d_test.ts the file loads": "<failure",
    "./e_test.ts five": "passed",
    "./loses_test.ts the file loads": "<failure",
    "./later_test.ts six": "<skipped",
  });
});
