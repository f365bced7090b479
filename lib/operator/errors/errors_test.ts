import assert from "node:assert/strict";
import { passesSoon } from "../apply/write_errors.ts";
import { ApiError, NetworkError, type NetworkErrorKind } from "../../kube/errors.ts";
import { classify, classifyRejection } from "./classify.ts";
import { ClassifiedError } from "./errors.ts";
import { foreignReason } from "./reasons.ts";

const api = (status: number, reason = "", message = "m", method = "GET", path = "/api/v1/nodes/n") =>
  new ApiError({ status, reason, message, method, path });
const short = ({ category, reason }: { category: string; reason: string }) => `${category} ${reason}`;

Deno.test("API errors of reads: conventions.md §5.1", () => {
  const rows: [ApiError, string][] = [
    [api(404, "NotFound"), "MissingDownstream NotFound"],
    [api(401, "Unauthorized"), "Auth Unauthorized"],
    [api(422, "Invalid"), "InvalidSpec InvalidSpec"],
    [api(409, "AlreadyExists"), "InvalidSpec AlreadyExists"],
    [api(409, "Conflict"), "Infrastructure Conflict"],
    [api(504, "Timeout"), "Infrastructure Timeout"],
    [api(500, "ServerTimeout"), "Infrastructure Timeout"],
    [api(503, "ServiceUnavailable"), "Infrastructure ServiceUnavailable"],
    [api(500, "InternalError"), "Infrastructure ServiceUnavailable"],
    [api(429, "TooManyRequests"), "Infrastructure RateLimited"],
    [api(500), "Infrastructure ServerError"],
    [api(502), "Infrastructure ServerError"],
    [api(400, "BadRequest"), "InvalidSpec ClientError"],
    [api(405, "MethodNotAllowed"), "InvalidSpec ClientError"],
    [api(410, "Gone"), "Infrastructure Gone"],
    [api(410, "Expired"), "Infrastructure Gone"],
    [api(408), "Infrastructure Timeout"],
  ];
  for (const [error, expected] of rows) assert.equal(short(classify(error)), expected, `${error.status}`);
  assert.equal(classify(api(404, "NotFound", "gone")).message, "gone");
});

Deno.test("a right that the operator lacks is named, and is not the user's fault", () => {
  const error = api(403, "Forbidden", "m", "GET", "/apis/batch/v1/namespaces/ml/jobs");
  const found = classify(error);
  assert.equal(short(found), "Infrastructure Forbidden");
  assert.equal(
    found.message,
    "the operator has no permission to list jobs.batch in namespace ml; the rule to add to its role: " +
      "{apiGroups: [batch], resources: [jobs], verbs: [list]}; the API server says: m",
  );
});

Deno.test("network errors: conventions.md §5.1", () => {
  const rows: [NetworkErrorKind, string][] = [
    ["ConnectionRefused", "ConnectionRefused"],
    ["NetworkTimeout", "NetworkTimeout"],
    ["ConnectionReset", "ConnectionReset"],
    ["DNSFailure", "DNSFailure"],
    ["TLS", "TLSFailure"],
    ["NetworkError", "NetworkError"],
  ];
  for (const [kind, reason] of rows) {
    const error = new NetworkError(kind, "m", { sent: false, method: "GET", path: "/" });
    assert.equal(short(classify(error)), `Infrastructure ${reason}`);
  }
});

Deno.test("the outermost classified error decides, through any wrapping", () => {
  const inner = new ClassifiedError("Auth", "AuthError", "inner", { cause: api(404, "NotFound") });
  const outer = new ClassifiedError("MissingUpstream", "SecretNotFound", "outer", { cause: inner });
  assert.deepEqual(classify(new Error("wrapped", { cause: outer })), {
    category: "MissingUpstream",
    reason: "SecretNotFound",
    message: "outer",
  });
  const wrapped = classify(new Error("reading", { cause: api(503, "ServiceUnavailable") }));
  assert.deepEqual(wrapped, {
    category: "Infrastructure",
    reason: "ServiceUnavailable",
    message: "reading",
  });
});

Deno.test("anything else is Unknown with its text", () => {
  for (
    const [thrown, message] of [
      [new Error("boom"), "boom"],
      ["text", "text"],
      [new TypeError(), "TypeError"],
      [undefined, "undefined"],
    ] as const
  ) {
    assert.deepEqual(classify(thrown), { category: "Unknown", reason: "UnknownError", message });
  }
  const ring = new Error("ring");
  ring.cause = ring;
  assert.equal(classify(ring).message, "ring");
});

Deno.test("refused children keep the API's reason and are a fault of the configuration (services.md §2.3)", () => {
  const rbac =
    'jobs.batch "x" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "jobs" in API group "batch"';
  const quota = 'pods "x" is forbidden: exceeded quota: q';
  const terminating = new ApiError({
    status: 403,
    reason: "Forbidden",
    message:
      'pods "x" is forbidden: unable to create new content in namespace a because it is being terminated',
    details: { causes: [{ reason: "NamespaceTerminating", field: "metadata.namespace" }] },
    method: "PATCH",
    path: "/",
  });
  const rows: [unknown, string][] = [
    [api(422, "Invalid"), "InvalidSpec Invalid"],
    [api(403, "Forbidden", quota, "PATCH"), "ResourceExhaustion QuotaExceeded"],
    [
      api(403, "Forbidden", 'pods "x" is forbidden: violates PodSecurity "restricted"'),
      "InvalidSpec Forbidden",
    ],
    [terminating, "MissingDownstream NamespaceTerminating"],
    [api(403, "Forbidden", rbac, "PATCH"), "Infrastructure Forbidden"],
    [api(400, "BadRequest"), "InvalidSpec BadRequest"],
    [api(400), "InvalidSpec ClientError"],
    [api(413, "RequestEntityTooLarge"), "InvalidSpec RequestEntityTooLarge"],
    [api(409, "AlreadyExists"), "InvalidSpec AlreadyExists"],
    [api(409, "Conflict"), "Infrastructure Conflict"],
    [api(404, "NotFound"), "MissingDownstream NotFound"],
    [api(401, "Unauthorized"), "Auth Unauthorized"],
    [api(429, "TooManyRequests"), "Infrastructure RateLimited"],
    [api(500, "InternalError", "failed calling webhook"), "Infrastructure ServiceUnavailable"],
    [new Error("boom"), "Unknown UnknownError"],
  ];
  for (const [error, expected] of rows) assert.equal(short(classifyRejection(error)), expected);
});

Deno.test("a webhook that does not answer is told by its code, though it has the patience of a busy API server", () => {
  // As the API server 1.35 answers: what it says in `details` is the text again, without a reason or a field.
  const message = 'failed calling webhook "gate.example.com": connection refused';
  const error = new ApiError({
    status: 500,
    reason: "InternalError",
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
    method: "PATCH",
    path: "/",
  });
  const { reason, code } = classifyRejection(error);
  assert.equal(code, "AIM-0812");
  assert.ok(passesSoon.has(reason));
});

Deno.test("foreign reasons are those that the schema accepts, else Unknown (conventions.md §6.1)", () => {
  for (const good of ["A", "NotAllowedByListeners", "a1_,:b", "A".repeat(1024)]) {
    assert.equal(foreignReason(good), good);
  }
  for (const bad of [undefined, "", "1a", "a b", "a-b", "a:", "a,", "A".repeat(1025), "é"]) {
    assert.equal(foreignReason(bad), "Unknown");
  }
});
