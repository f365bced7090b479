import assert from "node:assert/strict";
import { readJUnit } from "./junit.ts";

Deno.test("a JUnit report is counted by its test cases, and says which failed, where and why, and which took longest", () => {
  const xml = `<testsuites name="deno test" tests="4" failures="1" errors="0">
  <testsuite name="a_test.ts" tests="4">
    <testcase name="one" classname="a_test.ts" time="0.25">
    </testcase>
    <testcase name="two &amp; &quot;half&quot;" classname="b_test.ts" time="1.5">
      <failure message="no &lt;testcase&gt;
in it">no &lt;testcase&gt;</failure></testcase>
    <testcase name="three" classname="b_test.ts" time="1"/>
    <testcase name="three &gt; a step &gt; one in it" classname="b_test.ts" time="0.75"/>
    <testcase name="four" classname="b_test.ts" time="9"><skipped message="no GPU"/></testcase>
  </testsuite>
</testsuites>`;
  assert.deepEqual(readJUnit(xml), {
    passed: 3,
    passing: new Set(["a_test.ts one", "b_test.ts three", "b_test.ts three > a step > one in it"]),
    failures: [{ test: 'two & "half"', file: "b_test.ts", message: "no <testcase>\nin it" }],
    seconds: new Map([["b_test.ts", 2.5], ["a_test.ts", 0.25]]),
  });
});

Deno.test("an empty report counts nothing", () => {
  assert.deepEqual(readJUnit("<testsuites></testsuites>"), {
    passed: 0,
    failures: [],
    passing: new Set(),
    seconds: new Map(),
  });
});

Deno.test("a test that two files run has passed if it has in both", () => {
  const one = '<testcase name="one" classname="a_test.ts" time="1"';
  const { passed, passing } = readJUnit(`${one}><failure message="no"></failure></testcase>${one}/>`);
  assert.deepEqual([passed, passing], [1, new Set()]);
});
