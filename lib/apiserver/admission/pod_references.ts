/** What a new pod names: its account and its priority. */
import type { Cluster } from "../cluster.ts";
import { at, type JsonObject } from "../json.ts";
import { forbidden } from "../status.ts";
import type { Attributes } from "./attributes.ts";

/** @throws Refusal 403 for a pod whose account or priority is not there */
export function checkReferences(cluster: Cluster, { kind, operation, object }: Attributes): void {
  if (operation !== "CREATE") return;
  const { name, namespace } = object.metadata as { name: string; namespace: string };
  const spec = object.spec as JsonObject;
  const account = String(spec.serviceAccountName);
  // Every namespace has this one a moment after it is made; here nobody makes it.
  if (account !== "default" && cluster.store.get("serviceaccounts", namespace, account) === undefined) {
    const why =
      `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
    throw forbidden(kind, name, why);
  }
  const priority = spec.priorityClassName;
  if (typeof priority !== "string" || priority === "") return;
  const found = cluster.store.get("priorityclasses.scheduling.k8s.io", undefined, priority);
  if (found === undefined && !priority.startsWith("system-")) {
    throw forbidden(kind, name, `no PriorityClass with name ${priority} was found`);
  }
  const value = at(found, "value");
  if (value !== undefined) spec.priority = value;
}
