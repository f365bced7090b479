/** Who asks, as the doors find out and as the rules of rights see it. */

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Whose members may do everything, whatever roles there are. */
export const masters = "system:masters";
const authenticated = "system:authenticated";
const unauthenticated = "system:unauthenticated";
const anonymous = "system:anonymous";

/** Who holds a cluster's own token, and whoever asks in process without a name. */
export const administrator: UserInfo = { username: "admin", groups: [masters, authenticated] };

/** A user with the groups that the server adds to those it is told of: of a service account those of its namespace. */
export function userOf(username: string, groups: readonly string[] = []): UserInfo {
  const account = accountOf(username);
  const said = account !== undefined && groups.length === 0
    ? ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`]
    : groups;
  const all = username === anonymous ? unauthenticated : authenticated;
  const complete = said.includes(all) || said.includes(unauthenticated);
  return { username, groups: complete ? said : [...said, all] };
}

/** The service account of a user's name; undefined where it is that of somebody else. */
export function accountOf(
  username: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const parts = username.split(":");
  if (parts.length !== 4 || parts[0] !== "system" || parts[1] !== "serviceaccount") return undefined;
  const [, , namespace, name] = parts;
  return namespace === "" || name === "" ? undefined : { namespace, name };
}

/** The user's name of a service account. */
export function accountName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
