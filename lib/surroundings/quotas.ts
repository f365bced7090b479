/** ResourceQuotas: what a namespace has used of each is counted anew when anything in it changes. Admission refuses by it. */

import type { ResourceQuota } from "kubernetes-types/core/v1";
import { countedShelf } from "../apiserver/admission/quota_usage.ts";
import { usageOf } from "../apiserver/admission/resource_quota.ts";
import type { JsonObject } from "../apiserver/json.ts";
import { equalJson } from "../kube/json/equal.ts";
import type { KubeObject, Live, Resource } from "../kube/object.ts";
import { type Controller, type Index, keysOf } from "./controller.ts";
import { quotas } from "./resources.ts";

const byNamespace: Index = { resource: quotas, valuesOf: ({ metadata }) => [metadata.namespace!] };

export const quotaController: Controller<Live<KubeObject> & ResourceQuota> = {
  name: "kube-controller-manager",
  resource: quotas,
  watches: [{ keysOf: ({ metadata }, view) => keysOf(view.by(byNamespace, metadata.namespace ?? "")) }],
  reconcile(quota, view) {
    const hard = { ...quota.spec?.hard } as JsonObject;
    const shelves = [...new Set(Object.keys(hard).map(countedShelf))];
    const objects = new Map(shelves.map((shelf) => [
      shelf,
      view.list(resourceOf(shelf), quota.metadata.namespace) as readonly JsonObject[],
    ]));
    const status = { hard, used: usageOf(quota as unknown as JsonObject, objects, view.now().getTime()) };
    return equalJson(status, quota.status) ? [] : [{ updateStatus: { ...quota, status }, resource: quotas }];
  },
};

/** A kind of which no more is known than where its objects are. */
function resourceOf(shelf: string): Resource {
  const [plural, ...group] = shelf.split(".");
  return { group: group.join("."), version: "", kind: "", plural, namespaced: true };
}
