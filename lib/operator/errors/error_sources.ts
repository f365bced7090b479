/** What the API server's and the network's own errors mean (conventions.md §5.1 rows 2 to 12). */

import { ApiError, NetworkError, type NetworkErrorKind } from "../../kube/errors.ts";
import { lackedRight, rightOf, ruleOf, textOfRight } from "../../kube/lacked_right.ts";
import type { ComponentError } from "./errors.ts";
import { foreignReason, type KnownReason } from "./reasons.ts";
import { readRefusalText } from "./refusal_text.ts";

/** Class and reason; a message only where ours says more than the error's text. */
export type Trouble = Pick<ComponentError, "category" | "reason" | "code"> & { readonly message?: string };

/** The API server's `reason` → the HTTP status that it stands for, where the two could differ. */
const statusOfReason: Readonly<Record<string, number>> = {
  NotFound: 404,
  Unauthorized: 401,
  Forbidden: 403,
  Invalid: 422,
  Timeout: 408,
  ServerTimeout: 504,
  ServiceUnavailable: 503,
  InternalError: 500,
  TooManyRequests: 429,
  Gone: 410,
  Expired: 410,
};

/**
 * What an answer of the API server means; undefined for any other error. `refused` says that the request was
 * a write of a child, whose refusal is a fault of the configuration (services.md §2.3).
 */
export function apiTrouble(error: unknown, { refused = false } = {}): Trouble | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const status = statusOfReason[error.reason] ?? error.status;
  const admission = refused && status === 403 ? admissionTrouble(error) : undefined;
  if (admission !== undefined) return admission;
  if (status === 403 && (!refused || lackedRight(error) !== undefined)) return missingPermission(error);
  const trouble = troubleOfStatus(status, error.reason);
  const isRefusal = refused && trouble.category !== "Infrastructure" && ![401, 404].includes(status);
  const code = refused ? readRefusalText(error.message) : undefined;
  if (!isRefusal) return { ...trouble, ...(code && { code }) };
  return {
    category: "InvalidSpec",
    reason: refusalReason(error, trouble),
    // The API's own word `Forbidden` is no missing right of the operator's.
    code: code ?? (status === 409 ? "AIM-0807" : "AIM-0809"),
  };
}

function troubleOfStatus(status: number, reason: string): Trouble {
  if (status === 404) return { category: "MissingDownstream", reason: "NotFound" };
  if (status === 401) return { category: "Auth", reason: "Unauthorized" };
  if (status === 403) return { category: "Auth", reason: "Forbidden" };
  if (status === 422) return { category: "InvalidSpec", reason: "InvalidSpec" };
  if (status === 409 && reason === "AlreadyExists") {
    return { category: "InvalidSpec", reason: "AlreadyExists" };
  }
  if (status === 409) return { category: "Infrastructure", reason: "Conflict" };
  if (status === 408 || status === 504) return { category: "Infrastructure", reason: "Timeout" };
  if (status === 503 || (status === 500 && reason === "InternalError")) {
    return { category: "Infrastructure", reason: "ServiceUnavailable" };
  }
  if (status === 429) return { category: "Infrastructure", reason: "RateLimited" };
  if (status === 410) return { category: "Infrastructure", reason: "Gone" };
  if (status >= 500) return { category: "Infrastructure", reason: "ServerError" };
  return { category: "InvalidSpec", reason: "ClientError" };
}

/** The API's own word for a refusal (`Invalid`, `Forbidden`, `BadRequest` …), as the user finds it elsewhere. */
function refusalReason(error: ApiError, trouble: Trouble) {
  return error.reason === "" ? trouble.reason : foreignReason(error.reason);
}

/**
 * Refusals that are no fault of what was written: a namespace that goes takes its objects along, and a quota is
 * full by what others have. The API server names the first by a cause of its own, the second in its text only.
 */
function admissionTrouble({ details, message }: ApiError): Trouble | undefined {
  if (details.causes?.some(({ reason }) => reason === "NamespaceTerminating")) {
    return { category: "MissingDownstream", reason: "NamespaceTerminating" };
  }
  if (/ is forbidden: exceeded quota: /.test(message)) {
    return { category: "ResourceExhaustion", reason: "QuotaExceeded" };
  }
  return undefined;
}

/** A right that the operator itself lacks is no fault of a user's credentials (§5.1 Better). */
function missingPermission(error: ApiError): Trouble {
  const right = rightOf(error);
  return {
    category: "Infrastructure",
    reason: "Forbidden",
    message:
      `the operator has no permission to ${textOfRight(right)}; the rule to add to its role: ${
        ruleOf(right)
      }; ` +
      `the API server says: ${error.message}`,
  };
}

const reasonOfKind: Readonly<Record<NetworkErrorKind, KnownReason>> = {
  ConnectionRefused: "ConnectionRefused",
  NetworkTimeout: "NetworkTimeout",
  ConnectionReset: "ConnectionReset",
  DNSFailure: "DNSFailure",
  TLS: "TLSFailure",
  NetworkError: "NetworkError",
};

/** What a missing answer means; undefined for any other error. */
export function networkTrouble(error: unknown): Trouble | undefined {
  if (!(error instanceof NetworkError)) return undefined;
  return { category: "Infrastructure", reason: reasonOfKind[error.kind] };
}
