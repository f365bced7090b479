import assert from "node:assert/strict";
import { operatorNamespaceFrom } from "./operator_namespace.ts";

// models-and-templates.md, head: environment, else service account, else aim-system
const rows: [environment: string | undefined, file: string | undefined, wanted: string][] = [
  ["ours", "mounted", "ours"],
  ["", "mounted\n", "mounted"],
  [undefined, " mounted ", "mounted"],
  [undefined, undefined, "aim-system"],
  [undefined, "\n", "aim-system"],
];
for (const [environment, file, wanted] of rows) {
  Deno.test(`the operator's namespace by ${JSON.stringify([environment, file])} is ${wanted}`, () => {
    const asked: string[] = [];
    const found = operatorNamespaceFrom(
      (name) => (asked.push(name), environment),
      (path) => (asked.push(path), file),
    );
    assert.equal(found, wanted);
    assert.equal(asked[0], "AIM_SYSTEM_NAMESPACE");
    assert.equal(
      asked[1] ?? "/var/run/secrets/kubernetes.io/serviceaccount/namespace",
      "/var/run/secrets/kubernetes.io/serviceaccount/namespace",
    );
  });
}
