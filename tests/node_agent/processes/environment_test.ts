import assert from "node:assert/strict";
import { ConfigError, environmentOf, expanded, type References, type Variable } from "./environment.ts";

const references: References = {
  secret: (name) => Promise.resolve(name === "hf" ? { token: "t0" } : undefined),
  configMap: (name) => Promise.resolve(name === "settings" ? { mode: "fast" } : undefined),
  field: (path) => ({ "metadata.name": "pod-1" })[path],
};
const secret = (name: string, key: string, optional?: boolean): Variable => ({
  name: "V",
  valueFrom: { secretKeyRef: { name, key, optional } },
});

Deno.test("values come from where the entry says, over the image's", async () => {
  const env = await environmentOf(
    [
      { name: "A", value: "1" },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } },
      { name: "MODE", valueFrom: { configMapKeyRef: { name: "settings", key: "mode" } } },
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "URL", value: "http://$(POD)/$(A)?$$(A)&$(LATER)" },
      { name: "LATER", value: "x" },
    ],
    references,
    { A: "image", HOME: "/" },
  );
  assert.deepEqual(env, {
    A: "1",
    HOME: "/",
    TOKEN: "t0",
    MODE: "fast",
    POD: "pod-1",
    URL: "http://pod-1/1?$(A)&$(LATER)",
    LATER: "x",
  });
});

Deno.test("what is missing stops the container, unless it is optional", async () => {
  const message = async (variable: Variable) => {
    try {
      return await environmentOf([variable], references);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
  };
  assert.equal(await message(secret("gone", "token")), 'secret "gone" not found');
  assert.equal(await message(secret("hf", "tokn")), "couldn't find key tokn in secret hf");
  assert.deepEqual(await message(secret("gone", "token", true)), {});
  assert.deepEqual(await message(secret("hf", "tokn", true)), {});
});

Deno.test("references to variables are replaced as Kubernetes replaces them", () => {
  const rows: [string, string][] = [
    ["$(A)", "1"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$(B)", "$(B)"],
    ["$A $(A", "$A $(A"],
  ];
  for (const [text, wanted] of rows) assert.equal(expanded(text, { A: "1" }), wanted, text);
});
