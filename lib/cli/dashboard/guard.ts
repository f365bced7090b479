/**
 * Who may ask the page's server. It stands on loopback, where every program and every page of a browser on this machine
 * can reach it, and it answers with the rights of its user: so it takes nothing but requests that carry its token.
 */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

export interface GuardSettings {
  readonly port: number;
  readonly token: string;
}

/** What of a request counts. */
export interface Asked {
  readonly method: string;
  /** As it was sent, query and all. */
  readonly url: URL;
  readonly header: (name: string) => string | undefined;
}

export type Verdict =
  | { readonly verdict: "pass" }
  /** The address that the command printed: the browser gets a cookie and goes on without the token in its address. */
  | { readonly verdict: "signIn" }
  | { readonly verdict: "refuse"; readonly status: 400 | 401 | 403 | 405; readonly why: string };

/**
 * - The host must be that of the page: a name that somebody lets point to loopback (DNS rebinding) is another.
 * - A request from another page is refused, by `Origin` and by `Sec-Fetch-Site`, whatever it carries.
 * - It only reads: GET and HEAD.
 */
export function admission({ method, url, header }: Asked, settings: GuardSettings): Verdict {
  const refuse = (status: 400 | 401 | 403 | 405, why: string) =>
    ({ verdict: "refuse", status, why }) as const;
  const host = header("host");
  if (host === undefined || !hostsOf(settings).includes(host)) return refuse(400, "another host");
  if (method !== "GET" && method !== "HEAD") return refuse(405, "it only reads");
  const origin = header("origin");
  if (origin !== undefined && origin !== `http://${host}`) return refuse(403, "another origin");
  const given = url.searchParams.get("token");
  if (given !== null) {
    // From elsewhere one may come in by the address alone, as by a link in a chat.
    return url.pathname === "/" && isSame(given, settings.token)
      ? { verdict: "signIn" }
      : refuse(401, "another token");
  }
  const site = header("sec-fetch-site");
  if (site !== undefined && site !== "same-origin" && site !== "none") return refuse(403, "another site");
  const cookie = cookiesOf(header("cookie")).get(cookieName(settings));
  return cookie !== undefined && isSame(cookie, settings.token)
    ? { verdict: "pass" }
    : refuse(401, "no token");
}

/** Cookies are shared by all ports of a host: each page has its own. */
export function cookieName({ port }: Pick<GuardSettings, "port">): string {
  return `aim-dashboard-${port}`;
}

/** Of the browser's session, for requests of the page itself, out of reach of its scripts. */
export function cookieOf(settings: GuardSettings): string {
  return `${cookieName(settings)}=${settings.token}; Path=/; HttpOnly; SameSite=Strict`;
}

/** 32 random bytes, in letters of an address. */
export function newToken(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
}

function hostsOf({ port }: GuardSettings): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`];
}

function cookiesOf(header = ""): Map<string, string> {
  return new Map(
    header.split(";").map((each) => {
      const [name, ...value] = each.trim().split("=");
      return [name, value.join("=")];
    }),
  );
}

/** In the same time wherever they differ. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
