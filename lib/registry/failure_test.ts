import assert from "node:assert/strict";
import { errorText, networkFailure, scrubbed } from "./failure.ts";
import { connectError } from "./server_fixture.ts";

Deno.test("what a registry says about an error, in one line", () => {
  const rows: [body: unknown, text: string | undefined][] = [
    [{ errors: [{ code: "DENIED", message: "no  access\n here" }] }, "DENIED: no access here"],
    [{ errors: [{ code: "A" }, { message: "b" }, null, { code: "C" }] }, "A; b"],
    [{ errors: [1, 2, 3].map((n) => ({ code: `E${n}` })).concat({ code: "E4" }) }, "E1; E2; E3"],
    [{ error: "invalid_grant", error_description: "expired" }, "invalid_grant; expired"],
    [{ details: "incorrect username or password" }, "incorrect username or password"],
    [{ message: "a\u0000\u202eb" }, "a b"],
    [{ message: "x".repeat(1000) }, "x".repeat(300)],
    [{ errors: [] }, undefined],
    [{ errors: [{ message: 1 }] }, undefined],
    [{}, undefined],
    [[], undefined],
    [null, undefined],
    ["text", undefined],
  ];
  for (const [body, text] of rows) assert.equal(errorText(JSON.stringify(body)), text, JSON.stringify(body));
  for (const body of ["", "<html>no</html>", "no such host"]) assert.equal(errorText(body), undefined);
});

Deno.test("the words of a failure have no address, which may carry a signature", () => {
  const cause = new Error(
    "error sending request from 127.0.0.1:5 for https://u:p@x/y?signature=abc (1.2.3.4:5): closed",
  );
  const { words } = networkFailure(new TypeError("fetch failed", { cause }));
  assert.equal(words, "error sending request from 127.0.0.1:5 for (address) (1.2.3.4:5): closed");
  assert.equal(networkFailure(connectError("Connection refused")).words, "Connection refused");
  assert.equal(networkFailure("odd").reason, "NetworkError");
});

Deno.test("every secret is taken out, wherever it stands", () => {
  assert.equal(scrubbed("abc a.b abc", ["abc", ""]), "[redacted] a.b [redacted]");
});
