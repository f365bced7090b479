/** The definitions that are kept are those that the pinned projects ship. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test("the neighbours' definitions are up to date", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--frozen",
      fileURLToPath(new URL("generate_crds.ts", import.meta.url)),
      "--check",
    ],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});
