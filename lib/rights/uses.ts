/**
 * Every use of the API by the operator, and what needs it (conventions.md §13): the one source of its rights.
 * `manifests/rbac` is written from it, or compared with it.
 */

import { watchedKinds } from "../cluster/kinds.ts";
import type { Feature } from "./features.ts";

/** One thing that the operator does with a resource. */
export interface Use {
  readonly verb: string;
  /** `""` is the core group. */
  readonly group: string;
  /** Plural, with `/status` and the like behind it. */
  readonly resource: string;
  /** The one object that it is about; absent: any. */
  readonly name?: string;
  readonly isNamespaced: boolean;
  readonly reason: string;
  /** What it is done for; absent: always. */
  readonly feature?: Feature;
}

type Row = readonly [verbs: string, resource: string, reason: string, feature?: Feature];

const aim = "aim.eai.amd.com";
const afresh = "read afresh after a conflict, or when no answer came";

/** What the operator does beside watching. */
const rows: readonly Row[] = [
  ["patch", `${aim}/aimservices`, "its finalizer"],
  ["get", `${aim}/aimservices`, afresh],

  ["get", `${aim}/aimmodels`, afresh],
  ["create", `${aim}/aimmodels`, "a service's model for its image, or of its own"],
  ["patch", `${aim}/aimmodels`, "a service's pull secrets and account, for a model that cannot be read"],

  ["get", `${aim}/aimclustermodels`, afresh],
  ["create", `${aim}/aimclustermodels`, "a model source's model for each image", "model-sources"],
  ["patch", `${aim}/aimclustermodels`, "changed pull secrets of a model source", "model-sources"],
  ["get", `${aim}/aimclustermodelsources`, afresh, "model-sources"],

  ["create get patch", `${aim}/aimservicetemplates`, "a model's templates, applied; a template's label"],
  ["create delete", `${aim}/aimservicetemplates`, "a template derived for a service's overrides"],
  ["delete", `${aim}/aimservicetemplates`, "a template that a model's image no longer recommends"],
  [
    "create get patch",
    `${aim}/aimclusterservicetemplates`,
    "a model's templates, applied; a template's label",
  ],
  ["delete", `${aim}/aimclusterservicetemplates`, "a template that a model's image no longer recommends"],

  ["get", `${aim}/aimtemplatecaches`, afresh],
  ["create delete", `${aim}/aimtemplatecaches`, "a service's Shared cache, and the end of it"],
  ["create patch", `${aim}/aimtemplatecaches`, "a template's cache, applied"],
  ["patch", `${aim}/aimtemplatecaches`, "its finalizer; what a service corrects of a cache that has failed"],

  ["create delete get", `${aim}/aimartifacts`, "a cache's artifacts, and the end of them"],
  [
    "patch",
    `${aim}/aimartifacts`,
    "what a cache corrects of one that has failed; what it remembers of its downloads",
  ],

  ["get", `${aim}/aimruntimeconfigs`, afresh],
  ["get", `${aim}/aimclusterruntimeconfigs`, afresh],

  ["patch", `${aim}/aimservices/status`, "status"],
  ["patch", `${aim}/aimmodels/status`, "status"],
  ["patch", `${aim}/aimclustermodels/status`, "status"],
  ["patch", `${aim}/aimclustermodelsources/status`, "status", "model-sources"],
  ["patch", `${aim}/aimservicetemplates/status`, "status"],
  ["patch", `${aim}/aimclusterservicetemplates/status`, "status"],
  ["patch", `${aim}/aimtemplatecaches/status`, "status"],
  ["patch", `${aim}/aimartifacts/status`, "status"],
  ["patch", `${aim}/aimruntimeconfigs/status`, "status"],
  ["patch", `${aim}/aimclusterruntimeconfigs/status`, "status"],

  ["create get patch", "serving.kserve.io/inferenceservices", "a service's endpoint, applied", "kserve"],
  ["create get patch", "gateway.networking.k8s.io/httproutes", "a service's route, applied", "gateway"],
  ["delete", "gateway.networking.k8s.io/httproutes", "a service's route, once routing is off", "gateway"],

  ["create get", "core/persistentvolumeclaims", "an artifact's volume"],
  ["patch", "core/persistentvolumeclaims", "a volume made larger, or taken back after a restore"],
  [
    "create delete get",
    "batch/jobs",
    "an artifact's downloads, a template's discovery, and the next try of either",
  ],
  ["create get", "core/serviceaccounts", "the account of download pods", "downloader-accounts"],
  [
    "create get",
    "rbac.authorization.k8s.io/rolebindings",
    "the right of the account of download pods",
    "downloader-accounts",
  ],
  [
    "bind",
    "rbac.authorization.k8s.io/clusterroles aim-engine-artifact-status-updater",
    "giving that account its role without holding the rights in it",
    "downloader-accounts",
  ],

  ["get", "core/pods/log", "why a container failed; what a discovery found"],
  [
    "get",
    "core/secrets",
    "by name, never listed, never kept: pull secrets, to ask a registry; whether one that a failed download uses has " +
    "changed; whether a service's namespace has a cluster model's",
    "secrets",
  ],
  ["create patch", "core/events", "what the operator tells, and repeats of it"],
];

/** Why a kind is watched of which nothing else is done. */
const watchReasons: Readonly<Record<string, string>> = {
  "core/nodes": "which GPUs there are",
  "core/pods": "health of endpoints, downloads and discovery",
  "apps/deployments": "why a predictor's pods were refused",
  "apps/replicasets": "which pods are of the newest revision",
  "storage.k8s.io/storageclasses": "whether a claim that is too small may be made larger",
  "autoscaling/horizontalpodautoscalers": "how many replicas there are, and may be",
};

const featureOfGroup: Readonly<Record<string, Feature>> = {
  "serving.kserve.io": "kserve",
  "gateway.networking.k8s.io": "gateway",
};

const clusterScoped = new Set([
  "clusterroles",
  ...watchedKinds.filter(({ resource }) => !resource.namespaced).map(({ resource }) => resource.plural),
]);

/** All that the operator does, watching included. */
export const uses: readonly Use[] = [
  ...watchedKinds.flatMap(({ resource: { group, plural, namespaced } }) =>
    ["list", "watch"].map((verb): Use => ({
      verb,
      group,
      resource: plural,
      isNamespaced: namespaced,
      reason: watchReasons[`${group || "core"}/${plural}`] ?? "",
      feature: featureOfGroup[group],
    }))
  ),
  ...rows.flatMap(([verbs, what, reason, feature]) =>
    verbs.split(" ").map((verb): Use => ({ verb, ...resourceOf(what), reason, feature }))
  ),
];

/** `group/resource name` taken apart. */
function resourceOf(what: string): Pick<Use, "group" | "resource" | "name" | "isNamespaced"> {
  const [path, name] = what.split(" ");
  const slash = path.indexOf("/");
  const [group, resource] = [path.slice(0, slash), path.slice(slash + 1)];
  return {
    group: group === "core" ? "" : group,
    resource,
    name,
    isNamespaced: !clusterScoped.has(resource.split("/")[0]),
  };
}
