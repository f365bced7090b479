import assert from "node:assert/strict";
import type { DockerConfig } from "../auth/docker_config.ts";
import { type Arrived, connectError, FakeServer, secretFor } from "../server_fixture.ts";
import type { ListingFaultClass } from "./fault.ts";
import type { ListingQuestion, Unfinished } from "./lister.ts";

const json = (body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { headers: { "content-type": "application/json", ...headers } });
const tags = (...names: string[]) => json({ name: "x", tags: names });
const refused = (challenge: string) =>
  new Response("{}", { status: 401, headers: { "www-authenticate": challenge } });
const user = { username: "user", password: "hunter2hunter2" };
const basic = `Basic ${btoa("user:hunter2hunter2")}`;
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `o/r${i}`);

/** Lists a repository, or with `*` in its name a pattern that takes what begins like it. */
async function list(
  server: FakeServer,
  registry: string,
  repository: string,
  credentials: readonly DockerConfig[] = [],
  acceptsTag: ListingQuestion["acceptsTag"] = () => true,
) {
  const { found, fault } = await listFrom(server, registry, repository, undefined, credentials, acceptsTag);
  return { found, fault };
}

/** The same, from where an earlier one was stopped. */
async function listFrom(
  server: FakeServer,
  registry: string,
  repository: string,
  from?: Unfinished,
  credentials: readonly DockerConfig[] = [],
  acceptsTag: ListingQuestion["acceptsTag"] = () => true,
  enough = new AbortController().signal,
) {
  const catalogue = repository.includes("*");
  const begins = repository.split("*")[0];
  const acceptsRepository = (name: string) => name.startsWith(begins);
  const { found, ...ended } = await server.lister.list(
    { registry, repository, catalogue, acceptsRepository, acceptsTag },
    [credentials],
    { signal: new AbortController().signal, enough },
    from,
  );
  const tags = Object.fromEntries(found.map((each) => [each.repository, each.tags]));
  return { fault: undefined, ...ended, found: tags };
}

Deno.test("the tags of one repository: one request", async () => {
  const server = new FakeServer().on("https://r.example/v2/org/a/tags/list?n=1000", () => tags("1", "dev"));
  const listed = await list(server, "r.example", "org/a", [], (tag) => tag !== "dev");
  assert.deepEqual(listed, { found: { "org/a": ["1"] }, fault: undefined });
  assert.equal(server.arrived.length, 1);
});

Deno.test("Docker Hub is asked under its own host, and a registry's path goes before the names", async () => {
  const hub = new FakeServer().on("https://index.docker.io/v2/org/a/tags/list?n=1000", () => tags("1"));
  assert.deepEqual((await list(hub, "docker.io", "org/a")).found, { "org/a": ["1"] });
  // The last one, cut to the length of what it does not begin with, would match.
  const repositories = ["project/a", "project/b", "other/a", "another/ab"];
  const google = new FakeServer()
    .on("https://gcr.io/v2/_catalog?n=1000", () => json({ repositories }))
    .on("https://gcr.io/v2/project/a/tags/list?n=1000", () => tags("1"));
  assert.deepEqual((await list(google, "gcr.io/project", "a*")).found, { a: ["1"] });
  assert.equal(google.arrived.length, 2);
});

// §4.2 rule 6, with the deviations of registries
Deno.test("pages: relative, absolute, unquoted, without rel, under another scheme; null is an empty list", async () => {
  const links = [
    '</v2/org/a/tags/list?last=1&n=1000>; rel="next"',
    "<https://r.example/v2/org/a/tags/list?next_page=abc&n=50>; rel=next",
    '<http://r.example/v2/org/a/tags/list?last=1>; rel="next"', // behind a proxy that ends TLS
    "</v2/org/a/tags/list?last=1>",
    '</v2/x>; rel="prev", </v2/org/a/tags/list?last=2>; title="a, b"; rel="last next"',
  ];
  for (const link of links) {
    const server = new FakeServer()
      .on("https://r.example/v2/org/a/tags/list?n=1000", () => json({ tags: ["1"] }, { link }))
      .on("https://r.example/v2/org/a/tags/list?*", () => json({ tags: ["2"] }));
    assert.deepEqual((await list(server, "r.example", "org/a")).found, { "org/a": ["1", "2"] }, link);
  }
  const harbor = new FakeServer().on("https://r.example/*", () => json({ name: "org/a", tags: null }));
  assert.deepEqual(await list(harbor, "r.example", "org/a"), { found: {}, fault: undefined });
});

