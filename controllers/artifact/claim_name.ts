/** Which claim is the artifact's (caching-and-artifacts.md §3.1 Better). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import { persistentVolumeClaims } from "../../lib/cluster/kinds.ts";
import type { PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import { byAge, keyOf, type Live } from "../../lib/kube/object.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { isLeft, label } from "../../lib/operator/naming/labels.ts";
import { labelValue, rawLabelValue } from "../../lib/operator/naming/naming.ts";
import { artifactChildName } from "../../lib/operator/naming/object_names.ts";

const claimsByArtifact = persistentVolumeClaims.index("artifact label", ({ metadata }) => {
  const artifact = metadata.labels?.[label.cacheName];
  return artifact === undefined ? [] : [keyOf(metadata.namespace, artifact)];
});

/**
 * The claim recorded in the status (§3.1 Better); where none is, the one of the derived name, or one that was made for
 * an artifact of this name under another UID: restored from a backup, or left by who deleted the artifact alone.
 */
export function claimName(artifact: Live<AIMArtifact>, view: View): string {
  const { metadata: { name, namespace, uid }, status } = artifact;
  if (status?.persistentVolumeClaim) return status.persistentVolumeClaim;
  const derived = artifactChildName(name, "cache", uid);
  if (view.get(persistentVolumeClaims, namespace, derived) !== undefined) return derived;
  return leftClaim(artifact, view)?.metadata.name ?? derived;
}

function leftClaim(artifact: Live<AIMArtifact>, view: View): Live<PersistentVolumeClaim> | undefined {
  const { metadata: { name, namespace }, spec } = artifact;
  return view.list(claimsByArtifact, keyOf(namespace, rawLabelValue(name)))
    .filter((claim) =>
      claim.metadata.deletionTimestamp === undefined && nobodyElseOwns(claim, artifact) &&
      claim.metadata.labels?.[label.sourceModel] === sourceLabel(artifact) &&
      (!spec?.storageClassName || claim.spec?.storageClassName === spec.storageClassName)
    )
    .toSorted(byAge)[0];
}

function nobodyElseOwns(claim: Live<PersistentVolumeClaim>, { metadata }: Live<AIMArtifact>): boolean {
  return claim.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ||
    isLeft(claim);
}

/** Value of the label that says what the claim holds. */
export function sourceLabel({ spec }: AIMArtifact): string {
  return labelValue((spec?.sourceUri ?? "").replace(/^[^:]*:\/\//, "")) ?? "";
}
