/** The right of download pods to report their progress (caching-and-artifacts.md §5.9). */

import { downloaderAccount, roleBindings, serviceAccounts } from "../../../lib/cluster/kinds.ts";
import type { RoleBinding, ServiceAccount } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import { asChild } from "../../../lib/operator/naming/labels.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { Context } from "../context.ts";

/** RoleBinding in each namespace with an artifact, and the ClusterRole that it binds. */
export const statusUpdater = "aim-engine-artifact-status-updater";

/**
 * The account that the Job runs under, once account and binding are there. A binding that AIM Engine left
 * names the namespace's `default` account; it belongs to all artifacts of the namespace and is not changed,
 * so the Job goes by it.
 */
export function reportingAccount({ artifact }: Context, view: View): string | undefined {
  const { namespace } = artifact.metadata;
  const binding = view.get(roleBindings, namespace, statusUpdater);
  const account = view.get(serviceAccounts, namespace, downloaderAccount);
  if (binding === undefined || account === undefined) return undefined;
  const bound = (binding.subjects ?? []).map(({ name }) => name);
  return !bound.includes(downloaderAccount) && bound.includes("default") ? "default" : downloaderAccount;
}

/**
 * Both, to create where they are absent. Nobody owns them: all artifacts of the namespace share them, so the labels
 * that a runtime config propagates are not for them (model-sources-and-config.md §12 Better).
 */
export function reportingChildren({ artifact, parent }: Context): Child[] {
  const { namespace } = artifact.metadata;
  const shared = <T extends KubeObject>(object: T) =>
    asChild(object, parent, { owned: false, propagation: undefined });
  const account: ServiceAccount = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: downloaderAccount, namespace },
  };
  const binding: RoleBinding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: statusUpdater, namespace },
    subjects: [{ kind: "ServiceAccount", name: downloaderAccount, namespace }],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: statusUpdater },
  };
  return [
    {
      how: "create",
      ref: { kind: serviceAccounts, namespace, name: downloaderAccount },
      desired: shared(account),
    },
    {
      how: "create",
      ref: { kind: roleBindings, namespace, name: statusUpdater },
      desired: shared(binding),
    },
  ];
}
