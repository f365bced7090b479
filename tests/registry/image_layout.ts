/** Small images as OCI layouts: folders that crane pushes. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** What an image is made of; all but the labels has a default. */
export interface ImageContent {
  readonly labels: Readonly<Record<string, string>>;
  /** Media types of Docker or of OCI. Default `oci`. */
  readonly family?: "docker" | "oci";
  /** More than one makes an index, in this order. Default `["linux/amd64"]`. */
  readonly platforms?: readonly string[];
  /** Whether one platform is in an index too. */
  readonly asIndex?: boolean;
}

const mediaTypes = {
  oci: {
    index: "application/vnd.oci.image.index.v1+json",
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
} as const;

/** A layer without files: the end mark of a tar archive. */
const emptyTar = new Uint8Array(1024);

/**
 * Writes a layout with one entry, an image or an index.
 *
 * @returns the digest of the entry
 */
export async function writeImageLayout(
  folder: string,
  { labels, family = "oci", platforms = ["linux/amd64"], asIndex = platforms.length > 1 }: ImageContent,
): Promise<string> {
  const types = mediaTypes[family];
  await Deno.mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  const blob = async (mediaType: string, content: Uint8Array | object) => {
    const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content));
    const hex = createHash("sha256").update(bytes).digest("hex");
    await Deno.writeFile(join(folder, "blobs", "sha256", hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const layer = await blob(types.layer, gzipSync(emptyTar));
  const manifests = [];
  for (const platform of platforms) {
    const [os, architecture] = platform.split("/");
    const config = await blob(types.config, {
      os,
      architecture,
      config: { Labels: platform === "linux/amd64" ? labels : { ...labels, platform } },
      rootfs: { type: "layers", diff_ids: [`sha256:${createHash("sha256").update(emptyTar).digest("hex")}`] },
    });
    const manifest = { schemaVersion: 2, mediaType: types.manifest, config, layers: [layer] };
    manifests.push({ ...await blob(types.manifest, manifest), platform: { os, architecture } });
  }
  const entry = asIndex
    ? await blob(types.index, { schemaVersion: 2, mediaType: types.index, manifests })
    : manifests[0];
  await Deno.writeTextFile(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const index = { schemaVersion: 2, mediaType: mediaTypes.oci.index, manifests: [entry] };
  await Deno.writeTextFile(join(folder, "index.json"), JSON.stringify(index));
  return entry.digest;
}
