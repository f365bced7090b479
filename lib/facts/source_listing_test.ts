import assert from "node:assert/strict";
import { ApiError } from "../kube/errors.ts";
import type { Transport } from "../kube/transport.ts";
import { ManualClock } from "../operator/core/clock_fixture.ts";
import { Facts } from "../operator/runner/facts.ts";
import { FakeServer } from "../registry/server_fixture.ts";
import { type SourceListing, sourceListing, sourceListingSource, waitAfter } from "./source_listing.ts";
import type { SourceQuestion } from "./source_listing.ts";

const hour = 3_600_000;
const question: SourceQuestion = {
  uid: "u",
  filters: [{ image: "r.example/org/a" }],
  defaults: {},
  namespace: "aim-system",
  pullSecrets: [],
  interval: hour,
};
const json = (body: unknown) => new Response(JSON.stringify(body));
const tags = (...names: string[]) => json({ tags: names });
const pullSecret = (host: string) => ({
  type: "kubernetes.io/dockerconfigjson",
  data: {
    ".dockerconfigjson": btoa(JSON.stringify({ auths: { [host]: { username: "u", password: "hunter2" } } })),
  },
});

/** Stands for the API server; what it says of secrets is tried on a real one in tests/catalogue. */
function apiServer(secrets: Record<string, unknown>): Transport {
  const performRequest = ({ method, path }: { method: string; path: string }) => {
    const found = secrets[path.split("/").at(-1)!];
    if (found !== undefined) return Promise.resolve(found);
    return Promise.reject(
      new ApiError({ method, path, status: 404, reason: "NotFound", message: "not found" }),
    );
  };
  return { performRequest } as unknown as Transport;
}

