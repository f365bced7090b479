/** A registry in this process, where no registry program is built: it serves what is pushed to it here, on loopback. */

import { join } from "node:path";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { writeImageLayout } from "./image_layout.ts";
import type { LoggedRequest, Registry, RegistryOptions } from "./registry.ts";
import { account } from "./token_server.ts";

/** What is frozen and asked for tokens needs a program: {@link Registry}. */
export type ServedRegistry = Omit<Registry, "pause" | "resume" | "tokens">;

export type ServedRegistryOptions = Pick<RegistryOptions, "tls" | "port"> & { readonly auth?: "htpasswd" };

/** Starts it; it listens when this returns. */
export function serveRegistry({ auth, tls, port = 0 }: ServedRegistryOptions = {}): ServedRegistry {
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  const tags = new Map<string, string>();
  const log: LoggedRequest[] = [];
  const authority = tls === undefined ? undefined : new CertificateAuthority("test registries");
  const hosts = tls === undefined || tls === true ? ["localhost", "127.0.0.1"] : tls.hosts;
  const { certificate: cert, key } = authority?.forServer(hosts) ?? {};
  const listen = { hostname: "127.0.0.1", port, onListen() {}, ...(cert && key ? { cert, key } : {}) };
  const server = Deno.serve(listen, (request) => {
    const { pathname, search } = new URL(request.url);
    log.push({ method: request.method, path: `${pathname}${search}` });
    if (auth !== undefined && request.headers.get("authorization") !== `Basic ${credential}`) return closed();
    if (pathname === "/v2/") return Response.json({});
    const [, repository, kind, wanted] = pathname.match(/^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/) ?? [];
    if (kind === undefined) return notFound("NAME_UNKNOWN");
    const digest = kind === "manifests" ? tags.get(`${repository}:${wanted}`) ?? wanted : wanted;
    const bytes = blobs.get(digest);
    if (bytes === undefined) return notFound(kind === "manifests" ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN");
    const headers = new Headers({ "docker-content-digest": digest, "content-length": String(bytes.length) });
    if (kind === "manifests") {
      headers.set("content-type", JSON.parse(new TextDecoder().decode(bytes)).mediaType);
    }
    return new Response(request.method === "HEAD" ? null : bytes, { headers });
  });
  const host = `localhost:${server.addr.port}`;
  return {
    host,
    url: `${tls === undefined ? "http" : "https"}://${host}`,
    authority: authority?.certificate,
    requests: () => Promise.resolve([...log]),
    async push(name, labels, content = {}) {
      const folder = await Deno.makeTempDir({ prefix: "image-" });
      const digest = await writeImageLayout(folder, { labels, ...content });
      for await (const { name: hex } of Deno.readDir(join(folder, "blobs", "sha256"))) {
        blobs.set(`sha256:${hex}`, await Deno.readFile(join(folder, "blobs", "sha256", hex)));
      }
      await Deno.remove(folder, { recursive: true });
      tags.set(name, digest);
      return { image: `${host}/${name}`, digest };
    },
    stop: () => server.shutdown(),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const credential = btoa(`${account.username}:${account.password}`);

function closed(): Response {
  const body = { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] };
  return Response.json(body, { status: 401, headers: { "www-authenticate": 'Basic realm="tests"' } });
}

function notFound(code: string): Response {
  return Response.json({ errors: [{ code, message: "not here" }] }, { status: 404 });
}
