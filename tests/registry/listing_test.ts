/** Sources against registries with thousands of repositories, and against real ones. */

import { heap } from "../../lib/process/permissions.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { sourceListingSource, type SourceQuestion } from "../../lib/facts/source_listing.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { parseDockerConfig, RegistryLister } from "../../lib/registry/mod.ts";
import { startImitation } from "./imitation.ts";
import { pullSecret, startRegistry } from "./registry.ts";

const looking = fileURLToPath(new URL("./listing_program.ts", import.meta.url));
const some = 250;
const tags = 50;

const nobody = {} as Transport;
const token = pullSecret("ghcr.io", { username: "u", password: "token" });

/** A source of listings, and lists of the imitation under the names of the real registries. */
function sourceOver(base: string) {
  const lister = new RegistryLister({
    fetch: (url, init) => fetch(url.replace(/^https:\/\/(index\.docker\.io|ghcr\.io)/, base), init),
    catalogues: { dockerHub: `${base}/hub`, gitHub: `${base}/github` },
    pace: 10_000,
  });
  const own = parseDockerConfig(token, "own")!;
  const source = sourceListingSource(nobody, lister, () => Promise.resolve([own]));
  const look = (image: string, more: Partial<SourceQuestion> = {}) =>
    source.fetch(
      {
        uid: "u",
        filters: [{ image }],
        defaults: {},
        namespace: "aim-system",
        pullSecrets: [],
        interval: 3_600_000,
        ...more,
      },
      new AbortController().signal,
    );
  return { look, close: () => lister.close() };
}

const places = [
  ["Docker Hub", "amd/aim-*", 3, "amd/aim-00000"],
  ["GHCR", "ghcr.io/amd/aim-*", 3, "amd/aim-00000"],
  ["a registry with a catalogue", "127.0.0.1:PORT/org/*", 1, "org/aim-00000"],
] as const;

for (const [name, filter, pages, first] of places) {
  Deno.test(`${name}, many repositories of 50 tags: one request a page, ten at a time`, async () => {
    await using server = await startImitation(some, tags);
    const image = filter.replace("127.0.0.1:PORT", server.host);
    const { look, close } = sourceOver(server.base);
    const result = await look(image);
    assert.deepEqual(result.failures, []);
    assert.deepEqual([result.images, result.found.length], [some * tags, some]);
    assert.equal(result.found[0].repository, first);
    assert.deepEqual(result.found[0].references.slice(0, 2), ["1.49.0", "1.48.0"]);
    const told = await server.told();
    assert.deepEqual([told.pages, told.tags], [pages, some * Math.ceil(tags / 20)]);
    assert.ok(told.most <= 10, `${told.most} at a time`);
    await server.set();
    await look(image);
    const again = await server.told();
    assert.deepEqual([again.pages, again.tags], [told.pages, told.tags], "an unchanged look");
    assert.equal(again.unchanged, again.pages + again.tags, "carries no body");
    close();
  });
}

Deno.test("3,000 repositories of 50 tags: a first look takes less than 60 MB in the operator's heap", async () => {
  await using server = await startImitation(3_000, tags);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--frozen", heap, looking, server.host],
  }).output();
  const { images, failures, seconds, cpuSeconds, grown } = JSON.parse(new TextDecoder().decode(stdout));
  console.log(`  ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU, ${grown.toFixed(0)} MB`);
  assert.deepEqual([images, failures], [150_000, []]);
  assert.ok(grown < 60, `${grown} MB`);
  // 3 s; 40 s where each request leaves something behind at a signal that lasts.
  assert.ok(cpuSeconds < 15, `${cpuSeconds} s`);
  const { tags: asked } = await server.told();
  assert.equal(asked, 3_000 * 3 + 10 * 3);
});

Deno.test("limits: no request more than the registry allows, and the next look when it says", async () => {
  await using server = await startImitation(some, tags);
  const { look, close } = sourceOver(server.base);
  await server.set("left=100");
  const found = await look("amd/aim-*");
  assert.equal(found.failures[0].is, "RateLimited");
  const told = await server.told();
  assert.ok(told.pages + told.tags <= 100, JSON.stringify(told));
  assert.ok(found.images > 0 && found.answered === 1);
  assert.ok(Date.parse(found.next) - Date.parse(found.at) >= 59_000);
  close();
});

Deno.test("a page of repositories that fails in the middle: what came before counts, and the source says so", async () => {
  await using server = await startImitation(some, tags);
  const { look, close } = sourceOver(server.base);
  await server.set("failing=1");
  const found = await look("amd/aim-*");
  assert.deepEqual(found.failures.map(({ is }) => is), ["ServerError"]);
  assert.match(found.failures[0].message, /HTTP 502/);
  assert.deepEqual([found.found.length, found.answered], [100, 1]);
  close();
});

Deno.test("real registries: tags and catalogue, open, with a password, and with tokens", async () => {
  const kinds = [
    { program: "go-containerregistry" },
    {},
    { auth: "htpasswd" },
    { auth: "token" },
  ] as const;
  for (const options of kinds) {
    await using registry = await startRegistry(options);
    for (const name of ["org/a:1.0.0", "org/a:1.1.0", "org/a:latest", "org/b:2.0.0", "x/c:1.0.0"]) {
      await registry.push(name, {});
    }
    const lister = new RegistryLister();
    const own = parseDockerConfig(pullSecret(registry.host), "own")!;
    const source = sourceListingSource(nobody, lister, () => Promise.resolve([own]));
    const { found, failures } = await source.fetch({
      uid: "u",
      filters: [{ image: "org/*" }, { image: "x/c" }, { image: "org/gone" }],
      defaults: { registry: registry.host, versions: [">=1.0.0"] },
      namespace: "aim-system",
      pullSecrets: [],
      interval: 3_600_000,
    }, new AbortController().signal);
    const name = JSON.stringify(options);
    assert.deepEqual(failures.map(({ image, is }) => `${image} ${is}`), ["org/gone NotFound"], name);
    assert.deepEqual(
      found.map(({ repository, references }) => `${repository} ${references}`),
      ["org/a 1.1.0,1.0.0", "org/b 2.0.0", "x/c 1.0.0"],
      name,
    );
    lister.close();
  }
});
