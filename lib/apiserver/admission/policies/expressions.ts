/** Expressions of policies and webhooks: what they may look at, and what comes of asking them. */
import { firstWords, program } from "../../cel/expression.ts";
import { Authorizer } from "../../cel/authorizer.ts";
import type { Cluster } from "../../cluster.ts";
import type { JsonObject } from "../../json.ts";
import { typed } from "../../schema/mod.ts";
import { type Attributes, nameOf, namespaceOf } from "../attributes.ts";

export type Variables = Readonly<Record<string, unknown>>;

export function asked(
  expression: string,
  variables: Variables,
): { readonly value?: unknown; readonly problem?: string } {
  try {
    return { value: program(expression)(variables) };
  } catch (error) {
    return { problem: `expression '${expression}' resulted in error: ${firstWords(error as Error)}` };
  }
}

/** What expressions may look at. A variable of the policy is worked out when it is first asked for. */
export function variablesOf(
  cluster: Cluster,
  attributes: Attributes,
  params: JsonObject | null = null,
  own: readonly JsonObject[] = [],
): Variables {
  const { kind, operation, object, old, subresource, dryRun, user } = attributes;
  const namespace = namespaceOf(attributes);
  const root = kind.schema?.root;
  const said = { group: kind.group, version: kind.version };
  const resource = { ...said, resource: kind.plural };
  const variables = {};
  const all: Variables = {
    object: operation === "DELETE" ? null : typed(root, object),
    oldObject: old === undefined ? null : typed(root, old),
    params,
    request: {
      kind: { ...said, kind: kind.kind },
      resource,
      subResource: subresource ?? "",
      requestKind: { ...said, kind: kind.kind },
      requestResource: resource,
      requestSubResource: subresource ?? "",
      name: nameOf(attributes),
      namespace: namespace ?? "",
      operation,
      userInfo: user,
      dryRun,
    },
    namespaceObject: namespace === undefined
      ? null
      : cluster.store.get("namespaces", undefined, namespace) ?? null,
    authorizer: authorizerOf(cluster, attributes),
    variables,
  };
  for (const { name, expression } of own) {
    Object.defineProperty(variables, String(name), {
      enumerable: true,
      configurable: true,
      get() {
        const value = program(String(expression))(all);
        Object.defineProperty(variables, String(name), { value, enumerable: true });
        return value;
      },
    });
  }
  return all;
}

function authorizerOf({ authorizer }: Cluster, attributes: Attributes): Authorizer {
  const { kind, subresource = "", user } = attributes;
  return new Authorizer(
    (user, asked) => authorizer?.decide(user, asked) ?? { allowed: true, reason: "" },
    user,
    {
      group: kind.group,
      resource: kind.plural,
      subresource,
      namespace: namespaceOf(attributes) ?? "",
      name: nameOf(attributes),
    },
  );
}
