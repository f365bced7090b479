/** What to say instead of "not found" where a kind cannot be read at all (scoped mode, `--namespace`). */

import type { AnyKind } from "../kube/cache/cached_kind.ts";
import type { Reading } from "../operator/core/view.ts";
import type { ComponentError } from "../operator/errors/errors.ts";
import { type About, type ComponentHealth, failing, missing } from "../operator/status/health.ts";

/** Why nobody knows whether an object of a kind is there, and what helps; undefined where the kind can be read. */
export function outOfReach(view: Reading, kind: AnyKind): string | undefined {
  return view.reach(kind) === "none" ? textOf(kind) : undefined;
}

function textOf({ resource: { kind, plural, group } }: AnyKind): string {
  const what = group === "" ? plural : `${plural}.${group}`;
  return `${
    pluralOf(kind)
  } are out of reach: this operator runs with --namespace and has no right to list and watch ` +
    `${what}; to give it that right add the component manifests/cluster-read, then restart the operator`;
}

function pluralOf(kind: string): string {
  return kind.endsWith("s") ? `${kind}es` : `${kind}s`;
}

/**
 * What stands in the place of a reference that was not found. Where the cluster's kind can be read it is `otherwise`.
 *
 * @param what was looked for and not found as far as could be read, as a clause: `model "a" is not in namespace b`
 */
export function unlessOutOfReach(
  view: Reading,
  kind: AnyKind,
  what: string,
  otherwise: ComponentError,
): ComponentError {
  const why = outOfReach(view, kind);
  if (why === undefined) return otherwise;
  return { category: "MissingUpstream", reason: "OutOfReach", message: `${what}, and ${why}` };
}

/** The health of a component whose object was not found, or not looked for in the cluster. `what` names it. */
export function missingOrOutOfReach(
  view: Reading,
  kind: AnyKind,
  about: About,
  what: string,
): ComponentHealth {
  const why = outOfReach(view, kind);
  if (why === undefined) return missing(about, what);
  const message = `not found as far as this operator can read: ${what}; ${why}`;
  return failing(about, { category: "MissingUpstream", reason: "OutOfReach", message });
}

/** Health of an object of a kind, and who has to do something about it where this operator only reads the kind. */
export function awaitingAnother(view: Reading, kind: AnyKind, health: ComponentHealth): ComponentHealth {
  if (health.state === "Ready" || view.reach(kind) !== "read") return health;
  const message = `${health.message}; this operator runs with --namespace and only reads ` +
    `${pluralOf(kind.resource.kind)}: another one has to act on them`;
  return { ...health, message };
}