Deno.test("a link that cannot be read, or leads round, is a fault; what came before it counts", async () => {
  const rows: [link: string, said: RegExp, found: Record<string, string[]>][] = [
    ["/v2/org/a/tags/list?last=1; rel=next", /header Link/, {}],
    // One that a pattern with two ways to read a space would take for ever to refuse.
    [`<x>${";a= ".repeat(60)}"`, /header Link/, {}],
    ["<http://[>; rel=next", /address that cannot be read/, {}],
    ["</v2/org/a/tags/list?n=1000>; rel=next", /without an end/, { "org/a": ["1", "1"] }],
  ];
  for (const [link, said, wanted] of rows) {
    const server = new FakeServer().on("https://r.example/*", () => json({ tags: ["1"] }, { link }));
    const { found, fault } = await list(server, "r.example", "org/a");
    assert.equal(fault?.is, "UnexpectedAnswer", link);
    assert.match(fault!.message, said);
    assert.deepEqual(found, wanted);
  }
});

Deno.test("a registry that makes up names for ever is left", async () => {
  let pages = 0;
  const server = new FakeServer().on("https://r.example/v2/org/a/*", () => {
    const link = `</v2/org/a/tags/list?page=${++pages}>; rel=next`;
    return json({ tags: Array.from({ length: 30_000 }, (_, i) => `${pages}.${i}`) }, { link });
  });
  const { fault } = await list(server, "r.example", "org/a", [], () => false);
  assert.deepEqual([fault?.is, pages], ["UnexpectedAnswer", 7]);
});

Deno.test("a link to what is no web address, or to plain HTTP elsewhere, is not followed", async () => {
  for (
    const link of ["<data:text/plain,x>; rel=next", "<http://other.example/>; rel=next", "<x:a>; rel=next"]
  ) {
    const server = new FakeServer().on("https://r.example/*", () => json({ tags: ["1"] }, { link }));
    assert.equal((await list(server, "r.example", "org/a")).fault?.is, "UnexpectedAnswer", link);
    assert.equal(server.arrived.length, 1);
  }
});

Deno.test("damaged repositories, however many, keep nobody from the sound ones between them", async () => {
  const repositories = Array.from({ length: 40 }, (_, index) => `org/r${String(index).padStart(2, "0")}`);
  const server = new FakeServer().on("https://r.example/v2/_catalog?n=1000", () => json({ repositories }));
  for (const [index, name] of repositories.entries()) {
    const damaged = index % 4 === 0;
    server.on(
      `https://r.example/v2/${name}/tags/list?n=1000`,
      () => damaged ? new Response("{}", { status: 500 }) : tags("1"),
    );
  }
  const { found, fault } = await list(server, "r.example", "org/*");
  assert.equal(Object.keys(found).length, 30);
  assert.equal(fault?.is, "ServerError");
});

Deno.test("of thousands of repositories 140 are begun in a second, after a head start of 100", async () => {
  const repositories = numbered(800);
  const server = new FakeServer().on("https://r.example/v2/_catalog?n=1000", () => json({ repositories }))
    .on("https://r.example/v2/o/*", () => tags("1"));
  const began = server.now;
  const { found } = await list(server, "r.example", "o/*");
  assert.equal(Object.keys(found).length, 800);
  assert.equal(Math.round((server.now - began) / 100), 50, "700 of them in 5 s");
});

Deno.test("few repositories wait for no pace", async () => {
  const repositories = numbered(100);
  const server = new FakeServer().on("https://r.example/v2/_catalog?n=1000", () => json({ repositories }))
    .on("https://r.example/v2/o/*", () => tags("1"));
  await list(server, "r.example", "o/*");
  assert.deepEqual(server.waits, []);
});

