/**
 * A program that imitates the listing calls of Docker Hub, GHCR and a registry with `_catalog` on loopback: many repositories
 * over many pages, entity tags, limits, and faults on demand. It prints its port. Run by listing_test.ts.
 *
 * - `/hub/v2/namespaces/<ns>/repositories` and `/github/orgs/<org>/packages` list repositories, `/v2/_catalog` too.
 * - `/v2/<repository>/tags/list` lists tags, by pages of 20.
 * - Each tag is an image without labels.
 * - `/told` says how many requests came, and of what kind; `/set?…` changes how it answers, and counts from nothing.
 */

import { digestOf } from "../../lib/registry/digest.ts";

const [repositories, tags] = Deno.args.map(Number);
const names = Array.from({ length: repositories }, (_, i) => `aim-${String(i).padStart(5, "0")}`);
const tagPage = 20;

const config = JSON.stringify({ architecture: "amd64", os: "linux", config: {} });
const configDigest = digestOf(new TextEncoder().encode(config));
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: {
    mediaType: "application/vnd.oci.image.config.v1+json",
    digest: configDigest,
    size: config.length,
  },
  layers: [],
});

const none = { pages: 0, tags: 0, images: 0, unchanged: 0, most: 0 };
const counts = { ...none };
let underWay = 0;
/** How many requests are left before 429, and the page of repositories that fails. */
let left = Infinity;
let failing = -1;

function json(body: unknown, request: Request, headers: Record<string, string> = {}): Response {
  const text = JSON.stringify(body);
  const etag = `"${text.length}-${text.slice(0, 40).length}-${repositories}"`;
  if (request.headers.get("if-none-match") === etag) {
    counts.unchanged++;
    return new Response(null, { status: 304, headers: { etag, ...headers } });
  }
  return new Response(text, { headers: { "content-type": "application/json", etag, ...headers } });
}

function page(size: number, number: number): { of: string[]; next: boolean } | undefined {
  counts.pages++;
  if (number === failing) return undefined;
  return { of: names.slice(number * size, (number + 1) * size), next: (number + 1) * size < names.length };
}

const broken = () => new Response("upstream failed", { status: 502 });

function answer(request: Request): Response {
  const url = new URL(request.url);
  const at = (name: string) => Number(url.searchParams.get(name) ?? 0);
  if (url.pathname === "/told") return new Response(JSON.stringify(counts));
  if (url.pathname === "/set") {
    left = url.searchParams.has("left") ? at("left") : Infinity;
    failing = url.searchParams.has("failing") ? at("failing") : -1;
    Object.assign(counts, none);
    return new Response();
  }
  if (--left < 0) return new Response("{}", { status: 429, headers: { "retry-after": "600" } });
  const limits: Record<string, string> = left === Infinity
    ? {}
    : { "ratelimit-remaining": `${left};w=21600` };
  const hub = /^\/hub\/v2\/namespaces\/([^/]+)\/repositories$/.exec(url.pathname);
  if (hub !== null) {
    const number = Math.max(at("page"), 1);
    const { of, next } = page(100, number - 1) ?? {};
    if (of === undefined) return broken();
    const following = next ? `${url.origin}${url.pathname}?page_size=100&page=${number + 1}` : null;
    return json(
      { count: names.length, next: following, results: of.map((name) => ({ name })) },
      request,
      limits,
    );
  }
  if (/^\/github\/orgs\/[^/]+\/packages$/.test(url.pathname)) {
    const { of } = page(100, at("page") - 1) ?? {};
    return of === undefined ? broken() : json(of.map((name) => ({ name })), request, limits);
  }
  if (url.pathname === "/v2/_catalog") {
    const { of, next } = page(at("n"), at("from")) ?? {};
    if (of === undefined) return broken();
    const link = next
      ? { link: `</v2/_catalog?n=${at("n")}&from=${at("from") + 1}>; rel="next"` }
      : undefined;
    return json({ repositories: of.map((name) => `org/${name}`) }, request, { ...limits, ...link });
  }
  if (/^\/v2\/.*\/tags\/list$/.test(url.pathname)) {
    counts.tags++;
    const from = at("from");
    const of = Array.from({ length: Math.min(tagPage, tags - from) }, (_, i) => `1.${from + i}.0`);
    const link = from + tagPage < tags
      ? { link: `<${url.pathname}?from=${from + tagPage}>; rel="next"` }
      : undefined;
    return json({ name: url.pathname, tags: of }, request, { ...limits, ...link });
  }
  if (/^\/v2\/.*\/manifests\/1\.\d+\.0$/.test(url.pathname)) {
    counts.images++;
    return new Response(manifest, {
      headers: { "content-type": "application/vnd.oci.image.manifest.v1+json" },
    });
  }
  if (url.pathname.endsWith(`/blobs/${configDigest}`)) return new Response(config);
  return new Response("{}", { status: 404 });
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  counts.most = Math.max(counts.most, ++underWay);
  return new Promise((resolve) =>
    // As long as a network takes, so that requests overlap.
    setTimeout(() => {
      underWay--;
      resolve(answer(request));
    }, 1)
  );
});
console.log(server.addr.port);
