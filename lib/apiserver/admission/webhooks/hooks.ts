/** The webhooks that a write is told to. */
import type { Cluster } from "../../cluster.ts";
import { at, isObject, type JsonObject } from "../../json.ts";
import type { Call } from "../../outside.ts";
import { Refusal } from "../../status.ts";
import { type Attributes, nameOf, namespaceOf } from "../attributes.ts";
import { isAbout } from "../policies/matching.ts";
import { asked, variablesOf } from "../policies/expressions.ts";
import { items } from "../pod_amounts.ts";

const group = "admissionregistration.k8s.io";

/** Kinds that nobody outside is asked about: who broke them could not mend them. */
const exempt = new Set([
  "MutatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

export interface Hook {
  readonly name: string;
  readonly clientConfig: JsonObject;
  readonly failurePolicy?: string;
  readonly sideEffects?: string;
  readonly timeoutSeconds?: number;
  readonly reinvocationPolicy?: string;
}

/** All webhooks of a kind of configurations, in the order in which they are asked. */
export function hooksOf(
  cluster: Cluster,
  configurations: string,
  { kind, byServer }: Attributes,
): JsonObject[] {
  const all = cluster.store.list(`${configurations}.${group}`);
  if (all.length === 0 || byServer || kind.group === group && exempt.has(kind.kind)) return [];
  return all.flatMap(({ webhooks }) => items(webhooks));
}

/** Whether a webhook is told of a write. @throws Refusal 403 if that cannot be found out and its policy is `Fail` */
export function isTold(cluster: Cluster, hook: JsonObject, attributes: Attributes): boolean {
  const { rules, namespaceSelector, objectSelector, matchConditions, failurePolicy } = hook;
  if (items(rules).length === 0) return false;
  if (!isAbout(cluster, { namespaceSelector, objectSelector, resourceRules: rules }, attributes)) {
    return false;
  }
  const conditions = items(matchConditions);
  if (conditions.length === 0) return true;
  const variables = variablesOf(cluster, attributes);
  const problems: string[] = [];
  for (const { expression } of conditions) {
    const { value, problem } = asked(String(expression), variables);
    if (value === false) return false;
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length === 0) return true;
  if (failurePolicy === "Ignore") return false;
  const { plural, group } = attributes.kind;
  const resource = group === "" ? plural : `${plural}.${group}`;
  const name = nameOf(attributes);
  const why = problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`;
  throw new Refusal(403, "Forbidden", `${resource} ${JSON.stringify(name)} is forbidden: ${why}`, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: plural,
  });
}

/** The call that tells a webhook of a write; a text where it has an address that cannot be reached. */
export function callOf(cluster: Cluster, hook: Hook, attributes: Attributes, uid: string): Call | string {
  const { url, service, caBundle } = hook.clientConfig;
  const seconds = hook.timeoutSeconds ?? 10;
  if (isObject(service)) return unreachable(cluster, service, seconds);
  const authority = typeof caBundle === "string" && caBundle !== "" ? atob(caBundle) : undefined;
  return { url: String(url), authority, body: reviewOf(attributes, uid), seconds };
}

/** Nobody serves behind Services here. */
function unreachable(cluster: Cluster, service: JsonObject, seconds: number): string {
  const { name, namespace, path = "/", port = 443 } = service as Record<string, string>;
  const address = `https://${name}.${namespace}.svc:${port}${path}?timeout=${seconds}s`;
  const there = cluster.store.get("services", namespace, name);
  const why = there === undefined
    ? `service ${JSON.stringify(name)} not found`
    : `dial tcp ${at(there, "spec", "clusterIP")}:${port}: connect: no route to host`;
  return `Post ${JSON.stringify(address)}: ${why}`;
}

function reviewOf(attributes: Attributes, uid: string): JsonObject {
  const { kind, operation, subresource, object, old, dryRun, user, options } = attributes;
  const name = nameOf(attributes);
  const said = { group: kind.group, version: kind.version };
  const resource = { ...said, resource: kind.plural };
  const namespace = namespaceOf(attributes) ?? (kind.kind === "Namespace" ? name : undefined);
  return {
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid,
      kind: { ...said, kind: kind.kind },
      resource,
      ...(subresource === undefined ? {} : { subResource: subresource }),
      requestKind: { ...said, kind: kind.kind },
      requestResource: resource,
      ...(subresource === undefined ? {} : { requestSubResource: subresource }),
      ...(name === "" ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      operation,
      userInfo: user,
      object: operation === "DELETE" ? null : object,
      oldObject: old ?? null,
      dryRun,
      options: options ?? null,
    },
  };
}
