/** An object of ours that somebody deletes and that a finalizer keeps: the operator does not edit it any more. */

import type { KubeObject } from "../../kube/object.ts";
import type { KnownReason } from "../errors/reasons.ts";
import type { About, ComponentHealth } from "../status/health.ts";

/**
 * Health of a child that is being deleted: on its way, for it is made again where it is wanted; undefined where it is not.
 *
 * @param reason of a child that is being made
 */
export function leaving(
  kind: string,
  { metadata }: KubeObject,
  about: About,
  reason: KnownReason,
): ComponentHealth | undefined {
  if (metadata?.deletionTimestamp === undefined) return undefined;
  const { name, finalizers = [] } = metadata;
  const left = finalizers.length === 0 ? "" : `; it still has the finalizers ${finalizers.join(", ")}`;
  const message =
    `${kind} ${name} is being deleted; once it is gone it is made again, if all that it needs is ready${left}`;
  return { ...about, role: "child", state: "Progressing", reason, message, code: "AIM-0505" };
}
