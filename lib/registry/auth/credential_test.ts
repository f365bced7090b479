import assert from "node:assert/strict";
import { Credential, type CredentialParts } from "./credential.ts";

const parts: readonly CredentialParts[] = [
  { username: "user", password: "hunter2" },
  { username: "user", password: "hunter3" },
  { username: "user2", password: "hunter2" },
  { username: "user" },
  { username: "user", password: "hunter2", identityToken: "token" },
  { username: "user", password: "hunter2", registryToken: "token" },
  { identityToken: "token" },
  { registryToken: "token" },
  { identityToken: "token2" },
];

Deno.test("credentials that differ in anything have other fingerprints, equal ones the same", () => {
  const prints = parts.map((each) => new Credential(each).fingerprint);
  assert.equal(new Set(prints).size, parts.length);
  assert.deepEqual(parts.map((each) => new Credential({ ...each }).fingerprint), prints);
});

Deno.test("a fingerprint, a log and a text of a credential show nothing of it", () => {
  for (const each of parts) {
    const credential = new Credential(each);
    const shown = [
      credential.fingerprint,
      JSON.stringify({ credential }),
      Deno.inspect({ credential }, { depth: 9 }),
      `${credential}`,
    ].join("\n");
    for (const secret of credential.secrets()) assert.ok(!shown.includes(secret), shown);
    assert.doesNotMatch(shown, /hunter|token/);
  }
});

Deno.test("what must not be told: the password, the tokens, and the pair as it is sent", () => {
  const [both] = parts;
  assert.deepEqual(new Credential(both).secrets(), ["hunter2", btoa("user:hunter2")]);
  assert.deepEqual(new Credential({ identityToken: "a", registryToken: "b" }).secrets(), ["a", "b"]);
  assert.equal(new Credential({ identityToken: "a" }).basic(), undefined);
  assert.equal(new Credential({ username: "é", password: "→" }).basic(), "Basic w6k64oaS");
});
