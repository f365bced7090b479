/** Runs the catalogue tests of selection; ends with 1 where one of them fails. */

import { fileURLToPath } from "node:url";
import { findTests, runTest } from "../../lib/cli/catalogue/run.ts";

const { tests, faults } = await findTests(
  fileURLToPath(new URL("../../lib/selection/cases", import.meta.url)),
);
const passes = faults.length === 0 && tests.length > 0 &&
  tests.every((test) => runTest(test).differences.length === 0);
Deno.exit(passes ? 0 : 1);
