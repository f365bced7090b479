import assert from "node:assert/strict";
import { imageUri } from "../images/filters/image_filter.ts";
import type { Transport } from "../kube/transport.ts";
import { ManualClock } from "../operator/core/clock_fixture.ts";
import { Facts } from "../operator/runner/facts.ts";
import { digestOf } from "../registry/digest.ts";
import { imageMetadata } from "./image_metadata.ts";
import { sourceListing } from "./source_listing.ts";
import { factSources } from "./sources.ts";

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";

/** A registry that wants a token for each repository; an image of every second tag is an index of platforms. */
class TokenRegistry {
  readonly tokens: string[] = [];
  /** Requests without a token that is good, and those that were answered. */
  readonly refused: string[] = [];
  readonly answered: string[] = [];
  readonly #content = new Map<string, { bytes: Uint8Array<ArrayBuffer>; type: string }>();

  constructor(readonly repositories: readonly string[], readonly tags: readonly string[]) {
    for (const repository of repositories) {
      for (const [at, tag] of tags.entries()) this.#push(repository, tag, at % 2 === 1);
    }
  }

  readonly fetch = (url: string, init: RequestInit): Promise<Response> => {
    const { pathname, searchParams, host } = new URL(url);
    const { tokens, refused, answered } = this;
    if (host === "auth.example") {
      tokens.push(searchParams.get("scope")!);
      return Promise.resolve(Response.json({ token: searchParams.get("scope"), expires_in: 300 }));
    }
    const [, repository] = /^\/v2\/(.+)\/(tags|manifests|blobs)\//.exec(pathname) ?? [];
    const scope = repository === undefined ? "registry:catalog:*" : `repository:${repository}:pull`;
    if (new Headers(init.headers).get("authorization") !== `Bearer ${scope}`) {
      refused.push(pathname);
      const challenge = `Bearer realm="https://auth.example/t",service="s",scope="${scope}"`;
      return Promise.resolve(
        new Response("{}", { status: 401, headers: { "www-authenticate": challenge } }),
      );
    }
    answered.push(pathname);
    if (repository === undefined) return Promise.resolve(Response.json({ repositories: this.repositories }));
    if (pathname.endsWith("/tags/list")) return Promise.resolve(Response.json({ tags: this.tags }));
    const { bytes, type } = this.#content.get(pathname)!;
    return Promise.resolve(new Response(bytes, { headers: { "content-type": type } }));
  };

  #push(repository: string, tag: string, isIndex: boolean): void {
    const config = bytesOf({
      config: { Labels: { "org.opencontainers.image.title": `${repository}:${tag}` } },
    });
    this.#keep(repository, "blobs", digestOf(config), config, "application/octet-stream");
    const manifest = bytesOf({ schemaVersion: 2, config: { digest: digestOf(config), size: config.length } });
    if (!isIndex) return this.#keep(repository, "manifests", tag, manifest, manifestType);
    this.#keep(repository, "manifests", digestOf(manifest), manifest, manifestType);
    const platform = { os: "linux", architecture: "amd64" };
    const manifests = [{
      mediaType: manifestType,
      digest: digestOf(manifest),
      size: manifest.length,
      platform,
    }];
    this.#keep(repository, "manifests", tag, bytesOf({ schemaVersion: 2, manifests }), indexType);
  }

  #keep(repository: string, sort: string, name: string, bytes: Uint8Array<ArrayBuffer>, type: string): void {
    this.#content.set(`/v2/${repository}/${sort}/${name}`, { bytes, type });
  }
}

function factsOver(fetch: (url: string, init: RequestInit) => Promise<Response>) {
  const nobody = {} as Transport;
  const facts = new Facts(new ManualClock(), () => {});
  const own = () => Promise.resolve([]);
  for (const source of factSources({ api: nobody, logs: nobody }, undefined, { fetch, own })) {
    facts.provide(source);
  }
  const settled = async () => {
    while (!facts.idle) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  const list = (image: string) =>
    facts.ask(sourceListing, {
      uid: image,
      filters: [{ image }],
      defaults: {},
      namespace: "aim-system",
      pullSecrets: [],
      interval: 3_600_000,
    });
  const read = (image: string) =>
    facts.ask(imageMetadata, { image, namespace: "aim-system", pullSecrets: [] });
  return { facts, settled, list, read };
}

// issue 14: the 500 models then have their metadata read, with at most the requests that an image costs
Deno.test("a source's 500 models: two requests an image, three where it is an index, none twice, and its tokens are used again", async () => {
  const repositories = Array.from({ length: 50 }, (_, i) => `org/aim-${i}`);
  const registry = new TokenRegistry(repositories, Array.from({ length: 10 }, (_, i) => `1.${i}.0`));
  const { facts, settled, list, read } = factsOver(registry.fetch);
  list("r.example/org/aim-*");
  await settled();
  const listed = list("r.example/org/aim-*");
  assert.ok(listed.state === "known");
  const images = listed.value.found.flatMap(({ registry, repository, references }) =>
    references.map((reference) => imageUri(registry, repository, reference))
  );
  assert.equal(images.length, 500);
  for (const log of [registry.answered, registry.refused, registry.tokens]) log.length = 0;
  // Its model asks, and whoever uses the model.
  for (let reader = 0; reader < 3; reader++) {
    for (const image of images) read(image);
    await settled();
  }
  for (const image of images) assert.equal(read(image).state, "known", image);
  assert.equal(registry.answered.length, 250 * 2 + 250 * 3);
  assert.equal(new Set(registry.answered).size, registry.answered.length, "nothing is asked for twice");
  // Those that are read of a repository before its first token has come get one each: eight are read at once.
  assert.ok(registry.tokens.length <= 8 * repositories.length, `${registry.tokens.length} tokens`);
  assert.equal(registry.refused.length, registry.tokens.length);
  facts.stop();
});

Deno.test("a registry that sends a source away is not asked for its images either", async () => {
  const asked: string[] = [];
  const { facts, settled, list, read } = factsOver((url) => {
    asked.push(url);
    return Promise.resolve(new Response("{}", { status: 429, headers: { "retry-after": "600" } }));
  });
  list("r.example/org/a");
  await settled();
  read("r.example/org/a:1");
  await settled();
  assert.equal(asked.length, 1, asked.join(" "));
  facts.stop();
});