Deno.test("a page that fails in the middle: those before it count, and the fault says which list it was", async () => {
  const link = "</v2/_catalog?last=org/a>; rel=next";
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog?n=1000", () => json({ repositories: ["org/a"] }, { link }))
    .on("https://r.example/v2/_catalog?last=org/a", () => new Response("{}", { status: 502 }))
    .on("https://r.example/v2/org/a/tags/list?n=1000", () => tags("1"));
  const { found, fault } = await list(server, "r.example", "org/*");
  assert.deepEqual(found, { "org/a": ["1"] });
  assert.equal(fault?.is, "ServerError");
  assert.match(fault!.message, /r\.example answered the request for its repositories with HTTP 502/);
  assert.equal(server.asked.filter((each) => each.includes("last=")).length, 3, "tried three times");
});

// §4.6: the classes
Deno.test("faults: each answer in its class, with a remedy", async () => {
  const status = (status: number) => () => new Response("{}", { status });
  const page = () => new Response("<html>Sign in", { headers: { "content-type": "text/html" } });
  const rows: [() => Response | Error, ofTags: ListingFaultClass, ofRepositories: ListingFaultClass][] = [
    [status(401), "AuthFailed", "AuthFailed"],
    [status(403), "AuthFailed", "AuthFailed"],
    [status(404), "NotFound", "CatalogUnsupported"],
    [status(405), "UnexpectedAnswer", "CatalogUnsupported"],
    [status(501), "ServerError", "CatalogUnsupported"],
    [status(429), "RateLimited", "RateLimited"],
    [status(503), "ServerError", "ServerError"],
    [page, "UnexpectedAnswer", "UnexpectedAnswer"],
    [() => json([1, 2]), "UnexpectedAnswer", "UnexpectedAnswer"],
    [() => json({ tags: "all", repositories: {} }), "UnexpectedAnswer", "UnexpectedAnswer"],
    [() => json(null), "UnexpectedAnswer", "UnexpectedAnswer"],
    [() => connectError("dns error: failed to lookup"), "Unreachable", "Unreachable"],
    [() => connectError("invalid peer certificate: UnknownIssuer"), "Unreachable", "Unreachable"],
    [() => connectError("Connection refused"), "Unreachable", "Unreachable"],
  ];
  for (const [answer, ofTags, ofRepositories] of rows) {
    for (const [repository, wanted] of [["org/a", ofTags], ["org/*", ofRepositories]] as const) {
      const server = new FakeServer().on("https://r.example/*", answer);
      const { found, fault } = await list(server, "r.example", repository);
      assert.deepEqual([fault?.is, found], [wanted, {}]);
      assert.match(fault!.message, /; \S/, "has a remedy");
      assert.doesNotMatch(fault!.message, /<html>/);
    }
  }
});

Deno.test("repositories that fail are told of, and the others are taken", async () => {
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog?n=1000", () => json({ repositories: ["o/a", "o/b", "o/c", "o/d"] }))
    .on("https://r.example/v2/o/a/*", () => tags("1"))
    .on("https://r.example/v2/o/d/*", () => tags("4"));
  const { found, fault } = await list(server, "r.example", "o/*");
  assert.deepEqual(found, { "o/a": ["1"], "o/d": ["4"] });
  assert.equal(fault?.is, "NotFound");
  assert.match(fault!.message, /the tags of o\/b .*HTTP 404.*\(2 of 4 repositories were read\)$/);
});

Deno.test("a registry that is down is not asked for every repository", async () => {
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog?n=1000", () => json({ repositories: numbered(500) }))
    .on("https://r.example/*", () => new Response("{}", { status: 500 }));
  const { fault } = await list(server, "r.example", "o/*");
  assert.equal(fault?.is, "ServerError");
  assert.match(fault!.message, /\(0 of 500 repositories were read\)$/, "also those that were not asked");
  assert.ok(server.arrived.length <= 1 + 3 * 15, `${server.arrived.length} requests`);
});

