/** Names of a service's owned children, and what is there under them (services.md §1.1). */

import type { AIMService } from "../../../lib/api/mod.ts";
import type { CachedKind } from "../../../lib/kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { controllerOf } from "../../../lib/operator/naming/labels.ts";
import { inferenceServices } from "../../../lib/cluster/kinds.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import { ClassifiedError } from "../../../lib/operator/errors/errors.ts";
import { type About, type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { inferenceServiceName, type NamePair } from "../../../lib/operator/naming/object_names.ts";
import { Uninstalled, type View } from "../../../lib/operator/core/view.ts";

/** An owned child: its name, and the object of that name if it is this service's to apply. */
export interface OwnedChild<T extends KubeObject> {
  readonly name: string;
  readonly live: Live<T> | undefined;
  readonly installed: boolean;
  /** A former service of the same name still has it: wait until it has been collected. */
  readonly blocked: boolean;
}

/**
 * AIM Engine's name, unless a service of another name has it (the hash leaves the own name out, so long or
 * dotted names can meet): then the name that has the service's own name in its hash, for as long as the child
 * is there.
 */
export function ownedChild<T extends KubeObject>(
  service: Live<AIMService>,
  kind: CachedKind<T, true>,
  names: NamePair,
  view: View,
): OwnedChild<T> {
  const { namespace } = service.metadata;
  const first = view.get(kind, namespace, names.first);
  if (first === Uninstalled) return { name: names.first, live: undefined, installed: false, blocked: false };
  if (first !== undefined && [undefined, service.metadata.name].includes(ownerName(first))) {
    return found(service, names.first, first);
  }
  const second = view.get(kind, namespace, names.onCollision);
  const live = second === Uninstalled ? undefined : second;
  // Who has once made way keeps the second name, also when the first is free again: else it would have two.
  const ours = live !== undefined && controllerOf(live, "AIMService")?.uid === service.metadata.uid;
  if (first === undefined && !ours) return found<T>(service, names.first, undefined);
  return found(service, names.onCollision, live);
}

function found<T extends KubeObject>(
  service: Live<AIMService>,
  name: string,
  live: Live<T> | undefined,
): OwnedChild<T> {
  const owner = live === undefined ? undefined : controllerOf(live, "AIMService");
  const blocked = owner !== undefined && owner.uid !== service.metadata.uid;
  return { name, live: blocked ? undefined : live, installed: true, blocked };
}

function ownerName(object: KubeObject): string | undefined {
  return controllerOf(object, "AIMService")?.name;
}

/** Health of a child whose name a deleted service of the same name still holds. */
export function formerOwner(about: About, who: string): ComponentHealth {
  return {
    ...about,
    state: "Progressing",
    reason: "ResourceNotReady",
    code: "AIM-0505",
    message: `${who} of a deleted service of the same name is still being collected`,
  };
}

/** The InferenceService's place, or why it can have no name. */
export type InferenceServiceSlot =
  | { readonly child: OwnedChild<InferenceService>; readonly error?: undefined }
  | { readonly child?: undefined; readonly error: ComponentHealth };

/** A namespace of more than 42 characters leaves no room for a host name: a fault of the spec, no retry (§11.4). */
export function inferenceServiceSlot(service: Live<AIMService>, view: View): InferenceServiceSlot {
  try {
    const names = inferenceServiceName(service.metadata.name, service.metadata.namespace ?? "");
    return { child: ownedChild(service, inferenceServices, names, view) };
  } catch (error) {
    if (!(error instanceof ClassifiedError)) throw error;
    const { category, reason, message } = error;
    return {
      error: failing({ component: "InferenceService", dependency: "Downstream", role: "input" }, {
        category,
        reason,
        message: `${message}; use a namespace of at most 42 characters`,
      }),
    };
  }
}
