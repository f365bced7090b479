/** What a policy, or the binding of one, is about: by kind, by operation, and by labels of the object and its namespace. */
import type { Cluster } from "../../cluster.ts";
import { at, isObject, type JsonObject } from "../../json.ts";
import { selects } from "../../validation/values.ts";
import { type Attributes, isBuiltIn, nameOf, namespaceOf } from "../attributes.ts";
import { items } from "../pod_amounts.ts";

type Labels = Readonly<Record<string, string>>;

/** @param resources `matchConstraints` or `matchResources`; undefined is everything */
export function isAbout(cluster: Cluster, resources: unknown, attributes: Attributes): boolean {
  if (!isObject(resources)) return true;
  const { namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = resources;
  const matches = (rule: JsonObject) => ruleMatches(rule, attributes);
  const rules = items(resourceRules);
  return namespaceMatches(cluster, namespaceSelector, attributes) &&
    objectMatches(objectSelector, attributes) &&
    !items(excludeResourceRules).some(matches) && (rules.length === 0 || rules.some(matches));
}

function ruleMatches(rule: JsonObject, attributes: Attributes): boolean {
  const { kind, operation, subresource } = attributes;
  const includes = (list: unknown, ...wanted: string[]) =>
    Array.isArray(list) && wanted.some((each) => list.includes(each));
  const resources = subresource === undefined
    ? ["*", "*/*", kind.plural]
    : ["*/*", `${kind.plural}/*`, `*/${subresource}`, `${kind.plural}/${subresource}`];
  const scope = rule.scope ?? "*";
  const names = (rule.resourceNames ?? []) as string[];
  return includes(rule.apiGroups, "*", kind.group) && includes(rule.apiVersions, "*", kind.version) &&
    includes(rule.operations, "*", operation) && includes(rule.resources, ...resources) &&
    (scope === "*" || scope === (kind.namespaced ? "Namespaced" : "Cluster")) &&
    (names.length === 0 || names.includes(nameOf(attributes)));
}

/** A namespace is asked itself; other objects of the whole cluster always match. */
function namespaceMatches(cluster: Cluster, selector: unknown, attributes: Attributes): boolean {
  if (isBuiltIn(attributes, "", "Namespace")) return selects(selector, labelsOf(attributes.object));
  const name = namespaceOf(attributes);
  if (name === undefined) return true;
  return selects(selector, cluster.store.get("namespaces", undefined, name)?.metadata.labels ?? {});
}

function objectMatches(selector: unknown, { object, old }: Attributes): boolean {
  return selects(selector, labelsOf(object)) || old !== undefined && selects(selector, labelsOf(old));
}

function labelsOf(object: JsonObject): Labels {
  return (at(object, "metadata", "labels") ?? {}) as Labels;
}
