/** An object of ours that somebody deletes and that a finalizer keeps: no edit reaches it any more. */

import type { KubeObject } from "../../kube/object.ts";
import type { KnownReason } from "../errors/reasons.ts";
import type { About, ComponentHealth } from "../status/health.ts";

/**
 * Health of a child that is being deleted: on its way, for another one follows; undefined where it is not.
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
  const message = `${kind} ${name} is being deleted, a new one follows once it is gone${left}`;
  return { ...about, role: "child", state: "Progressing", reason, message };
}
