/** What the failure of a write says of the object that it was about. */

import { ApiError, NetworkError } from "../../kube/errors.ts";
import type { KnownReason, Reason } from "../errors/reasons.ts";

/**
 * Refusals that an API server takes back by itself: it is busy, starting, or cannot be reached for a moment. A webhook that
 * does not answer is among them: but for its text, the answer is that of any other internal error.
 */
export const passesSoon: ReadonlySet<Reason> = new Set<KnownReason>([
  "RateLimited",
  "Timeout",
  "ServiceUnavailable",
  "ServerError",
  "ConnectionRefused",
  "ConnectionReset",
  "NetworkTimeout",
  "NetworkError",
  "DNSFailure",
]);

/** So long such a refusal may last before a status tells of it (spec/README); milliseconds. */
export const patience = 120_000;

/** Whether a write that failed may have been carried out all the same. */
export function mayHaveHappened(error: unknown): boolean {
  return (error instanceof NetworkError && error.sent) || (error instanceof ApiError && error.status >= 500);
}

/** Errors after which the cache may be behind: what we wrote about is gone, changed, or perhaps written. */
export function isStale(error: unknown): boolean {
  if (error instanceof NetworkError) return error.sent;
  return error instanceof ApiError && (error.status === 409 || error.status === 404);
}

/** Whether a create was refused since there is an object of that name. */
export function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
