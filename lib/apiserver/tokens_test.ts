import assert from "node:assert/strict";
import { administrator, userOf } from "./user.ts";
import { holderOf, tokenOf } from "./tokens.ts";

Deno.test("a token tells its user to who has the secret, and nobody to others", () => {
  const account = userOf("system:serviceaccount:ml-team:défaut");
  const token = tokenOf("secret", account);
  assert.deepEqual(holderOf("secret", token), account);
  assert.deepEqual(holderOf("secret", "secret"), administrator);
  const [said, signature] = token.split(".");
  const forged = tokenOf("another", administrator).split(".")[0];
  for (
    const bad of [
      "",
      ".",
      "secre",
      "secret2",
      "secret.x",
      said,
      tokenOf("other", account),
      `${forged}.${signature}`,
    ]
  ) {
    assert.equal(holderOf("secret", bad), undefined, bad);
  }
  assert.ok(!token.includes("secret"));
});
