/** Credentials that somebody makes on request, and that end: kept, renewed in time, replaced when refused. */

import type { Credentials } from "./access.ts";

/** What a plugin or an identity provider gives. */
export type Credential = Pick<Credentials, "bearerToken" | "clientCertificate">;

/** The credential of this moment; `fresh` replaces it, after the server refused it. */
export type CredentialSource = (fresh?: boolean) => Promise<Credential>;

/** A credential, and when it ends in milliseconds since 1970; without that it holds until it is refused. */
export interface Obtained {
  readonly credential: Credential;
  readonly expiresAt?: number;
}

/** So long before its end a credential is renewed, in milliseconds; a short-lived one at nine tenths. */
const skew = 30_000;

/** Not more often than this is a refused credential replaced, or a failure tried again, in milliseconds. */
const pause = 5_000;

/**
 * Calls `obtain` as rarely as can be: once for all who ask at the same time, then shortly before the
 * credential ends, and when it was refused. The same object is given while its content is the same.
 *
 * A renewal that fails is no failure while the old credential still holds. Otherwise the error of `obtain`
 * goes to who asked, and for 5 s to all who ask after.
 */
export function untilExpiry(obtain: () => Promise<Obtained>, now: () => number = Date.now): CredentialSource {
  let current: Obtained & { readonly renewAt: number } | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;
  let replacedAt = -Infinity;
  let obtaining: Promise<Credential> | undefined;

  const renew = async (fresh: boolean): Promise<Credential> => {
    try {
      const { credential, expiresAt } = await obtain();
      const same = JSON.stringify(credential) === JSON.stringify(current?.credential);
      current = {
        credential: same ? current!.credential : credential,
        expiresAt,
        renewAt: expiresAt === undefined ? Infinity : expiresAt - Math.min(skew, (expiresAt - now()) / 10),
      };
      failed = undefined;
      return current.credential;
    } catch (error) {
      failed = { error, at: now() };
      if (!fresh && current !== undefined && holds(current)) return current.credential;
      throw error;
    } finally {
      obtaining = undefined;
    }
  };
  const holds = ({ expiresAt = Infinity }: Obtained) => now() < expiresAt;
  // In either direction: the clock may have been set back.
  const isRecent = (moment: number) => Math.abs(now() - moment) < pause;

  return (fresh = false) => {
    if (obtaining !== undefined) return obtaining;
    const replace = fresh && !isRecent(replacedAt);
    if (current !== undefined && !replace && now() < current.renewAt) {
      return Promise.resolve(current.credential);
    }
    if (failed !== undefined && isRecent(failed.at)) {
      if (!fresh && current !== undefined && holds(current)) return Promise.resolve(current.credential);
      return Promise.reject(failed.error);
    }
    if (fresh) replacedAt = now();
    obtaining = renew(fresh);
    return obtaining;
  };
}
