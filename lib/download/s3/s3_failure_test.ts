import assert from "node:assert/strict";
import { s3Failure } from "./s3_failure.ts";

const place = { bucket: "models", prefix: "x/" };

/** What the store or the SDK says; class, whether to try again, and words of the message. */
const rows: readonly (readonly [Record<string, unknown>, string, boolean, RegExp])[] = [
  [
    { name: "NoSuchBucket", $metadata: { httpStatusCode: 404 } },
    "notFound",
    false,
    /^S3 404 NoSuchBucket .*check the bucket/,
  ],
  [
    { name: "AccessDenied", $metadata: { httpStatusCode: 403 } },
    "auth",
    false,
    /may not list and get objects/,
  ],
  [{ name: "ExpiredToken", $metadata: { httpStatusCode: 400 } }, "auth", false, /session token has expired/],
  [
    { name: "RequestTimeTooSkewed", $metadata: { httpStatusCode: 403 } },
    "auth",
    true,
    /the clock of this node says 2026-01-01T00:00:00.000Z, and the store's says another time; set the node's clock/,
  ],
  [
    {
      name: "RequestTimeTooSkewed",
      ServerTime: "2026-01-01T00:20:00Z",
      $metadata: { httpStatusCode: 403 },
    },
    "auth",
    true,
    /the clock of this node says 2026-01-01T00:00:00.000Z, the store's 2026-01-01T00:20:00.000Z; set/,
  ],
  [
    {
      name: "RequestTimeTooSkewed",
      $metadata: { httpStatusCode: 403 },
      $response: { headers: { date: "Wed, 31 Dec 2025 23:40:00 GMT" } },
    },
    "auth",
    true,
    /the store's 2025-12-31T23:40:00.000Z/,
  ],
  [
    { name: "PermanentRedirect", BucketRegion: "eu-west-1", $metadata: { httpStatusCode: 301 } },
    "other",
    false,
    /another region; set AWS_REGION to eu-west-1/,
  ],
  [
    { name: "AuthorizationHeaderMalformed", Region: "eu-north-1", $metadata: { httpStatusCode: 400 } },
    "other",
    false,
    /set AWS_REGION to eu-north-1/,
  ],
  [{ name: "SlowDown", $metadata: { httpStatusCode: 503 } }, "network", true, /too many requests/],
  [{ name: "InternalError", $metadata: { httpStatusCode: 500 } }, "network", true, /^S3 500 InternalError/],
  [
    { name: "PreconditionFailed", $metadata: { httpStatusCode: 412 } },
    "other",
    false,
    /changed while it was downloaded/,
  ],
  [{ name: "Unknown", $metadata: { httpStatusCode: 403 } }, "auth", false, /check the credentials/],
  [{ name: "TimeoutError", message: "socket" }, "network", true, /no connection to models: socket/],
];

Deno.test("what a store says has its class, and a remedy", () => {
  for (const [said, failureClass, retryable, words] of rows) {
    const failure = s3Failure(
      Object.assign(new Error("message"), said),
      place,
      undefined,
      new Date("2026-01-01T00:00:00Z"),
    );
    assert.equal(failure.class, failureClass, String(said.name));
    assert.equal(failure.retryable, retryable, String(said.name));
    assert.match(failure.message, words);
  }
});
