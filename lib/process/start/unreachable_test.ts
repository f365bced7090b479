import assert from "node:assert/strict";
import { ApiError, networkErrorFrom } from "../../kube/errors.ts";
import { unreachable } from "./unreachable.ts";

const request = { method: "GET", path: "/api/v1" };
const access = { server: new URL("https://10.0.0.1:6443"), origin: "in-cluster service account" };
/** Words of Deno's HTTP client, as it was seen to say them. */
const broken = (words: string) =>
  networkErrorFrom(request, new TypeError("fetch failed", { cause: new Error(words) }));
const refused = (status: number) => new ApiError({ ...request, status, message: "no" });

const rows: [what: string, failure: unknown, says: RegExp][] = [
  [
    "nobody listens",
    broken("client error (Connect): tcp connect error: Connection refused (os error 111)"),
    /cannot be reached; check its address and the network: .*Connection refused/,
  ],
  [
    "no such host",
    broken("client error (Connect): dns error: failed to lookup address information"),
    /cannot be reached/,
  ],
  [
    "an expired certificate",
    broken(
      "client error (Connect): invalid peer certificate: certificate expired: verification time 2 (UNIX)",
    ),
    /has a certificate that has expired; have it renewed, or set this machine's clock right/,
  ],
  [
    "a certificate of tomorrow",
    broken(
      "client error (Connect): invalid peer certificate: certificate not valid yet: verification time 2",
    ),
    /is not valid yet; set this machine's clock right/,
  ],
  [
    "another name",
    broken('client error (Connect): invalid peer certificate: certificate not valid for name "10.0.0.1"'),
    /for another name/,
  ],
  [
    "another authority",
    broken("client error (Connect): invalid peer certificate: UnknownIssuer"),
    /not trusted/,
  ],
  [
    "credentials",
    refused(401),
    /does not accept these credentials; a token or client certificate may have expired/,
  ],
  ["no right to ask", refused(403), /ClusterRole system:discovery/],
];
for (const [what, failure, says] of rows) {
  Deno.test(`the first request: ${what}`, () => {
    const { message } = unreachable(failure, access) as Error;
    assert.match(message, /^the API server https:\/\/10\.0\.0\.1:6443 \(in-cluster service account\) /);
    assert.match(message, says);
    assert.doesNotMatch(message, /\n/);
  });
}

Deno.test("the first request: what says enough stays as it is", () => {
  for (const failure of [refused(500), new Error("the cluster has no aimservices")]) {
    assert.equal(unreachable(failure, access), failure);
  }
});
