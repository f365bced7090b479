/** Why a listing is not complete, in the classes of model-sources-and-config.md §4.6. */

import { RegistryError } from "../errors.ts";

/** `UnexpectedAnswer` is for what is no listing at all, such as a page for people. */
export type ListingFaultClass =
  | "CredentialsMissing"
  | "AuthFailed"
  | "NotFound"
  | "RateLimited"
  | "CatalogUnsupported"
  | "Unreachable"
  | "ServerError"
  | "UnexpectedAnswer"
  | "InvalidFilter";

/** A listing that failed, in whole or in part. The message says what happened and what to do; no credential. */
export class ListingFault extends Error {
  override readonly name = "ListingFault";

  constructor(
    readonly is: ListingFaultClass,
    message: string,
    /** Milliseconds before which the registry does not want to be asked again. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/**
 * What was asked for: a list of all repositories may be refused for reasons of its own; one of an owner's is there if the
 * owner is.
 */
export type Asked = "repositories" | "repositories of an owner" | "tags";

/** The fault that an error of a request means; errors that are no answer of a registry are thrown. */
export function faultOf(error: unknown, asked: Asked, hasCredential: boolean): ListingFault {
  if (error instanceof ListingFault) return error;
  if (!(error instanceof RegistryError)) throw error;
  const is = classOf(error, asked);
  const what = error.what ?? error.message;
  const said = is === "Unreachable" ? `${error.registry}: ${what}` : what;
  return new ListingFault(is, `${said}; ${remedyFor(is, error, asked, hasCredential)}`, error.retryAfter);
}

function remedyFor(
  is: ReturnType<typeof classOf>,
  { reason }: RegistryError,
  asked: Asked,
  hasCredential: boolean,
): string {
  if (is === "AuthFailed") {
    return hasCredential
      ? "correct the credential, or give its account the right to list"
      : "name a pull secret for this registry in spec.imagePullSecrets";
  }
  if (is === "NotFound" && asked !== "tags") return noOwner;
  if (reason === "CertificateInvalid") return wrongCertificate;
  return reason === "DNSFailure" ? unknownName : remedies[is];
}

function classOf({ reason, status }: RegistryError, asked: Asked): keyof typeof remedies | "AuthFailed" {
  if (asked === "repositories" && (status === 404 || status === 405 || status === 501)) {
    return "CatalogUnsupported";
  }
  switch (reason) {
    case "ImagePullAuthFailure":
      return "AuthFailed";
    case "ImageNotFound":
      return "NotFound";
    case "RateLimited":
      return "RateLimited";
    case "RegistryUnavailable":
      return "ServerError";
    case "InvalidImageReference":
    case "NoMatchingPlatform":
    case "MalformedManifest":
    case "DigestMismatch":
    case "TooLarge":
    case "UnexpectedResponse":
      return "UnexpectedAnswer";
    default:
      return "Unreachable";
  }
}

const noOwner = "correct the namespace or organisation at the beginning of the pattern; " +
  "one that is private is found only with a pull secret whose account may see it";

const wrongCertificate = "if its authority is one of your own, give it to the operator in DENO_CERT";

const unknownName =
  "correct the registry's name; where the cluster has no way to it, name a mirror that it has one to";

const remedies = {
  NotFound: "correct the name, or take the filter out if the repository is gone",
  RateLimited: "a pull secret usually raises the limit",
  CatalogUnsupported: "this registry lists no repositories; name them without a wildcard",
  Unreachable: "check the registry's address, and that the operator's pod can reach it",
  ServerError: "check the registry's health",
  UnexpectedAnswer: "check that this is the address of a registry, and what stands before it",
} as const;