function setup(server: FakeServer, secrets: Record<string, unknown> = {}, random = () => Math.random()) {
  const clock = new ManualClock();
  /** Ends of time that the source has asked for, by their length in minutes, the last of each. */
  const ends = new Map<number, AbortController>();
  const timeout = (milliseconds: number) => {
    const end = new AbortController();
    ends.set(milliseconds / 60_000, end);
    return end.signal;
  };
  const woken: string[] = [];
  const facts = new Facts(clock, (name) => woken.push(name), random);
  const environment = { now: () => clock.now(), random, timeout };
  const source = sourceListingSource(
    apiServer(secrets),
    server.lister,
    () => Promise.resolve([]),
    environment,
  );
  facts.provide(source);
  const ask = (more: Partial<SourceQuestion> = {}) => facts.ask(sourceListing, { ...question, ...more });
  const settled = async () => {
    while (!facts.idle) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  /** One look, without what keeps it. */
  const look = (more: Partial<SourceQuestion> = {}, before?: SourceListing) =>
    source.fetch({ ...question, ...more }, new AbortController().signal, before);
  return { clock, facts, woken, ask, settled, look, ends };
}

// issue 14: obeyed within 10 % over 20 intervals
Deno.test("twenty intervals: a look in each, never two, and their mean is the interval", async () => {
  const server = new FakeServer().on("https://r.example/*", () => tags("1"));
  const { clock, ask, settled } = setup(server);
  ask();
  await settled();
  const began = clock.now();
  const times: number[] = [];
  while (times.length < 20) {
    const before = server.arrived.length;
    clock.advanceTo(clock.next()!);
    await settled();
    if (server.arrived.length > before) times.push(clock.now());
    assert.ok(server.arrived.length - before <= 1);
  }
  const mean = (times[19] - began) / 20;
  assert.ok(Math.abs(mean - hour) <= hour / 10, `${mean / 1000} s`);
  for (const [at, time] of times.entries()) {
    const length = time - (times[at - 1] ?? began);
    assert.ok(Math.abs(length - hour) <= hour / 10 + 1_000, `${length / 1000} s`);
  }
});

// A thousand sources that a restart let ask together do not stay together.
Deno.test("the interval is jittered over all of the 10 %", async () => {
  for (const [random, share] of [[0, 0.9], [0.5, 1], [0.999, 1.0998]]) {
    const server = new FakeServer().on("https://r.example/*", () => tags("1"));
    const { clock, look } = setup(server, {}, () => random);
    const { next } = await look();
    assert.ok(Math.abs(Date.parse(next) - clock.now() - share * hour) <= 1_000, `${random}: ${next}`);
  }
});

Deno.test("what a registry has no more is found no more in the next round", async () => {
  let repositories = ["org/a", "org/b"];
  let versions = ["1", "2"];
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog*", () => json({ repositories }))
    .on("https://r.example/*", () => tags(...versions));
  const { clock, look } = setup(server);
  const more = { filters: [{ image: "r.example/org/*" }, { image: "r.example/org/a" }] };
  const first = await look(more);
  assert.equal(first.images, 4);
  clock.advanceTo(clock.now() + 2 * hour);
  [repositories, versions] = [["org/c"], ["2"]];
  const second = await look(more, first);
  assert.deepEqual(second.found, [
    { registry: "r.example", repository: "org/c", references: ["2"] },
    { registry: "r.example", repository: "org/a", references: ["2"] },
  ]);
});

Deno.test("what an earlier process found stands until it is due; an edit asks at once", async () => {
  const server = new FakeServer().on("https://r.example/*", () => tags("1"));
  const { clock, ask, settled } = setup(server);
  const due = clock.now() + 600_000;
  assert.equal(ask({ due }).state, "pending");
  await settled();
  clock.advanceTo(due - 1);
  await settled();
  assert.equal(server.arrived.length, 0);
  clock.advanceTo(due);
  await settled();
  assert.equal(ask({ due: due + hour }).state, "known", "when it is due is no part of the question");
  assert.equal(server.arrived.length, 1);
  ask({ filters: [{ image: "r.example/org/b" }] });
  await settled();
  assert.equal(server.arrived.length, 2);
});

Deno.test("what an earlier process found in a part only is tried again after a minute, if it is not due before", async () => {
  const server = new FakeServer().on("https://r.example/*", () => tags("1"));
  const { clock, ask, settled } = setup(server);
  const began = clock.now();
  ask({ due: began + 24 * hour, isPartial: true });
  ask({ uid: "soon", due: began + 10_000, isPartial: true });
  for (const [after, asked] of [[9_999, 0], [10_000, 1], [53_999, 1], [66_000, 2]] as const) {
    clock.advanceTo(began + after);
    await settled();
    assert.equal(server.arrived.length, asked, `after ${after} ms`);
  }
});

Deno.test("who cannot wait any more is served before it is due, and asked for once", async () => {
  const server = new FakeServer().on("https://r.example/*", () => tags("1"));
  const { clock, ask, settled } = setup(server);
  ask({ due: clock.now() + hour });
  ask();
  ask({ due: clock.now() + hour });
  await settled();
  assert.equal(ask().state, "known");
  assert.equal(server.arrived.length, 1);
});

Deno.test("one source that hangs holds up no other, and has one look under way", async () => {
  const server = new FakeServer()
    .on("https://slow.example/*", () => new Promise(() => {}))
    .on("https://r.example/*", () => tags("1"));
  const { facts, ask } = setup(server);
  for (let i = 0; i < 30; i++) ask({ uid: `slow${i}`, filters: [{ image: `slow.example/org/a` }] });
  ask();
  for (let i = 0; i < 1_000 && ask().state === "pending"; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.equal(ask().state, "known");
  facts.stop();
});

Deno.test("filters in their order, repositories by name, newest first, each image once", async () => {
  const server = new FakeServer()
    .on("https://r.example/v2/_catalog*", () => json({ repositories: ["org/b", "org/a", "x/c", "Bad/Name"] }))
    .on("https://r.example/v2/org/a/*", () => tags("0.9.0", "latest", "0.10.0", "bad tag", "x".repeat(200)))
    .on("https://r.example/v2/org/b/*", () => tags("1.0.0"));
  const { look } = setup(server);
  const filters = [{ image: "org/a:0.9.0" }, { image: "org/*" }, { image: "org/a:0.9.0" }];
  const found = await look({ filters, defaults: { registry: "r.example" } });
  assert.deepEqual(found.found, [
    { registry: "r.example", repository: "org/a", references: ["0.9.0"] },
    { registry: "r.example", repository: "org/a", references: ["0.10.0", "latest"] },
    { registry: "r.example", repository: "org/b", references: ["1.0.0"] },
  ]);
  assert.deepEqual([found.images, found.filters, found.answered, found.failures], [4, 3, 3, []]);
});

Deno.test("filters that fail are told of, and the others go on; nothing widens", async () => {
  const server = new FakeServer().on("https://r.example/v2/org/a/*", () => tags("1.0.0"));
  const { look } = setup(server);
  const filters = [
    { image: "Org/A" },
    { image: "r.example/org/a", versions: ["nonsense"] },
    { image: "r.example/org/gone" },
    { image: "r.example/org/a" },
    { image: "ghcr.io/acme/*" },
  ];
  const found = await look({ filters });
  assert.deepEqual(found.found.map(({ repository }) => repository), ["org/a"]);
  assert.deepEqual(found.failures.map(({ image, is }) => [image, is]), [
    ["Org/A", "InvalidFilter"],
    ["r.example/org/a", "InvalidFilter"],
    ["r.example/org/gone", "NotFound"],
    ["ghcr.io/acme/*", "CredentialsMissing"],
  ]);
  assert.match(found.failures[1].message, /"nonsense"/);
  assert.deepEqual([found.answered, found.incomplete], [1, 1]);
  assert.equal((await look({ filters }, found)).incomplete, 2);
});

Deno.test("a source's registry with a scheme other than https, or none that is one, fails what goes by it", async () => {
  const server = new FakeServer().on("https://r.example/*", () => tags("1"));
  const { look } = setup(server);
  for (const registry of ["http://r.example", "r example", "ftp://r.example/x", "r.example/UP"]) {
    const found = await look({
      defaults: { registry },
      filters: [{ image: "org/a" }, { image: "r.example/org/a" }],
    });
    assert.deepEqual(
      found.failures.map(({ is }) => is),
      ["InvalidFilter"],
      registry,
    );
  }
  assert.deepEqual(
    (await look({ defaults: { registry: "https://r.example/" }, filters: [{ image: "org/a" }] })).images,
    1,
  );
});

Deno.test("pull secrets: used for their registry; a missing or bad one is a remark until the registry refuses", async () => {
  const open = new FakeServer().on("https://r.example/*", () => tags("1"));
  const secrets = {
    good: pullSecret("r.example"),
    odd: { type: "Opaque" },
    broken: { ...pullSecret("x"), data: {} },
  };
  const remarked = await setup(open, secrets).look({ pullSecrets: ["gone", "odd", "broken", "good"] });
  assert.deepEqual([remarked.images, remarked.failures.length, remarked.remarks.length], [1, 0, 3]);
  assert.match(remarked.remarks[0], /no pull secret aim-system\/gone/);

  const closed = new FakeServer().on(
    "https://r.example/*",
    ({ authorization }) =>
      authorization === `Basic ${btoa("u:hunter2")}`
        ? tags("1")
        : new Response("{}", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } }),
  );
  const { look } = setup(closed, secrets);
  assert.equal((await look({ pullSecrets: ["good"] })).images, 1);
  const [refused] = (await look({ pullSecrets: ["gone"] })).failures;
  assert.equal(refused.is, "SecretNotFound");
  assert.match(refused.message, /no pull secret aim-system\/gone; create it/);
  assert.equal((await look()).failures[0].is, "AuthFailed");
});