// §4.2 rules 2 to 4, §4.6
Deno.test("token registries: one handshake, one token for each scope, and none again while it lives", async () => {
  const server = new FakeServer();
  const guarded = (scope: string, answer: () => Response) => ({ authorization }: Arrived) =>
    authorization === `Bearer ${scope}`
      ? answer()
      : refused(`Bearer realm="https://auth.example/t",service="s",scope="${scope}"`);
  server.on(
    "https://auth.example/*",
    ({ url }) => json({ token: new URL(url).searchParams.get("scope"), expires_in: 300 }),
  );
  const catalogue = () => json({ repositories: ["o/a", "o/b"] });
  server.on("https://r.example/v2/_catalog?n=1000", guarded("registry:catalog:*", catalogue));
  for (const name of ["o/a", "o/b"]) {
    const answer = guarded(`repository:${name}:pull`, () => tags("1"));
    server.on(`https://r.example/v2/${name}/tags/list?n=1000`, answer);
  }
  const secret = secretFor("r.example", user);
  const { found, fault } = await list(server, "r.example", "o/*", [secret]);
  assert.deepEqual([found, fault], [{ "o/a": ["1"], "o/b": ["1"] }, undefined]);
  const count = (word: string) => server.asked.filter((each) => each.includes(word)).length;
  assert.deepEqual([count("_catalog"), count("tags/list"), count("auth.example")], [2, 2, 3]);
  const shown = server.arrived.filter(({ url }) => url.includes("auth.example"));
  assert.ok(shown.every(({ authorization }) => authorization === basic));
  server.arrived.length = 0;
  await list(server, "r.example", "o/*", [secret]);
  assert.equal(server.arrived.length, 3, "an unchanged sync: a request for each page of listing");
});

Deno.test("basic registries: one 401 for the registry", async () => {
  const server = new FakeServer();
  const guarded = (answer: () => Response) => ({ authorization }: Arrived) =>
    authorization === basic ? answer() : refused('Basic realm="x"');
  server.on("https://r.example/v2/_catalog*", guarded(() => json({ repositories: ["o/a", "o/b", "o/c"] })));
  server.on("https://r.example/*", guarded(() => tags("1")));
  const { found } = await list(server, "r.example", "o/*", [secretFor("r.example", user)]);
  assert.deepEqual(Object.keys(found), ["o/a", "o/b", "o/c"]);
  assert.equal(server.arrived.length, 5);
});

Deno.test("a credential is shown to its registry alone: no foreign page, no other path", async () => {
  const link = "<https://other.example/v2/page2>; rel=next";
  const server = new FakeServer()
    .on(
      "https://r.example/*",
      ({ authorization }) =>
        authorization === basic ? json({ tags: ["1"] }, { link }) : refused('Basic realm="x"'),
    )
    .on("https://other.example/*", () => json({ tags: ["2"] }));
  const { found } = await list(server, "r.example", "org/a", [secretFor("r.example/org", user)]);
  assert.deepEqual(found, { "org/a": ["1", "2"] });
  const foreign = server.arrived.filter(({ url }) => url.includes("other"));
  assert.deepEqual(foreign.map(({ authorization }) => authorization), [null]);
});

Deno.test("pages of a registry whose own port is written out belong to it: they are asked with its credential", async () => {
  const link = "</v2/org/a/tags/list?last=1>; rel=next";
  const guarded = (answer: () => Response) => ({ authorization }: Arrived) =>
    authorization?.startsWith("Basic ") ? answer() : refused('Basic realm="x"');
  const server = new FakeServer()
    .on("https://r.example/v2/", guarded(() => json({})))
    .on("https://r.example/v2/org/a/tags/list?n=1000", guarded(() => json({ tags: ["1"] }, { link })))
    .on("https://r.example/v2/org/a/tags/list?*", guarded(() => tags("2")));
  const secret = secretFor("r.example:443", user);
  assert.deepEqual((await list(server, "r.example:443", "org/a", [secret])).found, { "org/a": ["1", "2"] });
});

Deno.test("a credential of another path is not shown", async () => {
  const server = new FakeServer().on("https://r.example/*", ({ authorization }) => {
    assert.equal(authorization, null);
    return refused('Basic realm="x"');
  });
  const { fault } = await list(server, "r.example", "orgx/a", [secretFor("r.example/org", user)]);
  assert.equal(fault?.is, "AuthFailed");
  assert.match(fault!.message, /name a pull secret/);
});

