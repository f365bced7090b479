import assert from "node:assert/strict";
import type { RequestOptions, Transport } from "../../kube/transport.ts";
import { AccessReview } from "./access_review.ts";

/** An API server that knows one reader, and one who may nothing. */
class Reviewer {
  readonly asked: RequestOptions[] = [];
  broken = false;
  readers = /^reader$/;
  /** Answers wait for it. */
  hold: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  transport(): Transport {
    return { performRequest: (options: RequestOptions) => this.#answer(options) } as unknown as Transport;
  }

  async #answer(options: RequestOptions): Promise<unknown> {
    this.asked.push(options);
    await this.hold?.promise;
    if (this.broken) throw new Error("no answer");
    const { kind, spec } = JSON.parse(JSON.stringify(options.bodyJson));
    if (kind === "SubjectAccessReview") return { status: { allowed: this.readers.test(spec.user) } };
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

Deno.test("invented tokens push out each other, not the memory and not who was allowed", async () => {
  const { reviewer, mayGet } = review();
  await mayGet("reader");
  for (let i = 0; i < 256; i++) await mayGet(`invented-${i}`);
  const asks = async (token: string) => {
    const before = reviewer.asked.length;
    await mayGet(token);
    return reviewer.asked.length > before;
  };
  assert.equal(await asks("invented-255"), false, "still known");
  assert.equal(await asks("reader"), false, "still known");
  assert.equal(await asks("invented-0"), true, "forgotten");
});

Deno.test("those who were allowed push out each other in the end", async () => {
  const reviewer = new Reviewer();
  reviewer.readers = /./;
  const review = new AccessReview(reviewer.transport(), () => 0);
  for (let i = 0; i < 257; i++) await review.mayGet("/metrics", `reader-${i}`);
  const before = reviewer.asked.length;
  await review.mayGet("/metrics", "reader-1");
  assert.equal(reviewer.asked.length, before, "still known");
  await review.mayGet("/metrics", "reader-0");
  assert.equal(reviewer.asked.length, before + 2, "forgotten");
});

Deno.test("unknown tokens are asked about 32 at a time; who was allowed before is asked about beside them", async () => {
  const { reviewer, mayGet, pass } = review();
  assert.equal(await mayGet("reader"), "allowed");
  pass(61_000);
  reviewer.hold = Promise.withResolvers<void>();
  const invented = Array.from({ length: 32 }, (_, n) => mayGet(`invented-${n}`));
  while (reviewer.asked.length < 2 + 32) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(await mayGet("one-more"), "busy");
  const known = mayGet("reader");
  reviewer.hold.resolve();
  assert.equal(await known, "allowed");
  await Promise.all(invented);
  assert.equal(await mayGet("one-more"), "forbidden");
});
