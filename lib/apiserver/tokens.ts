/**
 * Tokens of a cluster in memory. Its own is that of an administrator; those that it gives say who shows them, signed with
 * its own, which they do not tell.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { administrator, type UserInfo } from "./user.ts";

/** A token of a user, to be shown as a bearer token. */
export function tokenOf(secret: string, { username, groups }: UserInfo): string {
  const said = new TextEncoder().encode(JSON.stringify({ username, groups })).toBase64(inUrls);
  return `${said}.${signed(secret, said)}`;
}

/** Who shows this token; undefined where the secret is another one. */
export function holderOf(secret: string, token: string): UserInfo | undefined {
  if (isSame(token, secret)) return administrator;
  const [said, signature] = token.split(".");
  if (signature === undefined || !isSame(signature, signed(secret, said))) return undefined;
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(said, { alphabet: "base64url" })));
}

const inUrls = { alphabet: "base64url", omitPadding: true } as const;

function signed(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => new TextEncoder().encode(text));
  return a.length === b.length && timingSafeEqual(a, b);
}
