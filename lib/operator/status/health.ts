/** What a controller says about each of its components (conventions.md §4). */

import type { ComponentError, Role } from "../errors/errors.ts";
import { type Code, codeOf } from "../errors/codes.ts";
import type { Reason } from "../errors/reasons.ts";
import type { StatusWord } from "./status_words.ts";

/** Whether we wait for it (`Upstream`), or make it (`Downstream`). */
export type Dependency = "Upstream" | "Downstream" | "none";

/** Which component a health is about; inspectors take it and fill in the rest. */
export interface About {
  /** Condition type without `Ready`. */
  readonly component: string;
  /** `none` if absent. */
  readonly dependency?: Dependency;
  /** Whose fault its errors are; if absent, `child` for `Downstream` and `input` for all others. */
  readonly role?: Role;
}

/** What is left out follows from `errors`; without errors it is `Ready`. */
export interface ComponentHealth extends About {
  readonly state?: StatusWord;
  readonly reason?: Reason;
  readonly message?: string;
  readonly errors?: readonly ComponentError[];
  /**
   * The component that this one waits for: an InferenceService that is not made because the cache is awaited
   * follows `Cache`. While that one is not ready, this one counts for the overall word, but `Ready` quotes the
   * other. A component in which something is wrong itself follows nobody.
   */
  readonly follows?: string;
  /**
   * Waits because of a fault that retries by itself (a pull back-off, an eviction): the state is that of
   * waiting, but `Ready` carries this component's reason instead of `Progressing` (spec/README).
   */
  readonly retries?: boolean;
  /** The cause, where more is known of it than the reason says; `none` where the reason alone would name a false one. */
  readonly code?: Code | "none";
}

export type CompleteHealth =
  & Required<Omit<ComponentHealth, "follows" | "code">>
  & Pick<ComponentHealth, "follows">
  & { readonly code: Code | undefined };

/** With the defaults of conventions.md §4 filled in. */
export function completed(health: ComponentHealth): CompleteHealth {
  const { component, dependency = "none", errors = [] } = health;
  return {
    component,
    dependency,
    role: health.role ?? (dependency === "Downstream" ? "child" : "input"),
    errors,
    state: health.state ?? stateOf(errors),
    reason: health.reason ?? errors[0]?.reason ?? "Ready",
    message: health.message ?? errors[0]?.message ?? "",
    retries: health.retries ?? false,
    follows: health.follows,
    code: codeOfHealth(health),
  };
}

/** Its own code, else that of its first error, else what its reason means. Nothing is wrong with what is ready. */
function codeOfHealth({ state, reason, errors = [], code }: ComponentHealth): Code | undefined {
  if (state === "Ready" || code === "none") return undefined;
  return code ?? errors[0]?.code ?? codeOf(reason ?? errors[0]?.reason);
}

/** The state that errors mean where the controller names none. */
function stateOf(errors: readonly ComponentError[]): StatusWord {
  if (errors.length === 0) return "Ready";
  const has = (...categories: string[]) => errors.some((error) => categories.includes(error.category));
  if (has("Auth", "InvalidSpec", "ResourceExhaustion")) return "Failed";
  if (has("MissingUpstream", "Infrastructure")) return "Degraded";
  return "Progressing";
}

/** A component that is ready. */
export function ready(about: About, reason: Reason, message = ""): ComponentHealth {
  return { ...about, state: "Ready", reason, message };
}

/** A component with one error; the state follows from its category unless one is given. */
export function failing(about: About, error: ComponentError, state?: StatusWord): ComponentHealth {
  return { ...about, errors: [error], reason: error.reason, message: error.message, ...(state && { state }) };
}

/**
 * The health of a component whose object does not exist (read-error wrapping of conventions.md §4). `what`
 * names it: kind, namespace, name.
 */
export function missing(about: About, what: string): ComponentHealth {
  switch (about.dependency) {
    case "Upstream":
      return failing(about, {
        category: "MissingUpstream",
        reason: "ReferenceNotFound",
        message: `Upstream dependency not found: ${what}`,
      });
    case "Downstream":
      return failing(about, {
        category: "MissingDownstream",
        reason: "ResourceNotReady",
        message: `${what} does not exist yet`,
      });
    default:
      return failing(about, {
        category: "MissingDownstream",
        reason: "NotFound",
        message: `${what} not found`,
      });
  }
}