Deno.test("unchanged pages are asked for by their tag and carry no body", async () => {
  let version = 1;
  const server = new FakeServer().on(
    "https://r.example/*",
    ({ ifNoneMatch }) =>
      ifNoneMatch === `"v${version}"`
        ? new Response(null, { status: 304 })
        : json({ tags: [`${version}`] }, { etag: `"v${version}"` }),
  );
  const found = async () => (await list(server, "r.example", "org/a")).found;
  assert.deepEqual(await found(), { "org/a": ["1"] });
  assert.deepEqual(await found(), { "org/a": ["1"] });
  assert.deepEqual(server.arrived.map((each) => each.ifNoneMatch), [null, '"v1"']);
  version = 2;
  assert.deepEqual(await found(), { "org/a": ["2"] });
});

Deno.test("limits: a registry that has none left is left alone until it said", async () => {
  const server = new FakeServer();
  server.on("https://r.example/v2/_catalog*", () => json({ repositories: numbered(50) }));
  let left = 20;
  server.on("https://r.example/*", () => {
    const remaining = `${Math.max(--left, 0)};w=3600`;
    return json({ tags: ["1"] }, { "ratelimit-remaining": remaining, "ratelimit-reset": "600" });
  });
  const { found, fault } = await list(server, "r.example", "o/*");
  assert.equal(fault?.is, "RateLimited");
  assert.ok(fault!.retryAfter! > 500_000 && fault!.retryAfter! <= 600_000, String(fault!.retryAfter));
  assert.ok(Object.keys(found).length >= 20);
  assert.ok(server.arrived.length <= 1 + 20 + 10, `${server.arrived.length}: those under way, no more`);
  server.arrived.length = 0;
  assert.equal((await list(server, "r.example", "org/a")).fault?.is, "RateLimited");
  assert.equal(server.arrived.length, 0);
  server.now += 601_000;
  left = 100;
  assert.deepEqual((await list(server, "r.example", "org/a")).found, { "org/a": ["1"] });
});

Deno.test("limits: a listing that was stopped goes on where it was, and asks nothing twice", async () => {
  const server = new FakeServer();
  let left = 0;
  const limited = (answer: () => Response) => () =>
    left-- > 0 ? answer() : new Response("{}", { status: 429, headers: { "retry-after": "600" } });
  const page = (from: number) => {
    const link = from + 10 < 50 ? `</v2/_catalog?from=${from + 10}>; rel=next` : "";
    return json({ repositories: numbered(50).slice(from, from + 10) }, link === "" ? {} : { link });
  };
  server.on("https://r.example/v2/_catalog?n=1000", limited(() => page(0)));
  for (const from of [10, 20, 30, 40]) {
    server.on(`https://r.example/v2/_catalog?from=${from}`, limited(() => page(from)));
  }
  server.on("https://r.example/*", limited(() => tags("1")));
  const found = new Set<string>();
  let rest: Unfinished | undefined;
  let looks = 0;
  do {
    left = 9;
    server.now += 601_000;
    const listed = await listFrom(server, "r.example", "o/*", rest);
    for (const name of Object.keys(listed.found)) {
      assert.ok(!found.has(name), `${name} was listed twice`);
      found.add(name);
    }
    rest = listed.rest;
    assert.equal(listed.stopped, rest !== undefined);
    assert.equal(listed.fault?.is, rest === undefined ? undefined : "RateLimited");
  } while (rest !== undefined && ++looks < 20);
  assert.equal(found.size, 50);
  assert.deepEqual(rest, undefined);
  assert.ok(looks <= 7, `${looks} looks`);
});

Deno.test("a registry that sent one away is asked by no other, be it for lists or for images, and the reason stays", async () => {
  const rows: [status: number, reason: string, is: string, words: RegExp][] = [
    [429, "RateLimited", "RateLimited", /r\.example allows no more requests for now/],
    [503, "RegistryUnavailable", "ServerError", /r\.example asked to be left alone for now/],
  ];
  for (const [status, reason, is, words] of rows) {
    const away = () => new Response("{}", { status, headers: { "retry-after": "600" } });
    const listed = new FakeServer().on("https://r.example/*", away);
    await list(listed, "r.example", "o/a");
    assert.equal(listed.arrived.length, 1);
    const failure = await listed.failure("r.example/o/a:1");
    assert.equal(failure.reason, reason);
    assert.match(failure.message, words);
    assert.equal(failure.retryAfter, 600_000);
    assert.equal(listed.arrived.length, 1, "an image after a list");

    const read = new FakeServer().on("https://r.example/*", away);
    await read.failure("r.example/o/a:1");
    const { fault } = await list(read, "r.example", "o/*");
    assert.equal(fault?.is, is);
    assert.match(fault!.message, words);
    assert.equal(read.arrived.length, 1, "a list after an image");
    const other = secretFor("r.example", user);
    await list(read, "r.example", "o/a", [other]);
    assert.equal(read.arrived.length, 2, "with another credential");
  }
});

