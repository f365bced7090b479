/** Nobody gives away rights that they do not have, unless they may `escalate` a role or `bind` it. */
import { equalJson } from "../../kube/json/equal.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import { forbidden, notFound } from "../status.ts";
import { type Authorizer, rbacGroup, type RoleRef, together } from "./authorizer.ts";
import { described, type PolicyRule, quoted, uncovered } from "./rules.ts";
import { masters, type UserInfo } from "../user.ts";

const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

/** @param old what is stored, where something is. @throws Refusal 403, or 404 for a role that is bound and not there */
export function checkEscalation(
  authorizer: Authorizer,
  user: UserInfo,
  kind: Kind,
  object: JsonObject,
  old?: JsonObject,
): void {
  if (kind.group !== rbacGroup || user.groups.includes(masters)) return;
  const { namespace = "", name = "" } = object.metadata as { namespace?: string; name?: string };
  const may = (verb: string, resource: string, name: string) =>
    authorizer.decide(user, { verb, group: rbacGroup, resource, subresource: "", namespace, name }).allowed;
  const confirm = (rules: readonly PolicyRule[], why?: string) => {
    const problem = beyond(authorizer, user, namespace, rules);
    if (problem !== undefined) throw forbidden(kind, name, why ?? problem);
  };
  const binding = isObject(object.roleRef);
  // Of what is only being made the original knows no name yet.
  const asked = old === undefined ? "" : name;
  if (!binding && may("escalate", kind.plural, asked)) return;
  if (old !== undefined && onlyForCollector(object, old)) return;
  if (!binding) {
    confirm((object.rules ?? []) as PolicyRule[]);
    if (!isObject(object.aggregationRule) && !isObject(old?.aggregationRule)) return;
    return confirm(everything, "must have cluster-admin privileges to use the aggregationRule");
  }
  const ref = object.roleRef as unknown as RoleRef;
  const plural = ref.kind === "Role" ? "roles" : "clusterroles";
  if (may("bind", plural, ref.name)) return;
  const rules = authorizer.rulesOf(ref, namespace);
  if (typeof rules === "string") throw notFound(kind, ref.name);
  confirm(rules);
}

/** What a user would give away beyond what he has, in words. */
function beyond(
  authorizer: Authorizer,
  user: UserInfo,
  namespace: string,
  rules: readonly PolicyRule[],
): string | undefined {
  const { grants, problems } = authorizer.rulesFor(user, namespace);
  const missing = uncovered(grants.flatMap((grant) => grant.rules), rules);
  if (missing.length === 0) return undefined;
  const { username, groups } = user;
  return `user ${JSON.stringify(username)} (groups=${
    quoted(groups)
  }) is attempting to grant RBAC permissions not ` +
    `currently held:\n${described(missing).join("\n")}` +
    (problems.length === 0 ? "" : `; resolution errors: [${together(problems)}]`);
}

/** Whether a write changes only what lets the garbage collector take an object away. */
function onlyForCollector(object: JsonObject, old: JsonObject): boolean {
  const without = ({ metadata, ...rest }: JsonObject) => {
    const { ownerReferences: _, finalizers: __, managedFields: ___, resourceVersion: ____, ...kept } =
      metadata as JsonObject;
    return { ...rest, metadata: kept };
  };
  return equalJson(without(object), without(old));
}
