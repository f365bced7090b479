import assert from "node:assert/strict";
import { describeIssue } from "../../api/mod.ts";
import { engineArgsFaults, envFaults, isNarrowName } from "./env_faults.ts";
import { envRows } from "./env_faults_sample.ts";

Deno.test("what a pod may not have names the field", () => {
  for (const [entry, field] of envRows) {
    const paths = envFaults(entry, "spec.env[3]").map(({ path }) => path);
    assert.deepEqual(paths, field === undefined ? [] : [`spec.env[3].${field}`], JSON.stringify(entry));
  }
});

Deno.test("the message has field, value and remedy", () => {
  assert.equal(
    envFaults({ name: "A=B" }, "spec.env[0]").map(describeIssue).join(),
    'spec.env[0].name is "A=B" but is no name of a variable; use letters, digits and _, and begin with no digit',
  );
});

Deno.test("names that older Kubernetes refuses", () => {
  for (const name of ["A", "_a.b-C9", ".x", "-x"]) assert.equal(isNarrowName(name), true, name);
  for (const name of ["1A", "A B", "A/B", ""]) assert.equal(isNarrowName(name), false, name);
});

Deno.test("AIM_ENGINE_ARGS must be a JSON object", () => {
  const faults = (value: string | undefined, name = "AIM_ENGINE_ARGS") =>
    engineArgsFaults({ name, value }, "spec.env[0]").length;
  for (const value of ['{"a":1}', " {} ", "", undefined]) assert.equal(faults(value), 0, value);
  for (const value of ["{a: 1}", "--x 1", "[1]", "1", "null", '{"a":1', '"{}"']) {
    assert.equal(faults(value), 1, value);
    assert.equal(faults(value, "OTHER"), 0, value);
  }
});