Deno.test("a Secret that disappears between two looks: the next one says so, and looks soon", async () => {
  const secrets: Record<string, unknown> = { s: pullSecret("r.example") };
  const server = new FakeServer().on(
    "https://r.example/*",
    ({ authorization }) =>
      authorization === null
        ? new Response("{}", { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } })
        : tags("1"),
  );
  const { clock, ask, settled } = setup(server, secrets, () => 0.5);
  const known = () => ask({ pullSecrets: ["s"] }) as { value: SourceListing };
  known();
  await settled();
  assert.equal(known().value.images, 1);
  delete secrets.s;
  clock.advanceTo(clock.next()!);
  await settled();
  assert.equal(known().value.failures[0].is, "SecretNotFound");
  assert.equal(Date.parse(known().value.next) - clock.now(), 30_000);
});

/** A registry that refuses some of its repositories, and counts what it is asked. */
function registry(isRefused: (path: string) => number | undefined) {
  const server = new FakeServer();
  server.on("https://r.example/*", ({ url }) => {
    const status = isRefused(new URL(url).pathname);
    return status === undefined
      ? tags("1")
      : new Response("{}", { status, headers: { "retry-after": "600" } });
  });
  const asked = () => server.arrived.splice(0).map(({ url }) => new URL(url).pathname.split("/")[3]);
  return { server, asked };
}

