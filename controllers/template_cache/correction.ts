/** What a cache corrects of an artifact that serves it and has failed (spec/README, caching-and-artifacts.md §4.3). */

import type { AIMTemplateCache } from "../../lib/api/mod.ts";
import { correction } from "../../lib/cluster/corrections.ts";
import { artifacts } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type Edit, editOf } from "../../lib/operator/core/plan.ts";
import { annotation, isPaused } from "../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../lib/operator/naming/naming.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { artifactSpec } from "./artifact.ts";
import { changeable } from "./matching.ts";
import type { Served } from "./status.ts";

/** Only of artifacts that a cache has made and nobody has paused. The artifact itself is read once there is something to correct. */
export function correctedArtifacts(
  cache: Live<AIMTemplateCache>,
  served: readonly Served[],
  view: View,
): Edit[] {
  const { name, namespace, uid, annotations } = cache.metadata;
  // What the cache does not say may be what a person has written there.
  const headroom = annotations?.[annotation.headroom];
  const said = (value: string | null) => headroom === undefined ? {} : { [annotation.headroom]: value };
  return served.flatMap(({ wish, artifact }) => {
    if (artifact?.maker === undefined || artifact.whole) return [];
    const patch = correction(artifact.tries, {
      by: uid,
      made: artifact.maker === rawLabelValue(name),
      now: { ...artifact.values, ...said(artifact.headroom) },
      wanted: { ...changeable(artifactSpec(cache, wish)), ...said(headroom ?? null) },
    }, artifact.status === "Failed");
    const live = patch && view.get(artifacts, namespace, artifact.name);
    return live === undefined || isPaused(live) ? [] : [editOf(artifacts, live, patch!)];
  });
}
