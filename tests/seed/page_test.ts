/** The page that this project started from: every sentence and command of it has its row (issue: tests/seed). */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { page } from "./page.ts";
import { plain } from "./row.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The page itself lies beside a checkout, not in it. */
const original = `${root}../shared/seed-services.md`;

Deno.test("the rows are the page: every word of it, in its order", async () => {
  let text: string;
  try {
    text = await Deno.readTextFile(original);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`not compared: ${original} is not there`);
    return;
  }
  assert.deepEqual(plain(page.map((row) => row.text).join(" ")).split(" "), plain(text).split(" "));
});

/** Whether a text of the file, and no comment, has the name; that the file is run, `deno task test` sees to. */
function stated(source: string, name: string): boolean {
  return source.split("\n").some((line) => {
    const at = line.indexOf(name);
    return at > 0 && !/^\s*(\/\/|\/?\*|import\b)/.test(line) && /["'`]/.test(line.slice(0, at));
  });
}

Deno.test("every row that claims something is shown by tests that are there, or names the issue that makes it true", async () => {
  const files = new Map<string, string>();
  for (const { text, proof } of page) {
    if (proof.kind === "later") assert.ok(proof.issue && proof.missing, text);
    if (proof.kind !== "tests") continue;
    assert.ok(proof.tests.length > 0, text);
    for (const [file, name] of proof.tests) {
      if (!files.has(file)) files.set(file, await Deno.readTextFile(root + file));
      assert.ok(stated(files.get(file)!, name), `${file} has no test "${name}", which is to show: ${text}`);
    }
  }
});

Deno.test("headings are headings, and what is left for later is little", () => {
  const claims = page.filter(({ proof }) => proof.kind !== "heading");
  const open = claims.filter(({ proof }) => proof.kind === "later");
  assert.deepEqual(open.map(({ text }) => text.split(" ").slice(0, 4).join(" ")), [
    "- Check model source",
    "If you see StorageSizeError",
    "This typically resolves automatically",
  ]);
  // A heading ends in a mark or a colon, begins a table or is a comment; the one exception gives advice.
  for (const { text, proof } of page) {
    if (proof.kind !== "heading" || /[¶:]$|^\||^# /.test(text)) continue;
    assert.equal(text, "This is the recommended approach for most deployments.");
  }
});