const filtersOf = (...names: string[]) => names.map((name) => ({ image: `r.example/org/${name}` }));

Deno.test("one bad filter: it alone is asked again, until all are when the interval is over", async () => {
  let isGone = true;
  const { server, asked } = registry((path) => isGone && path.includes("/b/") ? 404 : undefined);
  const { clock, ask, settled } = setup(server, {}, () => 0.5);
  const more = { filters: filtersOf("a", "b", "c") };
  const known = () => (ask(more) as { value: SourceListing }).value;
  ask(more);
  await settled();
  assert.deepEqual(asked(), ["a", "b", "c"]);
  const began = known().at;
  const next = async () => {
    clock.advanceTo(clock.next()!);
    await settled();
    return asked();
  };
  for (const incomplete of [2, 3, 4]) {
    assert.deepEqual(await next(), ["b"]);
    assert.deepEqual([known().incomplete, known().images, known().answered], [incomplete, 2, 2]);
    assert.equal(known().at, began, "nothing has come since");
  }
  isGone = false;
  assert.deepEqual(await next(), ["b"]);
  assert.deepEqual([known().incomplete, known().images, known().failures], [0, 3, []]);
  assert.ok(known().at > began);
  assert.equal(Date.parse(known().next) - Date.parse(began), hour, "the end of the round is what it was");
  assert.deepEqual((await next()).sort(), ["a", "b", "c"]);
});

Deno.test("one bad filter for good: the others are asked once in each interval", async () => {
  const { server, asked } = registry((path) => path.includes("/b/") ? 404 : undefined);
  const { clock, ask, settled } = setup(server, {}, () => 0.5);
  const more = { filters: filtersOf("a", "b") };
  ask(more);
  await settled();
  const began = clock.now();
  while (clock.next()! < began + 10.5 * hour) {
    clock.advanceTo(clock.next()!);
    await settled();
    ask(more);
  }
  const all = asked();
  assert.equal(all.filter((each) => each === "a").length, 11);
  assert.ok(all.filter((each) => each === "b").length > 15);
});

Deno.test("a limit: what it keeps from one filter it keeps from no other, and nothing is asked before it ends", async () => {
  const server = new FakeServer()
    .on("https://r.example/*", () => tags("1"))
    .on(
      "https://tight.example/*",
      () => new Response("{}", { status: 429, headers: { "retry-after": "86400" } }),
    );
  const { clock, ask, settled } = setup(server, {}, () => 0.5);
  const more = { filters: [{ image: "r.example/org/a" }, { image: "tight.example/org/a" }] };
  ask(more);
  await settled();
  for (let look = 0; look < 5; look++) {
    clock.advanceTo(clock.next()!);
    server.now = clock.now();
    await settled();
    ask(more);
  }
  const asked = server.arrived.map(({ url }) => new URL(url).host);
  assert.equal(asked.filter((host) => host === "r.example").length, 6);
  assert.equal(asked.filter((host) => host === "tight.example").length, 1);
});

