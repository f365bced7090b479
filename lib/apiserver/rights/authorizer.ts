/**
 * Who may do what, by the roles and bindings that are stored. They only add: what none allows is refused. Members of
 * `system:masters` may do everything.
 */
import type { Store, StoredObject } from "../store/store.ts";
import type { JsonObject } from "../json.ts";
import { type Asked } from "./attributes.ts";
import { allows, type PolicyRule } from "./rules.ts";
import { accountName, masters, type UserInfo } from "../user.ts";

export const rbacGroup = "rbac.authorization.k8s.io";

export interface Decision {
  readonly allowed: boolean;
  /** What allows it, or what could not be looked at. */
  readonly reason: string;
}

/** The rules that a binding gives somebody. */
interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly source: () => string;
}

export interface Rules {
  readonly grants: readonly Grant[];
  /** Roles that are bound and not there. */
  readonly problems: readonly string[];
}

export interface RoleRef {
  readonly kind: string;
  readonly name: string;
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** So many pairs of users and namespaces are remembered. */
const most = 1000;

export class Authorizer {
  /** By user and namespace, until a role or a binding changes. */
  readonly #known = new Map<string, Rules>();

  constructor(private readonly store: Store) {
    for (const plural of ["roles", "clusterroles", "rolebindings", "clusterrolebindings"]) {
      store.listen(`${plural}.${rbacGroup}`, () => this.#known.clear());
    }
  }

  decide(user: UserInfo, asked: Asked): Decision {
    if (user.groups.includes(masters)) return { allowed: true, reason: "" };
    const { grants, problems } = this.rulesFor(user, "path" in asked ? "" : asked.namespace);
    const granted = grants.find(({ rules }) => rules.some((rule) => allows(rule, asked)));
    if (granted !== undefined) return { allowed: true, reason: `RBAC: allowed by ${granted.source()}` };
    return { allowed: false, reason: problems.length === 0 ? "" : `RBAC: ${together(problems)}` };
  }

  /** What a user is allowed in a namespace, and in all of them; without a namespace only the latter. */
  rulesFor(user: UserInfo, namespace: string): Rules {
    const key = JSON.stringify([user.username, user.groups, namespace]);
    let rules = this.#known.get(key);
    if (rules === undefined) {
      if (this.#known.size >= most) this.#known.clear();
      this.#known.set(key, rules = this.#rulesFor(user, namespace));
    }
    return rules;
  }

  /** The rules of a role; a text if it is not there. @param namespace of the binding */
  rulesOf({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | string {
    const role = kind === "Role"
      ? this.store.get(`roles.${rbacGroup}`, namespace, name)
      : this.store.get(`clusterroles.${rbacGroup}`, undefined, name);
    if (role === undefined) return `${kind.toLowerCase()}.${rbacGroup} "${name}" not found`;
    return (role.rules ?? []) as PolicyRule[];
  }

  #rulesFor(user: UserInfo, namespace: string): Rules {
    const grants: Grant[] = [];
    const problems: string[] = [];
    const add = (binding: StoredObject, place: string) => {
      const subject = ((binding.subjects ?? []) as Subject[]).find((each) => isMeant(user, each, place));
      if (subject === undefined) return;
      const ref = (binding as JsonObject).roleRef as RoleRef;
      const rules = this.rulesOf(ref, place);
      if (typeof rules === "string") problems.push(rules);
      else grants.push({ rules, source: () => sourceOf(binding, ref, subject) });
    };
    for (const binding of this.store.list(`clusterrolebindings.${rbacGroup}`)) add(binding, "");
    if (namespace !== "") {
      for (const binding of this.store.list(`rolebindings.${rbacGroup}`, namespace)) add(binding, namespace);
    }
    return { grants, problems };
  }
}

/** Several errors as the original puts them together. */
export function together(problems: readonly string[]): string {
  const different = [...new Set(problems)];
  return different.length === 1 ? different[0] : `[${different.join(", ")}]`;
}

function isMeant(user: UserInfo, { kind, name, namespace }: Subject, place: string): boolean {
  if (kind === "User") return user.username === name;
  if (kind === "Group") return user.groups.includes(name);
  return user.username === accountName(namespace || place, name);
}

/** The original writes names before namespaces here. */
function sourceOf({ kind, metadata }: StoredObject, ref: RoleRef, subject: Subject): string {
  const { name, namespace } = metadata;
  const whole = namespace === undefined ? name : `${name}/${namespace}`;
  const who = subject.kind === "ServiceAccount"
    ? `${subject.name}/${subject.namespace || namespace || ""}`
    : subject.name;
  const quote = JSON.stringify;
  return `${kind} ${quote(whole)} of ${ref.kind} ${quote(ref.name)} to ${subject.kind} ${quote(who)}`;
}
