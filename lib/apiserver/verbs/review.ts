/** Reviews: questions that are posted and answered, and never stored. */
import { objectOf } from "../body.ts";
import type { Cluster } from "../cluster.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { update } from "../managed_fields/mod.ts";
import type { Asked } from "../rights/attributes.ts";
import { together } from "../rights/authorizer.ts";
import type { PolicyRule } from "../rights/rules.ts";
import { administrator, type UserInfo } from "../user.ts";
import { type FieldError, invalidValue } from "../schema/field_error.ts";
import { writeOptions } from "./options.ts";
import type { Answer, Request, Target } from "../request.ts";
import { badRequest, methodNotAllowed, Refusal } from "../status.ts";

export function answerReview(cluster: Cluster, request: Request, target: Target, kind: string): Answer {
  if (request.method !== "POST") throw methodNotAllowed();
  const asked = objectOf(request, { kind });
  const { manager } = writeOptions(request, "CreateOptions");
  const apiVersion = `${target.group}/v1`;
  const { user = administrator } = request;
  const now = cluster.now();
  if (kind === "SelfSubjectReview") {
    const status = { userInfo: user };
    return { code: 201, body: { kind, apiVersion, metadata: { creationTimestamp: now }, status } };
  }
  const spec = withoutEmpty(asked.spec);
  if (kind === "SelfSubjectRulesReview") {
    if (!spec.namespace) throw badRequest("no namespace on request");
    const status = rulesOf(cluster, user, String(spec.namespace));
    return { code: 201, body: { kind, apiVersion, metadata: {}, spec: {}, status } };
  }
  const metadata = (isObject(asked.metadata) ? asked.metadata : {}) as JsonObject;
  if (kind === "LocalSubjectAccessReview" && metadata.namespace && metadata.namespace !== target.namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const errors = accessErrors(kind, metadata, spec);
  if (errors.length > 0) throw invalidReview(target.group, errors);
  const local = kind === "LocalSubjectAccessReview" ? { namespace: target.namespace } : {};
  const updated: JsonObject = { kind, apiVersion, metadata: { ...local }, spec };
  const owned = update({
    schema: undefined,
    live: undefined,
    empty: { spec: {} },
    updated,
    manager,
    apiVersion,
    now,
  });
  const asking = kind === "SelfSubjectAccessReview"
    ? user
    : { username: String(spec.user ?? ""), groups: (spec.groups ?? []) as string[] };
  return { code: 201, body: { ...owned, status: accessOf(cluster, asking, spec) } };
}

function accessOf({ authorizer }: Cluster, user: UserInfo, spec: JsonObject): JsonObject {
  if (authorizer === undefined) return { allowed: true };
  const { allowed, reason } = authorizer.decide(user, askedIn(spec));
  return { allowed, ...(reason === "" ? {} : { reason }) };
}

function askedIn({ resourceAttributes, nonResourceAttributes }: JsonObject): Asked {
  const said = (resourceAttributes ?? nonResourceAttributes) as Record<string, string | undefined>;
  const { verb = "", path = "", group = "", resource = "", subresource = "", namespace = "", name = "" } =
    said;
  return resourceAttributes === undefined
    ? { verb, path }
    : { verb, group, resource, subresource, namespace, name };
}

function rulesOf({ authorizer }: Cluster, user: UserInfo, namespace: string): JsonObject {
  const all: readonly PolicyRule[] = [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ];
  const { grants, problems } = authorizer?.rulesFor(user, namespace) ??
    { grants: [{ rules: all }], problems: [] };
  const rules = grants.flatMap((grant) => grant.rules);
  const some = (list?: readonly string[]) => list !== undefined && list.length > 0;
  return {
    resourceRules: rules.filter(({ resources }) => some(resources)).map((
      { verbs, apiGroups, resources, resourceNames },
    ) => ({ verbs, apiGroups, resources, ...(some(resourceNames) ? { resourceNames } : {}) })),
    nonResourceRules: rules.filter(({ nonResourceURLs }) => some(nonResourceURLs)).map((
      { verbs, nonResourceURLs },
    ) => ({ verbs, nonResourceURLs })),
    incomplete: false,
    ...(problems.length === 0 ? {} : { evaluationError: together(problems) }),
  };
}

/** What a request asks about, without texts that are empty: the original does not tell them from none. */
function withoutEmpty(value: unknown): JsonObject {
  if (!isObject(value)) return {};
  const members = Object.entries(value).filter(([, item]) => item !== "" && item !== undefined);
  return Object.fromEntries(members.map(([key, item]) => [key, isObject(item) ? withoutEmpty(item) : item]));
}

/** With the names of Go's fields. */
function inGo(value: unknown): JsonObject {
  const { path = "", verb = "" } = value as { path?: string; verb?: string };
  return { Path: path, Verb: verb };
}

function accessErrors(kind: string, metadata: JsonObject, spec: JsonObject): FieldError[] {
  const { resourceAttributes, nonResourceAttributes, user, groups } = spec;
  const errors: FieldError[] = [];
  const bad = (field: string, value: unknown, why: string) => errors.push(invalidValue(field, value, why));
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const why = "cannot be specified in combination with resourceAttributes";
    bad("spec.nonResourceAttributes", inGo(nonResourceAttributes), why);
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    bad("spec.resourceAttributes", null, why);
  }
  if (kind !== "SelfSubjectAccessReview" && !user && !(groups as unknown[] | undefined)?.length) {
    bad("spec.user", "", "at least one of user or group must be specified");
  }
  if (kind === "LocalSubjectAccessReview") {
    const { namespace = "" } = metadata as { namespace?: string };
    const asked = at(resourceAttributes, "namespace") ?? "";
    if (resourceAttributes !== undefined && asked !== namespace) {
      bad("spec.resourceAttributes.namespace", asked, "must match metadata.namespace");
    }
    if (nonResourceAttributes !== undefined) {
      bad("spec.nonResourceAttributes", inGo(nonResourceAttributes), "disallowed on this kind of request");
    }
  }
  return errors;
}

/** By then the original has forgotten which kind it is. */
function invalidReview(group: string, errors: readonly FieldError[]): Refusal {
  const causes = errors.map(({ type, field, detail }) => ({ reason: type, message: detail, field }));
  const said = errors.map(({ field, detail }) => `${field}: ${detail}`);
  const list = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
  return new Refusal(422, "Invalid", `.${group} "" is invalid: ${list}`, { group, causes });
}
