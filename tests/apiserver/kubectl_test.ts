/** What is recorded of kubectl is still what it prints with the real API server. */
import assert from "node:assert/strict";
import { printedByReal } from "./kubectl/record.ts";
import { kept } from "./kubectl/recording.ts";

/** The first of the commands: those that read and write a ConfigMap in every way. */
const checked = 60;

Deno.test("kubectl prints with the real API server what is recorded", async () => {
  const printed = await printedByReal(checked);
  const wanted = (await kept()).slice(0, checked);
  assert.deepEqual(wanted.map(({ typed }, i) => ({ typed, printed: printed[i] })), wanted);
});