Deno.test("many repositories and few requests: the next look goes on, over the end of the interval, until all are known", async () => {
  let left = 0;
  const names = Array.from({ length: 60 }, (_, i) => `org/r${String(i).padStart(2, "0")}`);
  const server = new FakeServer();
  server.on("https://r.example/*", ({ url }) => {
    if (left-- <= 0) return new Response("{}", { status: 429, headers: { "retry-after": "21600" } });
    return url.includes("_catalog") ? json({ repositories: names }) : tags("1");
  });
  const { clock, ask, settled } = setup(server, {}, () => 0.5);
  const more = { filters: [{ image: "r.example/org/*" }] };
  const known = () => (ask(more) as { value: SourceListing }).value;
  left = 20;
  ask(more);
  await settled();
  const seen = [known().images];
  let at = 0;
  while (known().failures.length > 0 && seen.length < 10) {
    assert.equal(known().failures[0].is, "RateLimited");
    assert.equal(known().answered, 1, "a part is an answer");
    assert.ok(Date.parse(known().at) > at, "each part is something that came");
    at = Date.parse(known().at);
    left = 20;
    clock.advanceTo(clock.next()!);
    server.now = clock.now();
    await settled();
    seen.push(known().images);
  }
  assert.deepEqual(seen, [19, 39, 59, 60]);
  assert.deepEqual(known().found.map(({ repository }) => repository), names, "by name");
  const asked = server.arrived.filter(({ url }) => url.includes("_catalog")).length;
  assert.equal(asked, 1);
});

Deno.test("a filter that has no end keeps what came in its time, and goes on from there", async () => {
  const server = new FakeServer().on(
    "https://r.example/v2/_catalog*",
    () => json({ repositories: ["org/a", "org/b", "org/c"] }),
  );
  let hangs = true;
  const { look, ends } = setup(server);
  server.on("https://r.example/v2/org/a/*", () => tags("1"));
  server.on("https://r.example/*", () => {
    if (!hangs) return tags("2");
    setTimeout(() => ends.get(5)!.abort(), 0);
    return new Promise(() => {});
  });
  const filters = [{ image: "r.example/org/*" }];
  const first = await look({ filters });
  assert.deepEqual([first.images, first.failures[0].is], [1, "Unreachable"]);
  assert.match(
    first.failures[0].message,
    /no time for all of it: 1 of 3 repositories were read; the next look goes on/,
  );
  assert.equal(Date.parse(first.next) - Date.parse(first.at) <= 70_000, true);
  hangs = false;
  server.arrived.length = 0;
  const second = await look({ filters }, first);
  assert.deepEqual([second.images, second.failures, server.arrived.length], [3, [], 2]);
});

Deno.test("a look has its time: filters that it did not come to say so, and come first in the next", async () => {
  let hangs = true;
  const server = new FakeServer().on("https://r.example/*", ({ url }) => {
    if (!hangs || !url.includes("/b/")) return tags("1");
    setTimeout(() => ends.get(15)!.abort(), 0);
    return new Promise(() => {});
  });
  const { look, ends, clock } = setup(server);
  const filters = filtersOf("a", "b", "c");
  const first = await look({ filters });
  assert.deepEqual(first.failures.map(({ image }) => image), ["r.example/org/b", "r.example/org/c"]);
  assert.match(first.failures[1].message, /not asked yet, since others of its source took 15 min/);
  hangs = false;
  server.arrived.length = 0;
  clock.advanceTo(clock.now() + 60_000);
  const second = await look({ filters }, first);
  assert.deepEqual([second.images, second.failures], [3, []]);
  assert.match(server.arrived[0].url, /org\/c/);
});

