import assert from "node:assert/strict";
import { countJUnit } from "./junit.ts";

Deno.test("a JUnit report is counted by its test cases", () => {
  const xml = `<testsuites name="deno test" tests="4" failures="1" errors="0">
  <testsuite name="a_test.ts" tests="4">
    <testcase name="one" classname="a_test.ts" time="0.1">
    </testcase>
    <testcase name="two" time="0.1"><failure message="x">no &lt;testcase&gt;</failure></testcase>
    <testcase name="three"/>
    <testcase name="four"><skipped message="no GPU"/></testcase>
  </testsuite>
</testsuites>`;
  assert.deepEqual(countJUnit(xml), { passed: 2, failed: 1 });
});

Deno.test("an empty report counts nothing", () => {
  assert.deepEqual(countJUnit("<testsuites></testsuites>"), { passed: 0, failed: 0 });
});
