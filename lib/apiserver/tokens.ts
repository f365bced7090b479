/**
 * Tokens of a cluster in memory: one secret, and behind it the name of who shows it. Whoever has the secret may do
 * everything and be anybody; the name is for logs and for whoever asks who made a request.
 */

const administrator = "admin";

/** A token of a user, to be shown as a bearer token. */
export function tokenOf(secret: string, user: string): string {
  return `${secret}.${btoa(user)}`;
}

/** Who shows this token; undefined where the secret is another one. */
export function userOf(secret: string, token: string): string | undefined {
  if (token === secret) return administrator;
  if (!token.startsWith(`${secret}.`)) return undefined;
  try {
    return atob(token.slice(secret.length + 1));
  } catch {
    return undefined;
  }
}
