/** Rules of roles: what one allows, and whether some cover others. */
import type { Asked } from "./attributes.ts";

export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const all = "*";
const none: readonly string[] = [];

function names(list: readonly string[] = none, wanted: string): boolean {
  return list.includes(all) || list.includes(wanted);
}

export function allows(rule: PolicyRule, asked: Asked): boolean {
  if (!names(rule.verbs, asked.verb)) return false;
  if ("path" in asked) return (rule.nonResourceURLs ?? none).some((url) => urlCovers(url, asked.path));
  const { group, resource, subresource, name } = asked;
  const { resources = none, resourceNames = none } = rule;
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  const meant = names(resources, whole) || subresource !== "" && resources.includes(`*/${subresource}`);
  return meant && names(rule.apiGroups, group) &&
    (resourceNames.length === 0 || resourceNames.includes(name));
}

function urlCovers(owned: string, url: string): boolean {
  return owned === url || owned.endsWith("*") && url.startsWith(owned.replace(/\*+$/, ""));
}

/** What of `wanted` no rule of `owned` covers, taken apart into single verbs on single things. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(brokenDown).filter((rule) => !owned.some((owner) => covers(owner, rule)));
}

function brokenDown(rule: PolicyRule): PolicyRule[] {
  const { verbs = none, apiGroups = none, resources = none, resourceNames = none, nonResourceURLs = none } =
    rule;
  return [
    ...apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb): PolicyRule[] => {
          const single = { apiGroups: [group], resources: [resource], verbs: [verb] };
          if (resourceNames.length === 0) return [single];
          return resourceNames.map((name) => ({ ...single, resourceNames: [name] }));
        })
      )
    ),
    ...nonResourceURLs.flatMap((url) => verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] }))),
  ];
}

/** @param rule one verb on one thing */
function covers(owner: PolicyRule, rule: PolicyRule): boolean {
  const every = (owned: readonly string[] = none, wanted: readonly string[] = none) =>
    wanted.every((each) => names(owned, each));
  const { resources = none, resourceNames = none, nonResourceURLs = none } = owner;
  return every(owner.verbs, rule.verbs) && every(owner.apiGroups, rule.apiGroups) &&
    (rule.resources ?? none).every((each) =>
      names(resources, each) || each.includes("/") && resources.includes(`*/${each.split(/\/(.*)/)[1]}`)
    ) &&
    (resourceNames.length === 0 ||
      rule.resourceNames !== undefined && rule.resourceNames.every((each) => resourceNames.includes(each))) &&
    (rule.nonResourceURLs ?? none).every((url) => nonResourceURLs.some((owned) => urlCovers(owned, url)));
}

/** Rules on one thing with all their verbs, each as a refusal shows it, in order. */
export function described(rules: readonly PolicyRule[]): string[] {
  const together = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs: _, ...thing } = rule;
    const key = rule.nonResourceURLs === undefined ? JSON.stringify(thing) : JSON.stringify(rule);
    const before = together.get(key);
    together.set(key, before === undefined ? rule : { ...rule, verbs: [...before.verbs!, ...rule.verbs!] });
  }
  return [...new Set([...together.values()].map(inWords))].sort();
}

function inWords({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
  const parts = Object.entries({
    APIGroups: apiGroups,
    Resources: resources,
    NonResourceURLs: nonResourceURLs,
    ResourceNames: resourceNames,
    Verbs: verbs,
  }).filter(([, list]) => list !== undefined && list.length > 0);
  return `{${parts.map(([name, list]) => `${name}:${quoted(list!)}`).join(", ")}}`;
}

/** A list as Go quotes it. */
export function quoted(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(" ")}]`;
}
