/** What can go wrong when an image is looked up, in words that a user of the cluster can act on. */

/**
 * Why an image could not be read; each is fit to be the reason of a condition (models-and-templates.md §3.5,
 * conventions.md §5.1).
 *
 * As long as neither spec nor registry changes, `InvalidImageReference`, `NoMatchingPlatform`,
 * `MalformedManifest`, `TooLarge` and `ImageNotFound` stay as they are; the others may pass by themselves.
 */
export type RegistryReason =
  | "InvalidImageReference"
  | "ImageNotFound"
  | "ImagePullAuthFailure"
  | "NoMatchingPlatform"
  | "MalformedManifest"
  | "DigestMismatch"
  | "TooLarge"
  | "RateLimited"
  | "RegistryUnavailable"
  | "UnexpectedResponse"
  | "CertificateInvalid"
  | "ConnectionRefused"
  | "ConnectionReset"
  | "DNSFailure"
  | "NetworkTimeout"
  | "NetworkError";

/** An image cannot be read. The message names image, registry, what happened and what to do; no credential. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly reason: RegistryReason;
  /** The image as the user wrote it, cut to a readable length. */
  readonly image: string;
  /** `host[:port]` of the registry; none when the reference names none that can be used. */
  readonly registry?: string;
  /** The HTTP status that decided, if one did. */
  readonly status?: number;
  /** Milliseconds from now before which the registry does not want to be asked again. */
  readonly retryAfter?: number;
  /** What happened, as a clause: the message without what was to be read and what to do. */
  readonly what?: string;

  constructor(
    reason: RegistryReason,
    message: string,
    about: {
      image: string;
      registry?: string;
      status?: number;
      retryAfter?: number;
      what?: string;
      cause?: unknown;
    },
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause });
    this.reason = reason;
    this.image = about.image;
    this.registry = about.registry;
    this.status = about.status;
    this.retryAfter = about.retryAfter;
    this.what = about.what;
  }
}

/** A pull secret that cannot be read. The message names Secret, key and place; no credential. */
export class DockerConfigError extends Error {
  override readonly name = "DockerConfigError";
}

/** A text in quotes for a message, cut to `limit` characters, control characters made visible. */
export function quoted(text: string, limit = 200): string {
  const characters = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return JSON.stringify(characters.toWellFormed());
}