Deno.test("who may pull no more images may still list", async () => {
  const server = new FakeServer();
  server.on("https://r.example/v2/o/a/tags*", () => tags("1"));
  server.image(
    "r.example/v2/o/a",
    "1",
    {},
    ({ url }) =>
      url.includes("/manifests/")
        ? new Response("{}", { headers: { "ratelimit-remaining": "0;w=21600" } })
        : undefined,
  );
  await server.failure("r.example/o/a:1");
  assert.equal((await server.failure("r.example/o/a:1")).reason, "RateLimited");
  assert.deepEqual(await list(server, "r.example", "o/a"), { found: { "o/a": ["1"] }, fault: undefined });
});

Deno.test("limits: a registry that does not say for how long is left alone by this listing", async () => {
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog?n=1000", () => json({ repositories: numbered(500) }))
    .on("https://r.example/*", () => new Response("{}", { status: 429 }));
  const { fault, rest } = await listFrom(server, "r.example", "o/*");
  assert.deepEqual([fault?.is, rest?.repositories.length], ["RateLimited", 500]);
  assert.ok(server.arrived.length <= 1 + 3 * 8, `${server.arrived.length} requests`);
});

Deno.test("limits: of several waits that a registry asks for, the longest counts", async () => {
  const limited = (seconds: string) => () =>
    new Response("{}", { status: 429, headers: { "retry-after": seconds } });
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog?n=1000", () => json({ repositories: numbered(2) }))
    .on("https://r.example/v2/o/r0/*", limited("120"))
    .on("https://r.example/v2/o/r1/*", limited("600"));
  const { fault } = await list(server, "r.example", "o/*");
  assert.deepEqual([fault?.is, fault?.retryAfter, server.arrived.length], ["RateLimited", 600_000, 3]);
});

Deno.test("limits are those of a credential: who shows another one is asked", async () => {
  const server = new FakeServer().on(
    "https://r.example/*",
    ({ authorization }) =>
      authorization === basic ? tags("1") : new Response("{}", {
        status: authorization === null ? 401 : 429,
        headers: { "retry-after": "600", "www-authenticate": 'Basic realm="x"' },
      }),
  );
  const other = secretFor("r.example", { username: "user", password: "another" });
  assert.equal((await list(server, "r.example", "o/a", [other])).fault?.is, "RateLimited");
  const own = secretFor("r.example", user);
  assert.deepEqual((await list(server, "r.example", "o/a", [own])).found, { "o/a": ["1"] });
});

Deno.test("a listing that has no more time gives what came, and where to go on", async () => {
  const enough = new AbortController();
  const server = new FakeServer().on(
    "https://r.example/v2/_catalog?n=1000",
    () => json({ repositories: numbered(5) }),
  );
  for (const name of ["o/r0", "o/r1"]) server.on(`https://r.example/v2/${name}/*`, () => tags("1"));
  let hanging = 0;
  server.on("https://r.example/*", () => {
    if (++hanging === 3) setTimeout(() => enough.abort(), 0);
    return new Promise(() => {});
  });
  const listed = await listFrom(server, "r.example", "o/*", undefined, [], () => true, enough.signal);
  assert.deepEqual(Object.keys(listed.found), ["o/r0", "o/r1"]);
  assert.deepEqual([listed.fault?.is, listed.stopped], ["Unreachable", true]);
  assert.match(
    listed.fault!.message,
    /no time for all of it: 2 of 5 repositories were read; the next look goes on from there/,
  );
  assert.deepEqual(listed.rest, { repositories: ["o/r2", "o/r3", "o/r4"] });
});

