/** When a Shared artifact goes by itself (spec/README "A Shared cache or artifact that is not Ready"). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import {
  holdsWeights,
  isListed,
  isMadeForAll,
  isMounted,
  isNeeded,
  mayHoldWeights,
  stoodBackFor,
  unlessListed,
  unlessNeeded,
} from "../../lib/cluster/cache_users.ts";
import { artifacts } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { claimName } from "./claim_name.ts";

/**
 * The removal of an artifact that a cache has made for others, too, that holds no weights, and that no cache needs
 * any more: those that did want another storage class or source, have gone, or are served by the one for which it
 * stands back. Nor does an endpoint mount its volume. Apart from that, one without a status is too new.
 */
export function unusedArtifact(artifact: Live<AIMArtifact>, view: View): Removal | undefined {
  // Asked first: whether the weights are there is of the status, whose own change wakes nobody.
  if (!isMadeForAll(artifact) || isMounted(artifact, claimName(artifact, view), view)) return undefined;
  if (holdsWeights(artifact) || mayHoldWeights(artifact, view)) return undefined;
  if (stoodBackFor(artifact, view) !== undefined) {
    return isListed(artifact, view) ? undefined : removalOf(artifacts, artifact, unlessListed(artifact));
  }
  if (!artifact.status?.status || isNeeded(artifact, view)) return undefined;
  return removalOf(artifacts, artifact, unlessNeeded(artifact, view));
}
