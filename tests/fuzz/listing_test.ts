/** What registries answer when they are asked for lists. */

import assert from "node:assert/strict";
import fc from "fast-check";
import type { HttpAnswer } from "../../lib/registry/http/exchange.ts";
import { nextPage } from "../../lib/registry/listing/link.ts";
import { pauseAfter } from "../../lib/registry/http/rate_limit.ts";
import { namesIn } from "../../lib/registry/listing/repositories.ts";
import { FakeServer, secretFor } from "../../lib/registry/server_fixture.ts";
import { fuzz, fuzzInputs, piecesOf } from "./fuzz.ts";

const asked = new URL("https://r.example/v2/_catalog?n=1000");
const day = 24 * 60 * 60_000;

/** What it returns; undefined where it throws what it may. */
function read<Output>(reader: () => Output): Output | undefined {
  try {
    return reader();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const links = piecesOf(
  [
    ...["<", ">", ";", ",", "=", '"', " ", "rel", "next", "prev", "title", "\\", "é", "a", "//", "http://["],
    ...["</v2/_catalog?last=a&n=1>", "https://other.example/", "http://u:p@r.example/", "data:x", "%", "\t"],
  ],
  ['</v2/_catalog?last=a>; rel="next"', '</a>; rel="prev", <https://r.example/b>; title="a, b"; rel=next'],
);

Deno.test(`fuzz, ${fuzzInputs} Link headers: the next page without credentials, none, or SyntaxError`, () => {
  fuzz(links, (link) => read(() => nextPage(link, asked)), (next) => {
    if (next === undefined) return;
    assert.equal(next.username + next.password + next.hash, "");
    assert.equal(next.protocol, "https:", "from a registry that speaks TLS to nobody who does not");
  });
});

Deno.test(`fuzz, ${fuzzInputs} limits: a pause of a second to a day, or none`, () => {
  const values = piecesOf(["0", "1", "00", ";w=", " ", "-", ".", "e9", "9".repeat(30), "é"], ["0;w=21600"]);
  const now = Date.parse("2026-01-01T00:00:00Z");
  const headers = fc.record({
    remaining: values,
    reset: fc.oneof(values, fc.constant(undefined)),
    isGitHub: fc.boolean(),
  });
  // What a header may not hold never arrives.
  const sendable = headers.filter(({ remaining, reset }) => /^[\t\x20-\xff]*$/.test(`${remaining}${reset}`));
  const pause = (
    { remaining, reset, isGitHub }: { remaining: string; reset?: string; isGitHub: boolean },
  ) => {
    const prefix = isGitHub ? "x-ratelimit" : "ratelimit";
    const sent = new Headers({ [`${prefix}-remaining`]: remaining });
    if (reset !== undefined) sent.set(`${prefix}-reset`, reset);
    return pauseAfter(sent, now);
  };
  fuzz(sendable, pause, (wait, { remaining }) => {
    if (wait === undefined) return;
    assert.ok(wait >= 1_000 && wait <= day, String(wait));
    assert.match(remaining, /0/);
  });
});

const names = fc.oneof(
  fc.constantFrom<unknown>("org/a", "org/b", "1.0.0", "latest", "", "..", "org/../x", "é", "a".repeat(300)),
  fc.constantFrom<unknown>(null, 1, true, [], {}, { name: "aim-a" }, { name: 1 }, { nome: "x" }),
);
const bodies = fc.oneof(
  { weight: 4, arbitrary: fc.record({ repositories: fc.array(names), tags: fc.array(names) }) },
  { weight: 2, arbitrary: fc.record({ results: fc.array(names), next: fc.oneof(links, names) }) },
  { weight: 2, arbitrary: fc.array(names, { maxLength: 120 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.constant({ repositories: null, tags: null, results: null }) },
);

Deno.test(`fuzz, ${fuzzInputs} lists: names, or SyntaxError`, () => {
  const answer = { headers: new Headers(), address: asked } as HttpAnswer;
  const list = (body: unknown) => read(() => namesIn("tags")(body, answer));
  fuzz(bodies, list, (page) => {
    for (const name of page?.names ?? []) assert.equal(typeof name, "string");
  });
});

const listings = Math.ceil(fuzzInputs / 10);

Deno.test(`fuzz, ${listings} registries: a listing ends, and shows its credential to nobody else`, async () => {
  const secret = "hunter2hunter2";
  const text = fc.oneof(
    { weight: 5, arbitrary: bodies.map((body) => JSON.stringify(body)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("<html>sign in", "", "{", `{"tags":["1"]`, '{"access_token":"t1"}'),
    },
  );
  const anyReply = fc.record({
    status: fc.oneof(
      { weight: 4, arbitrary: fc.constant(200) },
      fc.constantFrom(304, 401, 403, 404, 429, 500),
    ),
    body: text,
    link: fc.option(links.filter((each) => /^[\t\x20-\x7e]*$/.test(each))),
  });
  const elsewhere = "https://other.example/next";
  const names = ["org/a", "org/b"];
  const lists = [
    { repositories: names, tags: ["1.0.0"], results: [{ name: "a" }] },
    { repositories: names, tags: ["1.0.0"], results: [{ name: "a" }], next: elsewhere },
    [{ name: "a" }],
  ];
  // What a registry in order answers: most that comes at random ends a listing at its first request.
  const goodReply = fc.record({
    status: fc.constantFrom(200, 200, 200, 401),
    body: fc.constantFrom(...lists.map((each) => JSON.stringify(each))),
    link: fc.constantFrom(null, null, `<${elsewhere}>; rel=next`, "</v2/next>; rel=next"),
  });
  const reply = fc.oneof({ weight: 3, arbitrary: goodReply }, { weight: 1, arbitrary: anyReply });
  const question = fc.constantFrom(["r.example", "org/*"], ["docker.io", "org/*"], ["ghcr.io", "org/*"], [
    "r.example",
    "org/a",
  ]);
  const inputs = fc.tuple(question, fc.array(reply, { minLength: 1, maxLength: 6 }));
  // Else nothing of what is looked at below would have been looked at.
  const met = { lists: 0, faults: 0, shown: 0, strangers: 0 };
  await fc.assert(
    fc.asyncProperty(inputs, async ([[registry, repository], replies]) => {
      const server = new FakeServer();
      let at = 0;
      server.on("*", () => {
        const { status, body, link } = replies[at++ % replies.length];
        const headers = {
          "www-authenticate": 'Basic realm="x"',
          etag: '"1"',
          ...(link === null ? {} : { link }),
        };
        return new Response(status === 304 ? null : body, { status, headers });
      });
      const accepts = (name: string) => !name.includes("..");
      const never = new AbortController().signal;
      const { found, fault, rest } = await server.lister.list(
        {
          registry,
          repository,
          catalogue: repository.includes("*"),
          acceptsRepository: accepts,
          acceptsTag: accepts,
        },
        [[secretFor(registry, { username: "user", password: secret })]],
        { signal: never, enough: never },
      );
      met.lists += found.length;
      met.faults += fault === undefined ? 0 : 1;
      for (const each of found) {
        assert.ok(each.tags.length > 0 && each.tags.every((tag) => typeof tag === "string"));
      }
      if (fault === undefined) assert.equal(rest, undefined);
      else assert.ok(fault.message.length < 2_000 && !fault.message.includes(secret), fault.message);
      // 1,000 pages of each of ten lists, and each page after all answers that there are.
      assert.ok(server.arrived.length <= 60_000, `${server.arrived.length} requests`);
      const own = new Set(["r.example", "index.docker.io", "hub.docker.com", "ghcr.io", "api.github.com"]);
      for (const { url, authorization, body } of server.arrived) {
        met.shown += authorization === null ? 0 : 1;
        if (own.has(new URL(url).host)) continue;
        met.strangers++;
        assert.equal(authorization, null, url);
        assert.equal(body, "", url);
      }
    }),
    { numRuns: listings, endOnFailure: true },
  );
  // A third of what runs usually meet, or less.
  const least = { lists: listings / 10, faults: listings / 4, shown: listings / 5, strangers: listings / 40 };
  for (const [what, count] of Object.entries(least)) {
    assert.ok(met[what as keyof typeof met] >= count, `${what}: ${JSON.stringify(met)}`);
  }
});