Deno.test("a listing of thousands does not keep a small one of the same registry waiting", async () => {
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog?n=1000", () => json({ repositories: numbered(500) }))
    .on("https://r.example/v2/small/*", () => tags("1"))
    .on("https://r.example/*", () => new Promise(() => {}));
  const enough = new AbortController();
  const large = listFrom(server, "r.example", "o/*", undefined, [], () => true, enough.signal);
  while (server.arrived.length < 9) await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual((await list(server, "r.example", "small/a")).found, { "small/a": ["1"] });
  enough.abort();
  await large;
});

Deno.test("a registry is asked for the tags of ten repositories at once, by all listings together", async () => {
  const server = new FakeServer();
  for (const host of ["r.example", "other.example"]) {
    server.on(`https://${host}/v2/_catalog?n=1000`, () => json({ repositories: numbered(500) }));
  }
  server.on("https://*", () => new Promise(() => {}));
  const enough = new AbortController();
  const listings = ["r.example", "r.example", "r.example", "other.example"].map((host) =>
    listFrom(server, host, "o/*", undefined, [], () => true, enough.signal)
  );
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setTimeout(resolve, 0));
  const asked = (host: string) =>
    server.arrived.filter(({ url }) => url.startsWith(`https://${host}/v2/o/`)).length;
  assert.deepEqual([asked("r.example"), asked("other.example")], [10, 8]);
  enough.abort();
  await Promise.all(listings);
});

Deno.test("a page that is gone fails the listing that goes on there, and no other", async () => {
  const server = new FakeServer().on("https://r.example/v2/o/a/*", () => tags("1"));
  const from = { page: "https://r.example/v2/_catalog?next_page=old", repositories: ["o/a"] };
  const listed = await listFrom(server, "r.example", "o/*", from);
  assert.deepEqual([listed.found, listed.fault?.is, listed.stopped], [
    { "o/a": ["1"] },
    "CatalogUnsupported",
    false,
  ]);
});

// §4.6
Deno.test("an owner that is not there is no registry that lists nothing", async () => {
  for (const registry of ["docker.io", "ghcr.io"]) {
    const { fault } = await list(new FakeServer(), registry, "gone/aim-*", [secretFor(registry, user)]);
    assert.equal(fault?.is, "NotFound");
    assert.match(
      fault!.message,
      /of gone .*; correct the namespace or organisation at the beginning of the pattern/,
    );
  }
});

Deno.test("429 with Retry-After: a short wait is waited for, a long one is told", async () => {
  for (const [seconds, requests, fault] of [[2, 2, undefined], [120, 1, "RateLimited 120000"]] as const) {
    let first = true;
    const server = new FakeServer().on("https://r.example/*", () => {
      if (!first) return tags("1");
      first = false;
      return new Response("{}", { status: 429, headers: { "retry-after": String(seconds) } });
    });
    const told = (await list(server, "r.example", "org/a")).fault;
    assert.equal(server.arrived.length, requests);
    assert.equal(told && `${told.is} ${told.retryAfter}`, fault);
  }
});

// §4.3
Deno.test("Docker Hub's catalogue: pages by their next, a login where there is a credential", async () => {
  const next = "https://hub.docker.com/v2/namespaces/org/repositories?page=2&page_size=100";
  const server = new FakeServer()
    .on(next, () => json({ next: null, results: [{ name: "aim-b" }, { name: "tools" }, { nome: 1 }, null] }))
    .on(
      "https://hub.docker.com/v2/namespaces/org/repositories?page_size=100",
      () => json({ next, results: [{ name: "aim-a" }] }),
    )
    .on("https://hub.docker.com/v2/auth/token", () => json({ access_token: "token1token1" }))
    .on("https://index.docker.io/*", () => tags("1"));
  const { found } = await list(server, "docker.io", "org/aim-*");
  assert.deepEqual(found, { "org/aim-a": ["1"], "org/aim-b": ["1"] });
  assert.ok(server.arrived.every(({ authorization }) => authorization === null));
  server.arrived.length = 0;
  await list(server, "docker.io", "org/aim-*", [secretFor("docker.io", user)]);
  const [login, first] = server.arrived;
  assert.equal(login.method, "POST");
  assert.deepEqual(JSON.parse(login.body), { identifier: "user", secret: "hunter2hunter2" });
  assert.equal(first.authorization, "Bearer token1token1");
});

