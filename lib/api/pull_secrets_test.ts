import assert from "node:assert/strict";
import { pullSecretNames } from "./pull_secrets.ts";

Deno.test("names of pull secrets: in the order of the specs, each once, none empty", () => {
  const of = (...names: (string | undefined)[]) => ({ imagePullSecrets: names.map((name) => ({ name })) });
  assert.deepEqual(pullSecretNames(of("b", "", "a"), undefined, {}, of("c", "b", undefined)), [
    "b",
    "a",
    "c",
  ]);
  assert.deepEqual(pullSecretNames(), []);
});
