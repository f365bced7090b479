import assert from "node:assert/strict";
import { tokenOf, userOf } from "./tokens.ts";

Deno.test("a token tells its user to who has the secret, and nobody to others", () => {
  const account = "system:serviceaccount:ml-team:default";
  assert.equal(userOf("secret", tokenOf("secret", account)), account);
  assert.equal(userOf("secret", "secret"), "admin");
  for (const token of ["", "secre", "secret2", tokenOf("other", account), "secret.*"]) {
    assert.equal(userOf("secret", token), undefined, token);
  }
});
