import assert from "node:assert/strict";
import { withoutSecrets } from "./log.ts";

const env: Record<string, string> = {
  HF_TOKEN: "hf_secret-token\n",
  AWS_SECRET_ACCESS_KEY: "a/secret+key",
  AWS_ACCESS_KEY_ID: "me",
};
const clean = (text: string) => withoutSecrets(text, (name) => env[name]);

Deno.test("secrets never get into a line", () => {
  assert.equal(clean("sent hf_secret-token twice: hf_secret-token"), "sent *** twice: ***");
  assert.equal(clean("key a/secret+key."), "key ***.");
  assert.equal(
    clean("at https://user:pass@host/x?signature=abc&y=1 failed"),
    "at https://***@host/x?*** failed",
  );
  assert.equal(clean("name me is too short to be one"), "name me is too short to be one");
});
