/** The steps of a shutdown against the time that the pod has for it. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import { shutdown } from "../../lib/operator/operator.ts";

Deno.test("a shutdown fits into the pod's grace, with a second to spare", async () => {
  const file = new URL("../../manifests/operator/deployment.yaml", import.meta.url);
  const { spec } = parse(await Deno.readTextFile(file)) as {
    spec: { template: { spec: { terminationGracePeriodSeconds: number } } };
  };
  const { writes, events, lease } = shutdown;
  const longest = writes + Math.max(events, lease);
  assert.ok(longest + 1_000 <= spec.template.spec.terminationGracePeriodSeconds * 1_000, `${longest} ms`);
});