Deno.test("Docker Hub: a pattern without a namespace, and a next page elsewhere", async () => {
  for (const pattern of ["*", "*/x"]) {
    const server = new FakeServer();
    const { fault } = await list(server, "docker.io", pattern);
    assert.deepEqual([fault?.is, server.arrived.length], ["InvalidFilter", 0], pattern);
  }
  const body = { results: [], next: "https://evil.example/" };
  const server = new FakeServer().on("https://hub.docker.com/*", () => json(body));
  assert.equal((await list(server, "docker.io", "org/*")).fault?.is, "UnexpectedAnswer");
  assert.equal(server.arrived.length, 1);
});

// §4.4, §8.4
Deno.test("GHCR's catalogue: without a token there is no network call", async () => {
  const server = new FakeServer();
  const { fault } = await list(server, "ghcr.io", "acme/aim-*");
  assert.deepEqual([fault?.is, server.arrived.length], ["CredentialsMissing", 0]);
});

Deno.test("GHCR's catalogue: users after organisations, a hundred a page", async () => {
  const server = new FakeServer()
    .on("https://api.github.com/users/acme/packages*", ({ url, authorization }) => {
      assert.equal(authorization, "Bearer hunter2hunter2");
      const page = Number(new URL(url).searchParams.get("page"));
      return json(Array.from({ length: page < 3 ? 100 : 1 }, (_, i) => ({ name: `aim-${page}-${i}` })));
    })
    .on("https://ghcr.io/*", () => tags("1"));
  const { found } = await list(server, "ghcr.io", "acme/aim-*", [secretFor("ghcr.io", user)]);
  assert.equal(Object.keys(found).length, 201);
  assert.ok(server.asked[0].includes("/orgs/acme/packages?package_type=container&per_page=100&page=1"));
});

Deno.test("GHCR's catalogue: a page that is gone does not begin anew with users", async () => {
  const server = new FakeServer();
  const page = "https://api.github.com/orgs/acme/packages?package_type=container&per_page=100&page=3";
  const from = { page, repositories: [] };
  const { fault } = await listFrom(server, "ghcr.io", "acme/aim-*", from, [secretFor("ghcr.io", user)]);
  assert.equal(fault?.is, "NotFound");
  assert.deepEqual(server.asked, [`GET ${page}`]);
});

Deno.test("GitHub's 403 with nothing left is a limit, not a refusal", async () => {
  const server = new FakeServer();
  const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(server.now / 1000 + 900) };
  server.on("https://api.github.com/*", () => new Response("{}", { status: 403, headers }));
  const { fault } = await list(server, "ghcr.io", "acme/*", [secretFor("ghcr.io", user)]);
  assert.deepEqual([fault?.is, fault?.retryAfter], ["RateLimited", 900_000]);
});

Deno.test("no credential is in any fault", async () => {
  const server = new FakeServer().on("https://r.example/*", ({ authorization }) => {
    if (authorization === null) return refused('Basic realm="x"');
    const errors = [{ code: "DENIED", message: `no ${authorization} hunter2hunter2` }];
    return new Response(JSON.stringify({ errors }), { status: 403 });
  });
  const { fault } = await list(server, "r.example", "org/a", [secretFor("r.example", user)]);
  assert.equal(fault?.is, "AuthFailed");
  assert.match(fault!.message, /correct the credential/);
  assert.doesNotMatch(fault!.message, /hunter2|dXNlcjpodW50ZXIy/);
});

Deno.test("who gives up stops the requests", async () => {
  const server = new FakeServer().on("https://r.example/*", () => new Promise(() => {}));
  const abort = new AbortController();
  const accepts = () => true;
  const listing = server.lister.list(
    {
      registry: "r.example",
      repository: "o/a",
      catalogue: false,
      acceptsRepository: accepts,
      acceptsTag: accepts,
    },
    [],
    { signal: abort.signal, enough: new AbortController().signal },
  );
  abort.abort(new Error("enough"));
  await assert.rejects(listing, /enough/);
  assert.ok(server.arrived.length <= 1);
});
