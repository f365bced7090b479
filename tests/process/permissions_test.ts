/** The programs, started without a permission that they need: each says which, and does not begin. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { programs } from "../../release/programs.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

for (const { name, entry, flags } of programs) {
  for (const removed of flags.filter((flag) => flag.startsWith("--allow-"))) {
    const kind = removed.split("=")[0];
    Deno.test(`${name} without ${kind}: names what is missing, 1`, async () => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--no-check",
          "--frozen",
          ...flags.filter((flag) => flag !== removed),
          root + entry,
        ],
        env: { NO_COLOR: "1" },
      }).output();
      const said = new TextDecoder().decode(stderr);
      assert.equal(code, 1, said);
      assert.equal(new TextDecoder().decode(stdout), "");
      const lines = said.trim().split("\n");
      assert.equal(lines.length, 1, said);
      assert.ok(
        lines[0].includes(`Deno does not allow what this program needs; start it with ${removed}`),
        said,
      );
    });
  }
}
