/** The volume that holds the weights (caching-and-artifacts.md §5.3, §5.4). */

import { type AIMArtifact, bytesQuantity, formatQuantity } from "../../lib/api/mod.ts";
import { eventsByUid } from "../../lib/cluster/indexes.ts";
import { persistentVolumeClaims } from "../../lib/cluster/kinds.ts";
import type { PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { ComponentHealth } from "../../lib/operator/status/health.ts";
import { inspectClaim } from "../../lib/operator/inspect/pvc.ts";
import { annotation, isLeft, label, ownerReference } from "../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../lib/operator/naming/naming.ts";
import { type Child, type Edit, editOf } from "../../lib/operator/core/plan.ts";
import { headroomPercent } from "../../lib/operator/runtime_config.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { claimName, sourceLabel } from "./claim_name.ts";
import { childOf, type Context } from "./context.ts";
import { claimBytes } from "./size.ts";

export type Claim = Live<PersistentVolumeClaim>;

/** Makes the artifact the owner of a claim that was left: it goes with the artifact again. */
export function adoption({ artifact, parent }: Context, claim: Claim | undefined): Edit[] {
  if (!isUsable(claim) || !isLeft(claim)) return [];
  if (claim.metadata.labels?.[label.cacheName] !== rawLabelValue(artifact.metadata.name)) return [];
  return [editOf(persistentVolumeClaims, claim, { metadata: { ownerReferences: [ownerReference(parent)] } })];
}

export function claimOf(artifact: Live<AIMArtifact>, view: View): Claim | undefined {
  return view.get(persistentVolumeClaims, artifact.metadata.namespace, claimName(artifact, view));
}

/** Whether pods can still be started on it: not once it is being deleted. */
export function isUsable(claim: Claim | undefined): claim is Claim {
  return claim !== undefined && claim.metadata.deletionTimestamp === undefined;
}

export type Headroom = { readonly percent: number } | { readonly fault: string };

/** The service's headroom, else the runtime config's, else 10 (§5.3 Better); 0 counts. */
export function headroomOf({ artifact, config }: Context): Headroom {
  const own = artifact.metadata.annotations?.[annotation.headroom];
  if (own === undefined) return { percent: headroomPercent(config) };
  if (/^\d{1,6}$/.test(own)) return { percent: Number(own) };
  return {
    fault: `annotation ${annotation.headroom} is "${own}"; set it to a whole number of percent, or remove it`,
  };
}

/** An explicitly empty class of the runtime config means the cluster's default class (§5.4). */
export function storageClassOf({ artifact, config }: Context): string {
  return artifact.spec?.storageClassName || (config?.storage?.defaultStorageClassName ?? "");
}

/** The claim to create while there is none. Afterwards it only grows (room.ts). */
export function newClaim(context: Context, bytes: bigint, percent: number): Child {
  const { artifact, claimName } = context;
  const { name, namespace } = artifact.metadata;
  const storageClassName = storageClassOf(context);
  const fromTemplate = artifact.metadata.labels?.[label.templateCreated] === "true";
  const claim: PersistentVolumeClaim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name: claimName,
      namespace,
      labels: {
        [label.cacheName]: rawLabelValue(name),
        ...(fromTemplate ? { [label.cacheType]: "template-cache" } : {}),
        [label.sourceModel]: sourceLabel(artifact),
      },
    },
    spec: {
      accessModes: ["ReadWriteMany"],
      ...(storageClassName ? { storageClassName } : {}),
      resources: { requests: { storage: formatQuantity(bytesQuantity(claimBytes(bytes, percent))) } },
    },
  };
  return {
    how: "create",
    ref: { kind: persistentVolumeClaims, namespace, name: claimName },
    desired: childOf(claim, context, true),
  };
}

const about = { component: "CachePvc", dependency: "Downstream" } as const;

/** `CachePvcReady` (§5.11). */
export function claimHealth(claim: Claim | undefined, view: View): ComponentHealth {
  if (claim?.metadata.deletionTimestamp !== undefined) {
    return {
      ...about,
      state: "Progressing",
      reason: "ResourceNotReady",
      message:
        `PersistentVolumeClaim ${claim.metadata.name} is being deleted; a new one follows once it is gone`,
    };
  }
  return inspectClaim(claim, about, claim === undefined ? [] : view.list(eventsByUid, claim.metadata.uid));
}
