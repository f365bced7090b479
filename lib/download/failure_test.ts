import assert from "node:assert/strict";
import { connectionFailure, failureFrom, retryAfterOf } from "./failure.ts";

Deno.test("a full disk is recognised in what the system says", () => {
  assert.equal(failureFrom(new Error("No space left on device (os error 28)")).class, "storageFull");
  assert.equal(failureFrom(Object.assign(new Error("x"), { code: "ENOSPC" })).class, "storageFull");
  assert.equal(failureFrom(Object.assign(new Error("x"), { code: "EDQUOT" })).class, "storageFull");
  assert.equal(failureFrom(new Error("Disk quota exceeded (os error 122)")).class, "storageFull");
  assert.equal(failureFrom(new Error("Input/output error (os error 5)")).class, "other");
});

Deno.test("a connection that breaks may be tried again, a certificate of nobody's may not", () => {
  assert.equal(connectionFailure("h", new TypeError("reset")).retryable, true);
  assert.match(connectionFailure("h", new TypeError("reset")).message, /^no connection to h: reset$/);
  const broken = connectionFailure("h", new TypeError("error reading a body from connection"));
  assert.equal(broken.retryable, true);
  assert.equal(broken.message, "the connection to h broke off");
  const rows: readonly (readonly [string, RegExp])[] = [
    ["UnknownIssuer", /^h shows a certificate that is not trusted here: UnknownIssuer; put its authority's/],
    [
      "certificate expired: verification time 2",
      /here: certificate expired: verification time 2; have it renewed/,
    ],
    [
      'certificate not valid for name "h"',
      /name "h"; name the server in the endpoint as its certificate does/,
    ],
  ];
  for (const [said, words] of rows) {
    const cause = new Error(`error sending request (https://h/?x): invalid peer certificate: ${said}`);
    const wrong = connectionFailure("h", new TypeError("x", { cause }));
    assert.equal(wrong.class, "network");
    assert.equal(wrong.retryable, false);
    assert.match(wrong.message, words);
  }
});

Deno.test("Retry-After is seconds or a date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const of = (value: string) => retryAfterOf(new Headers({ "retry-after": value }), now);
  assert.equal(of("7"), 7);
  assert.equal(of("Thu, 01 Jan 2026 00:00:30 GMT"), 30);
  assert.equal(of("Wed, 31 Dec 2025 00:00:00 GMT"), 0);
  assert.equal(of("soon"), undefined);
  assert.equal(retryAfterOf(new Headers(), now), undefined);
});
