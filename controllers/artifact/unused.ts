/** When a Shared artifact goes by itself (spec/README "A Shared cache or artifact that is not Ready"). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import { holdsWeights, isNeeded, unlessNeeded } from "../../lib/cluster/cache_users.ts";
import { artifacts } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import { label, managerOf } from "../../lib/operator/naming/labels.ts";
import type { View } from "../../lib/operator/core/view.ts";

/**
 * The removal of an artifact that a cache has made for others, too, that holds no weights, and that no cache needs
 * any more: those that did want another storage class or source, or have gone. One without a status is too new.
 */
export function unusedArtifact(artifact: Live<AIMArtifact>, view: View): Removal | undefined {
  const { labels, ownerReferences = [] } = artifact.metadata;
  const madeByCache = labels?.[label.managedBy] === managerOf("AIMTemplateCache") &&
    ownerReferences.length === 0;
  const begun = !!artifact.status?.status;
  if (!madeByCache || !begun || holdsWeights(artifact) || isNeeded(artifact, view)) return undefined;
  return removalOf(artifacts, artifact, unlessNeeded(artifact, view));
}
