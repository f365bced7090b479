import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { filesToRunAgain, isExcused } from "./second_look.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const failure = (file: string, test = "a") => ({ file, test, message: "too late" });

Deno.test("files that failed run again, and with them those that run their tests with other rights", () => {
  const given = ["./tests/e2e/rollout_test.ts", "./tests/e2e/plan_test.ts"].map((file) => failure(file));
  assert.deepEqual(filesToRunAgain([...given, ...given], root), [
    "./tests/e2e/rollout_test.ts",
    "./tests/e2e/scoped_rollout_test.ts",
    "./tests/e2e/plan_test.ts",
  ]);
});

Deno.test("a crash, a test of no file and many files are not looked at again", () => {
  const plan = failure("./tests/e2e/plan_test.ts");
  assert.deepEqual(filesToRunAgain([plan, failure("")], root), []);
  assert.deepEqual(filesToRunAgain([plan, failure("./tests/e2e/half.ts")], root), []);
  const many = ["plan", "plans", "service", "tenants"].map((name) => failure(`./tests/e2e/${name}_test.ts`));
  assert.deepEqual(filesToRunAgain(many, root), []);
  assert.equal(filesToRunAgain(many.slice(0, 2), root).length, 2);
});

Deno.test("excused is what passed in the second run, if nothing failed in it", () => {
  const first = [failure("./a_test.ts", "one"), failure("./a_test.ts", "two")];
  const passing = new Set(["./a_test.ts one", "./a_test.ts two"]);
  assert.equal(isExcused(first, { failures: [], passing }), true);
  assert.equal(isExcused(first, { failures: [], passing: new Set(["./a_test.ts one"]) }), false);
  assert.equal(isExcused(first, { failures: [failure("./a_test.ts", "three")], passing }), false);
});
