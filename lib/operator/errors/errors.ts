/**
 * What went wrong, in the seven classes that decide about conditions, status, applying and retrying
 * (conventions.md §5).
 */

import type { Code } from "./codes.ts";
import type { Reason } from "./reasons.ts";

/**
 * - `Infrastructure`: something between us and an answer is broken; it may heal by itself.
 * - `Unknown`: not recognised; treated as Infrastructure.
 * - `Auth`: credentials are missing or wrong.
 * - `InvalidSpec`: what the user wrote cannot work.
 * - `MissingUpstream`: something that the user refers to does not exist.
 * - `MissingDownstream`: something that we make does not exist yet.
 * - `ResourceExhaustion`: memory, disk, time or a quota has run out.
 */
export type ErrorCategory =
  | "Infrastructure"
  | "Unknown"
  | "Auth"
  | "InvalidSpec"
  | "MissingUpstream"
  | "MissingDownstream"
  | "ResourceExhaustion";

/** Whose fault an error is: of what we read (`input`) or of what we made (`child`). Only inputs block applying. */
export type Role = "input" | "child";

/** An error of one component, as plain data. */
export interface ComponentError {
  readonly category: ErrorCategory;
  readonly reason: Reason;
  readonly message: string;
  /** Overrides the role that the component's dependency implies (a wrong field of the own spec, say). */
  readonly role?: Role;
  /** It came of applying a child, not of reading something: `DependenciesReachable` says so. */
  readonly applying?: boolean;
  /** Its cause, where more is known of it than the reason says. */
  readonly code?: Code;
}

/** An error whose class its thrower knows; the outermost one in a chain of causes decides (§5.1 row 1). */
export class ClassifiedError extends Error {
  constructor(
    readonly category: ErrorCategory,
    readonly reason: Reason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "ClassifiedError";
  }
}

/** Infrastructure and Unknown errors: the two that may pass by themselves and get a grace period. */
export function isTransient(category: ErrorCategory): boolean {
  return category === "Infrastructure" || category === "Unknown";
}
