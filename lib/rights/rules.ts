/** From what the operator does to the rules of RBAC that let it. */

import { type Feature, scopedFeatures } from "./features.ts";
import { type Use, uses } from "./uses.ts";

/** Which operator the rules are for. */
export interface Choice {
  /** Whether its rights end at some namespaces (`--namespace`). */
  readonly isScoped: boolean;
  readonly without: ReadonlySet<Feature>;
}

export const everything: Choice = { isScoped: false, without: new Set() };
export const scoped: Choice = { isScoped: true, without: new Set() };

/** A rule, and what each of its verbs is for. */
export interface Rule {
  readonly group: string;
  readonly resources: readonly string[];
  readonly name?: string;
  readonly verbs: readonly string[];
  /** Lines for who reads the rule: `create, delete: a cache's artifacts`. */
  readonly reasons: readonly string[];
}

/** Rules of the role by which the operator acts: of its ClusterRole, or of the Role in each of its namespaces. */
export function managerRules({ isScoped, without }: Choice): Rule[] {
  return rulesOf(
    uses.filter(({ feature, isNamespaced }) =>
      (feature === undefined || !without.has(feature)) &&
      // In a namespace the account of downloads and its right come with the Role.
      (!isScoped || isNamespaced && feature !== "downloader-accounts")
    ),
  );
}

/** Rules by which an operator of some namespaces reads what belongs to none. Of a source only its own controller reads. */
export function clusterReaderRules({ without }: Pick<Choice, "without">): Rule[] {
  return rulesOf(
    uses.filter(({ verb, isNamespaced, resource }) =>
      ["list", "watch"].includes(verb) && !isNamespaced && resource !== "aimclustermodelsources" &&
      !without.has(scopedFeatureOf(resource))
    ),
  );
}

function scopedFeatureOf(resource: string): Feature {
  return ({ nodes: "nodes", storageclasses: "storage-classes" } as const)[resource] ?? "cluster-kinds";
}

/** What of a choice makes no sense, in words; undefined if all does. */
export function faultOf({ isScoped, without }: Choice): string | undefined {
  const needless = scopedFeatures.filter((feature) => without.has(feature));
  if (isScoped || needless.length === 0) return undefined;
  return `an operator of the whole cluster does not start without ${
    needless.join(", ")
  }: name its namespaces (--namespace)`;
}

/** As `kubectl` and people write them. */
const verbOrder = ["get", "list", "watch", "create", "patch", "update", "delete", "bind"];
const inOrder = (verbs: Iterable<string>) =>
  [...new Set(verbs)].sort((a, b) => verbOrder.indexOf(a) - verbOrder.indexOf(b));

/** One rule for each resource; resources of a group with the same verbs for the same reasons share one. */
function rulesOf(chosen: readonly Use[]): Rule[] {
  const ofResource = Map.groupBy(chosen, ({ group, resource, name = "" }) => `${group} ${resource} ${name}`);
  const rules = [...ofResource.values()].map((all): Rule => {
    const [{ group, resource, name }] = all;
    return {
      group,
      resources: [resource],
      name,
      verbs: inOrder(all.map(({ verb }) => verb)),
      reasons: reasonsOf(all),
    };
  });
  const alike = Map.groupBy(rules, ({ resources: _, ...rest }) => JSON.stringify(rest));
  return [...alike.values()].map((all) => ({
    ...all[0],
    resources: all.flatMap(({ resources }) => resources),
  }));
}

function reasonsOf(all: readonly Use[]): string[] {
  const ofReason = Map.groupBy(all, ({ reason }) => reason);
  ofReason.delete("");
  return [...ofReason].map(([reason, each]) =>
    `${inOrder(each.map(({ verb }) => verb)).join(", ")}: ${reason}`
  );
}
