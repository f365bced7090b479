/** ValidatingAdmissionPolicies: rules in CEL that users have made for everybody's objects. */
import type { Cluster } from "../../cluster.ts";
import { at, isObject, type JsonObject } from "../../json.ts";
import type { Kind } from "../../kinds/kind.ts";
import { typed } from "../../schema/mod.ts";
import { forbidden, Refusal } from "../../status.ts";
import type { StoredObject } from "../../store/store.ts";
import { selects } from "../../validation/values.ts";
import { type Attributes, nameOf, namespaceOf } from "../attributes.ts";
import { items } from "../pod_amounts.ts";
import { asked, type Variables, variablesOf } from "./expressions.ts";
import { isAbout } from "./matching.ts";

const group = "admissionregistration.k8s.io";

/** What a policy says of an object. */
interface Decision {
  readonly message: string;
  readonly reason?: string;
}

/** Gives what is warned of. @throws Refusal as the policy says, 422 where it says nothing */
export function checkPolicies(cluster: Cluster, attributes: Attributes): string[] {
  const policies = cluster.store.list(`validatingadmissionpolicies.${group}`);
  if (policies.length === 0 || attributes.kind.group === group) return [];
  const bindings = cluster.store.list(`validatingadmissionpolicybindings.${group}`);
  const warnings: string[] = [];
  for (const policy of policies) {
    if (!isAbout(cluster, at(policy.spec, "matchConstraints"), attributes)) continue;
    for (const binding of bindings) {
      if (at(binding.spec, "policyName") !== policy.metadata.name) continue;
      if (!isAbout(cluster, at(binding.spec, "matchResources"), attributes)) continue;
      const actions = (at(binding.spec, "validationActions") ?? []) as string[];
      for (const decision of decisions(cluster, policy, binding, attributes)) {
        const named =
          `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`;
        if (actions.includes("Warn")) warnings.push(`Validation failed for ${named}: ${decision.message}`);
        if (actions.includes("Deny")) throw refusal(attributes, named, decision);
      }
    }
  }
  return warnings;
}

const codes: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
};

function refusal(attributes: Attributes, named: string, { message, reason = "Invalid" }: Decision): Refusal {
  const why = `${named} denied request: ${message}`;
  const { status } = forbidden(attributes.kind, nameOf(attributes), why, [{ message: why }]);
  return new Refusal(codes[reason] ?? 422, reason, status.message, status.details);
}

function decisions(
  cluster: Cluster,
  policy: StoredObject,
  binding: StoredObject,
  attributes: Attributes,
): Decision[] {
  try {
    return paramsOf(cluster, policy, binding, attributes).flatMap((params) =>
      judged(policy, variablesOf(cluster, attributes, params, items(at(policy.spec, "variables"))))
    );
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    return onFailure(policy, `failed to configure binding: ${error.message}`);
  }
}

/** What cannot be asked is refused, unless the policy says that it does not matter. */
function onFailure(policy: StoredObject, message: string): Decision[] {
  return at(policy.spec, "failurePolicy") === "Ignore" ? [] : [{ message }];
}

function judged(policy: StoredObject, variables: Variables): Decision[] {
  const problems: string[] = [];
  for (const { expression } of items(at(policy.spec, "matchConditions"))) {
    const { value, problem } = asked(String(expression), variables);
    if (value === false) return [];
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length > 0) {
    return onFailure(policy, problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`);
  }
  return items(at(policy.spec, "validations")).flatMap((validation): Decision[] => {
    const { value, problem } = asked(String(validation.expression), variables);
    if (problem !== undefined) return onFailure(policy, problem);
    if (value === true) return [];
    return [{ message: messageOf(validation, variables), reason: validation.reason as string | undefined }];
  });
}

function messageOf({ expression, message, messageExpression }: JsonObject, variables: Variables): string {
  const { value } = messageExpression === undefined
    ? { value: undefined }
    : asked(String(messageExpression), variables);
  const made = typeof value === "string" && !value.trim().includes("\n") ? value.trim() : "";
  return made || String(message ?? "").trim() || `failed expression: ${String(expression).trim()}`;
}

class Misconfigured extends Error {}

/** The objects that a binding gives a policy to compare with; one that is nothing where it gives none. */
function paramsOf(
  cluster: Cluster,
  policy: StoredObject,
  binding: StoredObject,
  attributes: Attributes,
): (JsonObject | null)[] {
  const kindOf = at(policy.spec, "paramKind");
  const ref = at(binding.spec, "paramRef");
  if (!isObject(kindOf) || !isObject(ref)) return [null];
  const kind = cluster.kinds.byKind(String(kindOf.apiVersion), String(kindOf.kind));
  if (kind === undefined) {
    throw new Misconfigured(
      `failed to find resource referenced by paramKind: '${kindOf.apiVersion}, Kind=${kindOf.kind}'`,
    );
  }
  const namespace = paramNamespace(kind, ref, attributes);
  const found = typeof ref.name === "string" && ref.name !== ""
    ? [cluster.get(kind, namespace, ref.name)].filter((each) => each !== undefined)
    : cluster.list(kind, namespace).filter(({ metadata }) => selects(ref.selector, metadata.labels ?? {}));
  if (found.length === 0 && ref.parameterNotFoundAction === "Deny") {
    throw new Misconfigured("no params found for policy binding with `Deny` parameterNotFoundAction");
  }
  return found.map((each) => typed(kind.schema?.root, each) as JsonObject);
}

function paramNamespace({ namespaced }: Kind, ref: JsonObject, attributes: Attributes): string | undefined {
  if (!namespaced) {
    if (ref.namespace) {
      throw new Misconfigured("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
    }
    return undefined;
  }
  const namespace = (ref.namespace || namespaceOf(attributes)) as string | undefined;
  if (namespace === undefined) {
    throw new Misconfigured(
      "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
    );
  }
  return namespace;
}
