/**
 * Objects that stand under a child's name where the cache does not see them, since it goes by labels: somebody
 * else's, or ours that has lost its label. A forced apply would take the former over without a word.
 */

import type { KubeObject, Live } from "../../kube/object.ts";
import { ClassifiedError } from "../errors/errors.ts";
import type { ChildRef } from "../core/plan.ts";

/** Whether there may be objects of the kind that the cache does not hold. */
export function mayHide({ kind }: ChildRef): boolean {
  return kind.selectors.some(({ labelSelector }) => labelSelector !== undefined);
}

/** Whether what was found is the parent's all the same: owned by it, or applied by our hand and owned by nobody. */
export function isOurs(found: KubeObject, parent: Live<KubeObject>, manager: string): boolean {
  const { ownerReferences = [], managedFields = [] } = found.metadata ?? {};
  if (ownerReferences.some(({ uid }) => uid === parent.metadata.uid)) return true;
  return !ownerReferences.some(({ controller }) => controller) &&
    managedFields.some((entry) => entry.manager === manager && entry.operation === "Apply");
}

/** The error that stands in place of an apply: it names the object, whose it is, and the remedy. */
export function foreign(ref: ChildRef, found: KubeObject): ClassifiedError {
  const { ownerReferences = [], managedFields = [] } = found.metadata ?? {};
  const owner = ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];
  const writer = managedFields.find(({ subresource }) => !subresource)?.manager;
  const whose = owner !== undefined
    ? ` (it belongs to ${owner.kind} ${owner.name})`
    : writer
    ? ` (${writer} made it)`
    : "";
  return new ClassifiedError("InvalidSpec", "AlreadyExists", takenBy(ref, found.apiVersion ?? "", whose));
}

/** `HTTPRoute chat (gateway.networking.k8s.io/v1) exists already …`. */
export function takenBy({ kind, name }: ChildRef, apiVersion: string, whose = ""): string {
  return `${kind.resource.kind} ${name} (${apiVersion}) exists already and was not made by this operator` +
    `${whose}; rename or delete it`;
}