Deno.test("a later look that has no time for all: filters that it did not come to keep what they found", async () => {
  let hangs = false;
  const server = new FakeServer().on("https://r.example/*", ({ url }) => {
    if (!hangs || !url.includes("/b/")) return tags("1");
    setTimeout(() => ends.get(15)!.abort(), 0);
    return new Promise(() => {});
  });
  const { look, ends, clock } = setup(server);
  const filters = filtersOf("a", "b", "c");
  const first = await look({ filters });
  assert.equal(first.images, 3);
  hangs = true;
  clock.advanceTo(clock.now() + 2 * hour);
  const second = await look({ filters }, first);
  assert.deepEqual(second.failures.map(({ image }) => image), ["r.example/org/b", "r.example/org/c"]);
  assert.deepEqual(second.found.map(({ repository }) => repository), ["org/a", "org/c"]);
  assert.equal(second.answered, 2);
});

Deno.test("a missing secret where the registry does not refuse: it is awaited soon, and once there all is asked with it", async () => {
  const secrets: Record<string, unknown> = {};
  const server = new FakeServer().on(
    "https://r.example/*",
    ({ authorization }) => authorization === null ? tags("1") : tags("1", "private"),
  );
  // A registry that lists to everybody shows no challenge: the credential is never asked for, and the look is the same.
  const { clock, ask, settled } = setup(server, secrets, () => 0.5);
  const known = () => (ask({ pullSecrets: ["s"] }) as { value: SourceListing }).value;
  ask({ pullSecrets: ["s"] });
  await settled();
  assert.deepEqual([known().failures, known().remarks.length, known().incomplete], [[], 1, 1]);
  assert.equal(Date.parse(known().next) - clock.now(), 30_000);
  clock.advanceTo(clock.next()!);
  await settled();
  assert.equal(server.arrived.length, 1, "what is known is not asked again while nothing has changed");
  secrets.s = pullSecret("r.example");
  clock.advanceTo(clock.next()!);
  await settled();
  assert.deepEqual([known().remarks, known().incomplete, server.arrived.length], [[], 0, 2]);
  assert.equal(Date.parse(known().next) - clock.now(), hour);
});

// §2 Better
Deno.test("when next: sooner after a failure, and not before the registry wants it", () => {
  type Failures = Parameters<typeof waitAfter>[0];
  type Row = readonly [Failures, given: Partial<Parameters<typeof waitAfter>[1]>, seconds: number];
  const is = (...classes: Failures[number]["is"][]) => classes.map((is) => ({ is }));
  const limited = (retryAfter: number) => [{ is: "RateLimited" as const, retryAfter }];
  const rows: Row[] = [
    [[], {}, Infinity],
    [is("InvalidFilter"), { incomplete: 5 }, Infinity],
    [is("NotFound"), {}, 60],
    [is("NotFound"), { incomplete: 2 }, 120],
    [is("NotFound"), { incomplete: 50 }, 3_600],
    [is("NotFound"), { interval: 15_000 }, 15],
    [is("InvalidFilter", "AuthFailed"), {}, 30],
    [is("NotFound", "SecretNotFound"), {}, 30],
    [is("AuthFailed"), { incomplete: 50 }, 300],
    [limited(600_000), {}, 630],
    [limited(24 * hour), {}, 25.2 * 3_600],
    [[...limited(24 * hour), ...is("NotFound")], {}, 60],
  ];
  for (const [failures, given, seconds] of rows) {
    const wait = waitAfter(failures, { incomplete: 1, interval: hour, ...given }, 0.5);
    assert.equal(wait / 1_000, seconds, JSON.stringify([failures, given]));
  }
  for (const random of [0, 0.999]) {
    assert.ok(waitAfter(limited(600_000), { incomplete: 1, interval: hour }, random) >= 600_000);
  }
});
