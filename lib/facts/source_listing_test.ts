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
  const woken: string[] = [];
  const facts = new Facts(clock, (name) => woken.push(name), random);
  const environment = { now: () => clock.now(), random };
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
  return { clock, facts, woken, ask, settled, look };
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
  assert.equal((await look({}, found)).incomplete, 0);
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

// §2 Better
Deno.test("when next: by the interval, or sooner after a failure, and not before the registry wants it", () => {
  const failures = (...classes: ("NotFound" | "AuthFailed" | "InvalidFilter" | "RateLimited")[]) =>
    classes.map((is) => ({ is }));
  type Row = readonly [given: Partial<Parameters<typeof waitAfter>[0]>, seconds: number];
  const rows: Row[] = [
    [{}, 3_600],
    [{ failures: failures("InvalidFilter"), incomplete: 5 }, 3_600],
    [{ failures: failures("NotFound"), incomplete: 1 }, 60],
    [{ failures: failures("NotFound"), incomplete: 2 }, 120],
    [{ failures: failures("NotFound"), incomplete: 50 }, 3_600],
    [{ failures: failures("NotFound"), incomplete: 1, interval: 15_000 }, 15],
    [{ failures: failures("InvalidFilter", "AuthFailed"), incomplete: 1 }, 30],
    [{ failures: failures("AuthFailed"), incomplete: 50 }, 300],
    [{ failures: failures("RateLimited"), incomplete: 1, retryAfter: 600_000 }, 630],
    [{ failures: failures("RateLimited"), incomplete: 1, retryAfter: 24 * hour }, 25.2 * 3_600],
  ];
  for (const [given, seconds] of rows) {
    const wait = waitAfter({ failures: [], incomplete: 0, retryAfter: 0, interval: hour, ...given }, 0.5);
    assert.equal(wait / 1_000, seconds, JSON.stringify(given));
  }
  for (const random of [0, 0.999]) {
    const wait = waitAfter({ failures: [], incomplete: 0, retryAfter: 0, interval: hour }, random);
    assert.ok(Math.abs(wait - hour) <= hour / 10);
    assert.ok(
      waitAfter(
        { failures: failures("RateLimited"), incomplete: 1, retryAfter: 600_000, interval: hour },
        random,
      ) >= 600_000,
    );
  }
});
