/** A registry that only reads: it serves one image from its layout on loopback, where no registry program is built. */

import { join } from "node:path";
import { type ImageContent, writeImageLayout } from "./image_layout.ts";

export interface LayoutServer extends AsyncDisposable {
  /** The whole reference of the image. */
  readonly image: string;
}

/** @param name `repository:tag` */
export async function serveImage(name: string, content: ImageContent): Promise<LayoutServer> {
  const folder = await Deno.makeTempDir({ prefix: "image-" });
  const digest = await writeImageLayout(folder, content);
  const blobs = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const { name: hex } of Deno.readDir(join(folder, "blobs", "sha256"))) {
    blobs.set(`sha256:${hex}`, await Deno.readFile(join(folder, "blobs", "sha256", hex)));
  }
  await Deno.remove(folder, { recursive: true });
  const [repository, tag] = name.split(":");
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url, method }) => {
    const { pathname } = new URL(url);
    if (pathname === "/v2/") return Response.json({});
    const [, kind, wanted] = pathname.match(`^/v2/${repository}/(manifests|blobs)/(.+)$`) ?? [];
    if (kind === undefined) return notFound("NAME_UNKNOWN");
    const found = kind === "manifests" && wanted === tag ? digest : wanted;
    const bytes = blobs.get(found);
    if (bytes === undefined) return notFound(kind === "manifests" ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN");
    const headers = new Headers({ "docker-content-digest": found, "content-length": String(bytes.length) });
    if (kind === "manifests") {
      headers.set("content-type", JSON.parse(new TextDecoder().decode(bytes)).mediaType);
    }
    return new Response(method === "HEAD" ? null : bytes, { headers });
  });
  return {
    image: `localhost:${server.addr.port}/${name}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function notFound(code: string): Response {
  return Response.json({ errors: [{ code, message: "not here" }] }, { status: 404 });
}
