/** Cluster roles that are made of others: they have the rules of all that their selectors find. */
import { equalJson } from "../../kube/json/equal.ts";
import type { Cluster } from "../cluster.ts";
import { at, type JsonObject } from "../json.ts";
import type { Change, StoredObject } from "../store/store.ts";
import { selects } from "../validation/values.ts";
import { patch } from "../verbs/patch.ts";

const shelf = "clusterroles.rbac.authorization.k8s.io";
const manager = "clusterrole-aggregation-controller";

/** Any role may be part of any other: all that are made of others are looked at. */
export function clusterRoleChanged(cluster: Cluster, { object }: Change): void {
  const all = cluster.store.list(shelf);
  for (const role of all) {
    const selectors = at(role, "aggregationRule", "clusterRoleSelectors") as unknown[] | undefined;
    if (selectors === undefined) continue;
    const rules = gathered(role, all, selectors);
    if (equalJson(rules, role.rules ?? [])) continue;
    const { apiVersion, kind } = object;
    const body = { apiVersion, kind, metadata: { name: role.metadata.name }, rules };
    patch(cluster, cluster.kinds.byKind(apiVersion, kind)!, { name: role.metadata.name }, {
      method: "PATCH",
      path: "",
      query: new URLSearchParams({ fieldManager: manager, force: "true" }),
      body,
      contentType: "application/apply-patch+yaml",
    });
  }
}

function gathered(
  { metadata }: StoredObject,
  all: readonly StoredObject[],
  selectors: readonly unknown[],
): unknown[] {
  const rules: unknown[] = [];
  for (const selector of selectors) {
    for (const other of all) {
      if (other.metadata.name === metadata.name || !selects(selector, other.metadata.labels ?? {})) continue;
      for (const rule of (other.rules ?? []) as JsonObject[]) {
        if (!rules.some((each) => equalJson(each, rule))) rules.push(rule);
      }
    }
  }
  return rules;
}
