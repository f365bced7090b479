/** What a comparison reports, and what its parts see of the walk that they belong to. */
import type { FieldNode } from "./managed_fields.ts";
import type { Step } from "./path.ts";
import type { RuleNode } from "./rules.ts";

/**
 * One place where an apply would change something.
 * - `value`: we own it, but it holds something else.
 * - `unowned`: we want it and do not own it; sent even if the value is equal, else it could never be
 *   removed. With the empty path: we own nothing, or there is no such object.
 * - `released`: we own it and no longer want it; sending removes it.
 */
export interface Difference {
  /** `spec.containers[name=main].env[name=A].value`; inside atomic lists positions, `rules[0]`. */
  readonly path: string;
  readonly why: "value" | "unowned" | "released";
  readonly desired?: unknown;
  readonly live?: unknown;
}

/** Where a walk stands: the way from the root, and the kind's rules that hold there. */
export interface Place {
  readonly at: Step | undefined;
  readonly rules: RuleNode | undefined;
}

/** One comparison under way: the walk over granular maps, which lists and atomic containers report to. */
export interface Walk {
  /** A field that we own, of whatever shape. */
  field(desired: unknown, owned: FieldNode, live: unknown, place: Place): void;
  report(why: Difference["why"], at: Step | undefined, desired: unknown, live: unknown): void;
}
