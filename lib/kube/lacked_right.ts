/** Which right a request lacked that the API server has refused (403), as RBAC says it. */

import { ApiError } from "./errors.ts";

/** A right as RBAC knows it. */
export interface Right {
  readonly verb: string;
  /** `""` is the core group. */
  readonly group: string;
  /** Plural, with `/status` and the like behind it. */
  readonly resource: string;
  /** Of the one object that the rule has to name; absent: any. */
  readonly name?: string;
  /** Where it was wanted; absent: in the whole cluster, or of what belongs to no namespace. */
  readonly namespace?: string;
}

/**
 * The right that a request lacked; undefined if it was refused for another reason: a quota, Pod Security, a policy or a
 * webhook says 403 as well, in other words.
 */
export function lackedRight(error: unknown): Right | undefined {
  if (!(error instanceof ApiError) || error.status !== 403) return undefined;
  // Which kinds there are may be asked by every user, by a rule for paths and not for resources.
  if (pathParts(error.path).plural === error.path) return undefined;
  return wording.test(error.message) || escalation.test(error.message) ? rightOf(error) : undefined;
}

/** The right that a request needed, by the words of its refusal and, where they say nothing, by method and path. */
export function rightOf(error: ApiError): Right {
  if (escalation.test(error.message)) {
    // The binding has the name of its role. `bind` is the right to give what one does not hold.
    const name = error.details.name;
    return { verb: "bind", group: "rbac.authorization.k8s.io", resource: "clusterroles", name };
  }
  const { group, namespace, plural, subresource } = pathParts(error.path);
  const said = wording.exec(error.message);
  return {
    verb: said?.[1] ?? verbOf(error),
    group,
    resource: plural + (subresource && `/${subresource}`),
    ...(namespace === "" ? {} : { namespace }),
  };
}

/** The object that a request was about; undefined where it was about no single one. A rule may give a right to some names only. */
export function objectNamed({ path }: ApiError): string | undefined {
  return pathParts(path).name || undefined;
}

const wording = / cannot (\w+) resource /;
const escalation = / is attempting to grant RBAC permissions not currently held/;

/** `create jobs.batch in namespace ml`. */
export function textOfRight({ verb, group, resource, name, namespace }: Right): string {
  const what = `${verb} ${resource}${group && `.${group}`}${name === undefined ? "" : ` ${name}`}`;
  return namespace === undefined ? what : `${what} in namespace ${namespace}`;
}

/** The rule that gives it, as it stands in a role. */
export function ruleOf({ verb, group, resource, name }: Right): string {
  const names = name === undefined ? "" : `, resourceNames: [${name}]`;
  return `{apiGroups: [${group || '""'}], resources: [${resource}]${names}, verbs: [${verb}]}`;
}

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

function verbOf({ method, path }: ApiError): string {
  return verbs[method] ?? (pathParts(path).name === "" ? "list" : "get");
}

function pathParts(path: string) {
  const parts = path.split("?")[0].split("/").filter((part) => part !== "");
  const group = parts[0] === "apis" ? parts[1] ?? "" : "";
  const rest = parts.slice(parts[0] === "apis" ? 3 : 2);
  const namespaced = rest[0] === "namespaces" && rest.length > 2;
  const [plural = path, name = "", subresource = ""] = namespaced ? rest.slice(2) : rest;
  return { group, namespace: namespaced ? rest[1] : "", plural, name, subresource };
}
