/** What is served: groups, versions, kinds and what can be done with them. */
import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import type { JsonObject } from "../json.ts";

/** `/apis/GROUP` */
export function groupOf(group: string, kinds: readonly Kind[]): JsonObject {
  return { kind: "APIGroup", apiVersion: "v1", ...groupBody(group, kinds) };
}

/** `/apis` */
export function groupList(kinds: readonly Kind[]): JsonObject {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groupNames(kinds).map((group) => groupBody(group, kinds)),
  };
}

function groupBody(group: string, kinds: readonly Kind[]): JsonObject {
  const versions = versionsOf(group, kinds).map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

export function groupNames(kinds: readonly Kind[]): string[] {
  const names = new Set([
    ...kinds.map(({ group }) => group),
    "authorization.k8s.io",
    "authentication.k8s.io",
  ]);
  names.delete("");
  return [...names];
}

export function versionsOf(group: string, kinds: readonly Kind[]): string[] {
  const versions = new Set(kinds.filter((kind) => kind.group === group).map(({ version }) => version));
  if (group in reviews) versions.add("v1");
  return [...versions].sort(byPriority);
}

/** Stable before beta before alpha, newer before older. */
function byPriority(a: string, b: string): number {
  const rank = (version: string) => {
    const parts = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (parts === null) return [0, 0, 0];
    return [
      parts[2] === undefined ? 3 : parts[2] === "beta" ? 2 : 1,
      Number(parts[1]),
      Number(parts[3] ?? 0),
    ];
  };
  const [one, other] = [rank(a), rank(b)];
  const at = one.findIndex((part, i) => part !== other[i]);
  return at < 0 ? 0 : other[at] - one[at];
}

interface Review {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const review = (kind: string, namespaced = false): Review => ({
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced,
});

/** Kinds that are questions, not objects. */
export const reviews: Readonly<Record<string, readonly Review[]>> = {
  "authorization.k8s.io": [
    review("LocalSubjectAccessReview", true),
    review("SelfSubjectAccessReview"),
    review("SelfSubjectRulesReview"),
    review("SubjectAccessReview"),
  ],
  "authentication.k8s.io": [review("SelfSubjectReview")],
};

/** `/api/v1`, `/apis/GROUP/VERSION` */
export function resourceList(group: string, version: string, kinds: readonly Kind[]): JsonObject {
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersionOf({ group, version }),
    resources: [
      ...served.flatMap(resourcesOf),
      ...(reviews[group] ?? []).map(({ kind, plural, namespaced }) => ({
        name: plural,
        singularName: kind.toLowerCase(),
        namespaced,
        kind,
        verbs: ["create"],
      })),
    ],
  };
}

function resourcesOf(kind: Kind): JsonObject[] {
  const { plural, singular, namespaced, verbs, shortNames, categories } = kind;
  const main: JsonObject = { name: plural, singularName: singular, namespaced, kind: kind.kind, verbs };
  if (shortNames.length > 0) main.shortNames = shortNames;
  if (categories.length > 0) main.categories = categories;
  return [
    main,
    ...subresourcesOf(kind).map(({ name, group, version, kind: of, verbs }) => ({
      name: `${plural}/${name}`,
      singularName: "",
      namespaced,
      ...(group === undefined ? {} : { group, version }),
      kind: of,
      verbs,
    })),
  ];
}

interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

export function subresourcesOf(kind: Kind): Subresource[] {
  const verbs = ["get", "patch", "update"];
  return [
    ...kind.hasStatus ? [{ name: "status", kind: kind.kind, verbs }] : [],
    ...kind.scale !== undefined
      ? [{ name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs }]
      : [],
    ...kind.kind === "Pod" && kind.group === "" ? [{ name: "log", kind: "Pod", verbs: ["get"] }] : [],
  ];
}

/** All of it in one document, as newer clients read it. */
export function aggregated(core: boolean, version: string, kinds: readonly Kind[]): JsonObject {
  const groups = core ? [""] : groupNames(kinds);
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === "" ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: versionsOf(group, kinds).map((each) => ({
        version: each,
        freshness: "Current",
        resources: [
          ...kinds.filter((kind) => kind.group === group && kind.version === each).map(aggregatedResource),
          ...(reviews[group] ?? []).map(({ kind, plural, namespaced }) => ({
            resource: plural,
            responseKind: { group, version: each, kind },
            scope: namespaced ? "Namespaced" : "Cluster",
            singularResource: kind.toLowerCase(),
            verbs: ["create"],
          })),
        ],
      })),
    })),
  };
}

function aggregatedResource(kind: Kind): JsonObject {
  const subresources = subresourcesOf(kind).map((each) => ({
    subresource: each.name,
    responseKind: { group: each.group ?? kind.group, version: each.version ?? kind.version, kind: each.kind },
    verbs: each.verbs,
  }));
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
