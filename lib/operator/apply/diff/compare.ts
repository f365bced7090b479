/**
 * Is there something to send? The comparison that lets a steady cluster cost no writes, also after a
 * restart (core.md, "The applier"). Pure: no server, no clock.
 *
 * With D desired, L live and F the fields that we own by server-side apply at the same apiVersion:
 * `same ⇔ F exists ∧ leaves(D) = leaves(F) ∧ norm(D) = norm(L) at each leaf`.
 *
 * F is walked without a schema: `k:` is an item of a list-map, `v:` a member of a set, a leaf over a
 * container is atomic. One thing F cannot tell: an atomic map from a granular one of which we own nothing
 * but its presence (what is left when others took all our keys of a free-form map). It is taken as atomic:
 * equal values then count as the same although we do not own them. D = `{}` asks for presence only.
 */
import type { JsonObject } from "../../../kube/json/json.ts";
import type { AnyKind } from "../../../kube/cache/cached_kind.ts";
import { apiVersionOf, type KubeObject } from "../../../kube/object.ts";
import { type RememberedAnswer, tolerated } from "./answer.ts";
import type { Difference } from "./difference.ts";
import { differencesOf, type OwnerOptions } from "./walk.ts";

export { answeredDifferently, type RememberedAnswer } from "./answer.ts";
export { assertAppliable, NotAppliable } from "./appliable.ts";
export { contestedBy, ownEntry } from "./managed_fields.ts";
export { hashOf } from "./hash.ts";
export type { Difference } from "./difference.ts";
export type { OwnerOptions } from "./walk.ts";

/** Nothing to send, or all the places where an apply would change something. */
export type Verdict = { readonly same: true } | {
  readonly same: false;
  readonly paths: readonly Difference[];
};

export interface CompareOptions extends OwnerOptions {
  /** What the server made of this very D before (`answeredDifferently`): not worth another request. */
  readonly tolerate?: RememberedAnswer;
}

/** How a child of this kind is compared on behalf of a field manager. */
export function optionsFor({ resource, fieldRules }: AnyKind, manager: string): OwnerOptions {
  return { manager, apiVersion: apiVersionOf(resource), rules: fieldRules };
}

const SAME: Verdict = { same: true };

/** Compares what we want with what is there and what we own. `desired` has passed `assertAppliable`. */
export function compare(desired: object, live: KubeObject | undefined, options: CompareOptions): Verdict {
  const differences = differencesOf(desired as JsonObject, live, options);
  if (differences.length === 0) return SAME;
  if (options.tolerate && live && tolerated(differences, options.tolerate, desired, live)) return SAME;
  return { same: false, paths: differences };
}
