/** Refuses what nobody has allowed, in the original's words. */
import type { Request } from "../request.ts";
import { badRequest, Refusal } from "../status.ts";
import type { Asked } from "./attributes.ts";
import type { Authorizer } from "./authorizer.ts";
import { accountOf, administrator, type UserInfo, userOf } from "../user.ts";

/** @throws Refusal 403 */
export function authorize(authorizer: Authorizer, user: UserInfo, asked: Asked): void {
  const { allowed, reason } = authorizer.decide(user, asked);
  if (!allowed) throw notAllowed(user, asked, reason);
}

/** Who changes what is not there yet makes it. @throws Refusal 403 */
export function authorizeCreation(
  { authorizer }: { readonly authorizer: Authorizer | undefined },
  { group, plural }: { readonly group: string; readonly plural: string },
  { namespace = "", name }: { readonly namespace?: string; readonly name: string },
  user: UserInfo,
): void {
  if (authorizer === undefined) return;
  authorize(authorizer, user, { verb: "create", group, resource: plural, subresource: "", namespace, name });
}

/** The request of whom somebody acts as. @throws Refusal 403 if that is not allowed, 400 without a name */
export function asImpersonated(authorizer: Authorizer | undefined, request: Request): Request {
  const { user = administrator, impersonated: { username, groups } = { groups: [] }, ...rest } = request;
  if (username === undefined) {
    const wanted = groups.map((name) => `{Group  ${name}    }`).join(" ");
    throw badRequest(`requested [${wanted}] without impersonating a user`);
  }
  const account = accountOf(username);
  const core = { verb: "impersonate", group: "", subresource: "" };
  const wanted = [
    account === undefined
      ? { ...core, resource: "users", namespace: "", name: username }
      : { ...core, resource: "serviceaccounts", ...account },
    ...groups.map((name) => ({ ...core, resource: "groups", namespace: "", name })),
  ];
  for (const asked of wanted) if (authorizer !== undefined) authorize(authorizer, user, asked);
  return { ...rest, user: userOf(username, groups) };
}

function notAllowed(user: UserInfo, asked: Asked, reason: string): Refusal {
  const why = `${escaped(inWords(user, asked))}${reason === "" ? "" : `: ${reason}`}`;
  if ("path" in asked) return new Refusal(403, "Forbidden", `forbidden: ${why}`, {});
  const { group, resource, name } = asked;
  const whole = group === "" ? resource : `${resource}.${group}`;
  return new Refusal(403, "Forbidden", `${whole}${name === "" ? "" : ` "${name}"`} is forbidden: ${why}`, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: resource,
  });
}

function inWords({ username }: UserInfo, asked: Asked): string {
  const who = `User ${JSON.stringify(username)} cannot ${asked.verb}`;
  if ("path" in asked) return `${who} path ${JSON.stringify(asked.path)}`;
  const { group, resource, subresource, namespace } = asked;
  const what = JSON.stringify(subresource === "" ? resource : `${resource}/${subresource}`);
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
}

/** Nothing in it looks like HTML. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
