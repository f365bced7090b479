/**
 * What went wrong, in the seven classes that decide about conditions, status, applying and retrying
 * (conventions.md §5).
 */

import { apiTrouble, networkTrouble } from "./error_sources.ts";
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

/** Classifies what a read or any other call of ours has thrown (conventions.md §5.1). */
export function classify(error: unknown): ComponentError {
  const chain = [...causes(error)];
  const known = chain.find((link) => link instanceof ClassifiedError);
  if (known !== undefined) {
    return { category: known.category, reason: known.reason, message: known.message };
  }
  for (const link of chain) {
    const found = apiTrouble(link) ?? networkTrouble(link);
    if (found !== undefined) return { message: textOf(error), ...found };
  }
  return { category: "Unknown", reason: "UnknownError", message: textOf(error) };
}

/**
 * Classifies what the API server answered to applying, creating or deleting a child. A refusal (a 4xx, by
 * validation, a policy, a webhook or Pod Security) is a fault of the configuration and keeps the API's own
 * reason (services.md §2.3); a full quota, a namespace that goes and a permission that the operator itself lacks
 * are not.
 */
export function classifyRejection(error: unknown): ComponentError {
  for (const link of causes(error)) {
    const found = apiTrouble(link, { refused: true });
    if (found !== undefined) return { message: textOf(link), ...found };
  }
  return classify(error);
}

/** The error and its causes, outermost first; a chain that bites its tail ends. */
function* causes(error: unknown): Generator<unknown> {
  const seen = new Set<unknown>();
  for (let link = error; link !== undefined && link !== null && !seen.has(link);) {
    seen.add(link);
    yield link;
    link = (link as { cause?: unknown }).cause;
  }
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}
