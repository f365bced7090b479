import assert from "node:assert/strict";
import { apiErrorFrom, isStatus, networkErrorFrom } from "./errors.ts";

const request = { method: "POST", path: "/api/v1/pods" };

Deno.test("a Status answer becomes reason, message, details", () => {
  const body = JSON.stringify({
    kind: "Status",
    code: 409,
    reason: "Conflict",
    message: "object was modified",
    details: { name: "x", retryAfterSeconds: 7 },
  });
  const error = apiErrorFrom(request, 409, body);
  assert.deepEqual(
    [
      error.status,
      error.reason,
      error.message,
      error.details.name,
      error.retryAfterSeconds,
      error.method,
      error.path,
    ],
    [409, "Conflict", "object was modified", "x", 7, "POST", "/api/v1/pods"],
  );
  assert.ok(isStatus(error, 409) && isStatus(error, 409, "Conflict"));
  assert.ok(
    !isStatus(error, 409, "AlreadyExists") && !isStatus(error, 404) && !isStatus(new Error("x"), 409),
  );
});

Deno.test("plain text, broken JSON and no body at all still say something", () => {
  assert.equal(apiErrorFrom(request, 404, "404 page not found\n").message, "404 page not found");
  assert.equal(apiErrorFrom(request, 500, '{"kind":"Sta').message, '{"kind":"Sta');
  assert.equal(apiErrorFrom(request, 502, "").message, "HTTP status 502");
  assert.equal(apiErrorFrom(request, 404, "x").reason, "");
});

Deno.test("the header Retry-After goes before the Status", () => {
  const body = JSON.stringify({ kind: "Status", details: { retryAfterSeconds: 9 } });
  assert.equal(apiErrorFrom(request, 429, body, "1").retryAfterSeconds, 1);
  assert.equal(apiErrorFrom(request, 429, "slow down", null).retryAfterSeconds, undefined);
  assert.equal(apiErrorFrom(request, 429, "x", "Wed, 21 Oct 2015 07:28:00 GMT").retryAfterSeconds, undefined);
});

// The words of Deno 2.9's HTTP client, as it said them when these failures were made on purpose.
const failures: [string, string, boolean][] = [
  [
    "client error (Connect): tcp connect error: Connection refused (os error 111)",
    "ConnectionRefused",
    false,
  ],
  [
    "client error (Connect): dns error: failed to lookup address information: Name or service not known",
    "DNSFailure",
    false,
  ],
  ["client error (Connect): tcp connect error: Connection timed out (os error 110)", "NetworkTimeout", false],
  ["client error (Connect): invalid peer certificate: UnknownIssuer", "TLS", false],
  ["client error (Connect): received corrupt message of type InvalidContentType", "TLS", false],
  ["client error (Connect): unsuccessful tunnel", "NetworkError", false],
  ["client error (SendRequest): connection closed before message completed", "ConnectionReset", true],
  ["client error (SendRequest): Connection reset by peer (os error 104)", "ConnectionReset", true],
  ["error reading a body from connection", "ConnectionReset", true],
];

for (const [words, kind, sent] of failures) {
  Deno.test(`${words} is ${kind}, ${sent ? "perhaps" : "surely not"} sent`, () => {
    const cause = new Error(`error sending request for url (https://x/): ${words}`);
    const error = networkErrorFrom(request, new TypeError("fetch failed", { cause }));
    assert.deepEqual([error.kind, error.sent, error.method, error.path], [
      kind,
      sent,
      "POST",
      "/api/v1/pods",
    ]);
    assert.ok(error.message.includes(words));
  });
}
