import assert from "node:assert/strict";
import type { RequestOptions, Transport } from "../../kube/transport.ts";
import { AccessReview } from "./access_review.ts";

/** An API server that knows one reader, and one who may nothing. */
class Reviewer {
  readonly asked: RequestOptions[] = [];
  broken = false;

  transport(): Transport {
    return { performRequest: (options: RequestOptions) => this.#answer(options) } as unknown as Transport;
  }

  // deno-lint-ignore require-await -- a refusal is a rejected promise
  async #answer(options: RequestOptions): Promise<unknown> {
    this.asked.push(options);
    if (this.broken) throw new Error("no answer");
    const { kind, spec } = JSON.parse(JSON.stringify(options.bodyJson));
    if (kind === "SubjectAccessReview") return { status: { allowed: spec.user === "reader" } };
    if (spec.token === "nobody") return { status: { authenticated: false } };
    return { status: { authenticated: true, user: { username: spec.token, groups: ["all"], uid: "7" } } };
  }
}

function review(): {
  reviewer: Reviewer;
  mayGet: (token: string) => Promise<string>;
  pass: (ms: number) => void;
} {
  const reviewer = new Reviewer();
  let now = 0;
  const review = new AccessReview(reviewer.transport(), () => now);
  return { reviewer, mayGet: (token) => review.mayGet("/metrics", token), pass: (ms) => now += ms };
}

Deno.test("who it is comes from a TokenReview, what they may from a SubjectAccessReview", async () => {
  const { reviewer, mayGet } = review();
  assert.equal(await mayGet("reader"), "allowed");
  assert.equal(await mayGet("stranger"), "forbidden");
  assert.equal(await mayGet("nobody"), "unauthenticated");
  assert.deepEqual(reviewer.asked.map(({ method, path }) => `${method} ${path}`), [
    "POST /apis/authentication.k8s.io/v1/tokenreviews",
    "POST /apis/authorization.k8s.io/v1/subjectaccessreviews",
    "POST /apis/authentication.k8s.io/v1/tokenreviews",
    "POST /apis/authorization.k8s.io/v1/subjectaccessreviews",
    "POST /apis/authentication.k8s.io/v1/tokenreviews",
  ]);
  assert.deepEqual((reviewer.asked[1].bodyJson as { spec: unknown }).spec, {
    user: "reader",
    uid: "7",
    groups: ["all"],
    extra: undefined,
    nonResourceAttributes: { verb: "get", path: "/metrics" },
  });
});

Deno.test("a verdict holds for a minute, whatever it is; then it is asked again", async () => {
  const { reviewer, mayGet, pass } = review();
  for (const token of ["reader", "nobody"]) {
    await mayGet(token);
    const before = reviewer.asked.length;
    pass(59_999);
    await mayGet(token);
    assert.equal(reviewer.asked.length, before);
    pass(1);
    await mayGet(token);
    assert.ok(reviewer.asked.length > before);
  }
});

Deno.test("scrapes at the same time share one review", async () => {
  const { reviewer, mayGet } = review();
  assert.deepEqual(await Promise.all([mayGet("reader"), mayGet("reader")]), ["allowed", "allowed"]);
  assert.equal(reviewer.asked.length, 2);
});

Deno.test("without an answer of the API server there is no verdict, and none is remembered", async () => {
  const { reviewer, mayGet } = review();
  reviewer.broken = true;
  await assert.rejects(mayGet("reader"), /no answer/);
  reviewer.broken = false;
  assert.equal(await mayGet("reader"), "allowed");
});

Deno.test("invented tokens push out old verdicts, not the memory", async () => {
  const { reviewer, mayGet } = review();
  await mayGet("reader");
  for (let i = 0; i < 256; i++) await mayGet(`invented-${i}`);
  const before = reviewer.asked.length;
  await mayGet("invented-255");
  assert.equal(reviewer.asked.length, before, "still known");
  await mayGet("reader");
  assert.equal(reviewer.asked.length, before + 2, "forgotten");
});
