/** The sentences of errors: what was to be read from where, what happened, what to do. Pure. */

import { quoted, RegistryError, type RegistryReason } from "./errors.ts";
import { reasonOfStatus } from "./failure.ts";

/** What an error is about. */
export interface Subject {
  readonly image: string;
  /** `host[:port]` */
  readonly registry: string;
  /** Whether a pull secret has a credential for the image. */
  readonly hasCredential: boolean;
  /** What must not be quoted from any answer; grows with the tokens received. */
  readonly secrets: Set<string>;
}

/**
 * The error for a failure.
 *
 * @param reason taken from the status when left out
 * @param what happened, a clause without a full stop and without anything secret
 */
export function failureOf(
  subject: Subject,
  reason: RegistryReason | undefined,
  what: string,
  { status, retryAfter }: { status?: number; retryAfter?: number } = {},
): RegistryError {
  const decided = reason ?? reasonOfStatus(status!);
  const { image, registry } = subject;
  return new RegistryError(
    decided,
    `cannot read image ${quoted(image)} from registry ${registry}: ${what}; ${remedyFor(decided, subject)}`,
    { image: image.slice(0, 200), registry, status, retryAfter, what },
  );
}

function remedyFor(reason: RegistryReason, { registry, hasCredential }: Subject): string {
  if (reason === "ImagePullAuthFailure") {
    return hasCredential
      ? "correct the credential in the pull secret, or give its account the right to pull this image"
      : "name a pull secret with a credential for this image in imagePullSecrets, or check the image's name";
  }
  return { ...remedies, DNSFailure: `check the name ${registry} and the cluster's DNS` }[reason];
}

const remedies: Readonly<Record<Exclude<RegistryReason, "ImagePullAuthFailure" | "DNSFailure">, string>> = {
  InvalidImageReference: "write it as [host[:port]/]path[:tag][@sha256:…]",
  ImageNotFound: "check name and tag of the image, and whether it was pushed",
  NoMatchingPlatform: "push the image for linux/amd64 too",
  MalformedManifest: "push the image again, as a container image",
  DigestMismatch: "the registry or something before it changes content; check it, and push the image again",
  TooLarge: "push an image with less metadata",
  RateLimited: "this is tried again later; a pull secret usually raises the limit",
  RegistryUnavailable: "this is tried again; check the registry's health",
  UnexpectedResponse: "check that this is the address of a registry, and what stands before it",
  CertificateInvalid:
    "give the registry a certificate for its name, or let the operator trust its authority (DENO_CERT, or SSL_CERT_FILE with DENO_TLS_CA_STORE=system)",
  ConnectionRefused: "check host and port, and whether the registry runs",
  ConnectionReset: "this is tried again; check the registry and the proxies before it",
  NetworkTimeout: "this is tried again; check that the cluster can reach the registry",
  NetworkError: "this is tried again; check that the cluster can reach the registry",
};
