/** `lastUsed`: when an endpoint last mounted the weights (caching-and-artifacts.md §5.10 Better). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import { mountingClaim } from "../../lib/cluster/cache_users.ts";
import { keyOf, type Live } from "../../lib/kube/object.ts";
import { defineQuery, present, type View } from "../../lib/operator/core/view.ts";
import { claimName } from "./claim_name.ts";

/** When the newest endpoint that mounts the claim was made; empty where there is none. */
const newestMount = defineQuery<string, string>("newestMount", (view, claim) => {
  const all = view.list(mountingClaim, claim);
  return present(all) ? all.map(({ metadata }) => metadata.creationTimestamp ?? "").sort().at(-1) ?? "" : "";
});

/** The later of what is recorded and the newest mount: it stays when the endpoint goes. */
export function lastUsed(artifact: Live<AIMArtifact>, view: View): string | undefined {
  const recorded = artifact.status?.lastUsed ?? "";
  const newest = view.query(newestMount, keyOf(artifact.metadata.namespace, claimName(artifact, view)));
  return (Date.parse(newest) > (Date.parse(recorded) || 0) ? newest : recorded) || undefined;
}
