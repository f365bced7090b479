/** Manifests, indexes and configurations of images, both families of media types (models-and-templates.md §3.3, rule 4). Pure. */

import { quoted } from "./errors.ts";

/** What is asked for: every kind of manifest that {@link readManifest} knows. */
export const manifestMediaTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
] as const;

const indexTypes: ReadonlySet<string> = new Set(manifestMediaTypes.slice(0, 2));
const imageTypes: ReadonlySet<string> = new Set(manifestMediaTypes.slice(2));
const configTypes: ReadonlySet<string> = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
  "application/octet-stream",
]);

/** A reference by content. */
export interface Descriptor {
  readonly digest: string;
  readonly size?: number;
}

/** What a manifest says: where the configuration is, or where the manifest for a platform is. */
export type Manifest =
  | { readonly kind: "image"; readonly config: Descriptor }
  | { readonly kind: "index"; readonly children: readonly PlatformManifest[] };

/** An entry of an index. */
export interface PlatformManifest extends Descriptor {
  /** `os/architecture`; an entry that names none is taken as {@link wantedPlatform}. */
  readonly platform: string;
  /** As the entry says, which is not always so. `other` is what neither is, an artifact or a signature. */
  readonly kind: "image" | "index" | "other";
  /** Empty where the entry names none. */
  readonly mediaType: string;
}

/** The platform whose labels are read. */
export const wantedPlatform = "linux/amd64";

/** What came is no manifest or configuration; the message completes "the manifest of … ". */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/**
 * @param contentType the header, which decides when the text itself names no media type
 * @throws MalformedError
 */
export function readManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  const manifest = objectFrom(bytes, "the manifest");
  const header = contentType?.split(";")[0].trim().toLowerCase() ?? "";
  const mediaType = typeof manifest.mediaType === "string" ? manifest.mediaType : header;
  if (
    manifest.schemaVersion === 1 || mediaType.startsWith("application/vnd.docker.distribution.manifest.v1+")
  ) {
    throw new MalformedError("its manifest is of the old schema 1, which no current tool writes");
  }
  if (indexTypes.has(mediaType) || (!imageTypes.has(mediaType) && Array.isArray(manifest.manifests))) {
    return { kind: "index", children: childrenOf(manifest) };
  }
  if (manifest.config === undefined && mediaType !== "" && !imageTypes.has(mediaType)) {
    throw new MalformedError(
      `it is no container image: its manifest is of the type ${quoted(mediaType, 100)}`,
    );
  }
  const config = objectAt(manifest.config, "config of the manifest");
  if (typeof config.mediaType === "string" && !configTypes.has(config.mediaType)) {
    throw new MalformedError(
      `it is no container image: its configuration is of the type ${quoted(config.mediaType, 100)}${
        typeof manifest.artifactType === "string"
          ? `, for an artifact of the type ${quoted(manifest.artifactType, 100)}`
          : ""
      }`,
    );
  }
  return { kind: "image", config: descriptorFrom(config, "config of the manifest") };
}

/** The entries of an index that may lead to an image for {@link wantedPlatform}: its images, then its indexes, as listed. */
export function candidates(children: readonly PlatformManifest[]): readonly PlatformManifest[] {
  const fitting = children.filter(({ platform }) => platform === wantedPlatform);
  return [
    ...fitting.filter(({ kind }) => kind === "image"),
    ...fitting.filter(({ kind }) => kind === "index"),
  ];
}

/** What indexes offer, in words: the platforms of images, without attestations, and the types of all else. */
export function offerOf(children: readonly PlatformManifest[]): string {
  const images = children.filter(({ kind }) => kind === "image").map(({ platform }) => platform)
    .filter((name) => name !== "unknown/unknown");
  const types = children.filter(({ kind }) => kind === "other").map(({ mediaType }) => mediaType);
  const others = types.length === 0 ? "" : `; beside them it has ${listed(types)}, which is no image`;
  return `its platforms are: ${listed(images) || "none"}${others}`;
}

function listed(all: readonly string[]): string {
  const names = [...new Set(all)];
  const shown = names.slice(0, 10).map((name) => name.slice(0, 100));
  return `${shown.join(", ")}${names.length > shown.length ? ", …" : ""}`;
}

/**
 * The labels of an image's configuration; none at all is valid.
 *
 * @throws MalformedError
 */
export function labelsFrom(bytes: Uint8Array): Record<string, string> {
  const { config } = objectFrom(bytes, "the configuration");
  const labels = objectAt(config ?? {}, "config of the configuration").Labels ?? {};
  const entries = Object.entries(objectAt(labels, "config.Labels of the configuration"));
  const odd = entries.find(([, value]) => typeof value !== "string");
  if (odd !== undefined) {
    throw new MalformedError(
      `the label ${quoted(odd[0], 100)} in the configuration of the image is not text`,
    );
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

function childrenOf(manifest: Record<string, unknown>): PlatformManifest[] {
  const { manifests } = manifest;
  if (!Array.isArray(manifests)) throw new MalformedError("the index has no list of manifests");
  return manifests.map((entry, i) => {
    const place = `manifests[${i}] of the index`;
    const fields = objectAt(entry, place);
    const named = fields.platform === undefined || fields.platform === null
      ? undefined
      : objectAt(fields.platform, `platform of ${place}`);
    return {
      ...descriptorFrom(fields, place),
      platform: named === undefined ? wantedPlatform : `${named.os}/${named.architecture}`,
      ...kindOf(fields.mediaType),
    };
  });
}

/** An entry without a media type is taken as an image; what it is shows when it has come. */
function kindOf(mediaType: unknown): Pick<PlatformManifest, "kind" | "mediaType"> {
  const type = typeof mediaType === "string" ? mediaType : "";
  if (indexTypes.has(type)) return { kind: "index", mediaType: type };
  return { kind: type === "" || imageTypes.has(type) ? "image" : "other", mediaType: type };
}

function descriptorFrom(fields: Record<string, unknown>, place: string): Descriptor {
  const { digest, size } = fields;
  if (typeof digest !== "string" || !/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(digest)) {
    throw new MalformedError(`the digest in ${place} is no sha256 or sha512 digest`);
  }
  return { digest, size: typeof size === "number" && size >= 0 ? size : undefined };
}

function objectFrom(bytes: Uint8Array, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new MalformedError(`${what} is not JSON`);
  }
  return objectAt(value, what);
}

function objectAt(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError(`${place} is not a JSON object`);
  }
  return value as Record<string, unknown>;
}
