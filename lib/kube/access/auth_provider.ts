/**
 * The older way of a kubeconfig to log in, `auth-provider`: OpenID Connect is honoured, the rest is refused
 * with the plugin that took its place. Loaded only for a user that has one.
 */

import { ConfigurationError } from "./access.ts";
import { deadline } from "../backoff.ts";
import type { PluginUser } from "./exec_plugin.ts";
import { type CredentialSource, type Obtained, untilExpiry } from "./expiring.ts";

/** `users[].user.auth-provider` of a kubeconfig, before it was looked at. */
export interface AuthProvider {
  name?: unknown;
  config?: unknown;
}

/** What to use in place of providers that kubectl has dropped. */
const successors: Readonly<Record<string, string>> = {
  gcp: "the exec plugin gke-gcloud-auth-plugin, by: gcloud container clusters get-credentials <cluster>",
  azure: "the exec plugin kubelogin, by: kubelogin convert-kubeconfig",
};

/** The identity provider has to answer within this time, in milliseconds. */
const patience = 15_000;

/** A token that ends within this time, in milliseconds, is not worth beginning with. */
const leastLife = 10_000;

/**
 * The id token of an `oidc` provider: the one in the kubeconfig while it holds, then those that the refresh
 * token fetches from the issuer. They are kept in memory; the kubeconfig is not written.
 *
 * @param caCerts PEM of the issuer's CA, if the kubeconfig names one.
 * @throws ConfigurationError for any other provider. The source it returns throws one when nobody can log in.
 */
export function authProviderCredentials(
  provider: AuthProvider,
  user: PluginUser,
  caCerts: readonly string[] | undefined,
  now: () => number = Date.now,
): CredentialSource {
  const refuse = (what: string) =>
    new ConfigurationError(`${user.file}: user "${user.name}": auth-provider ${provider.name}: ${what}`);
  if (provider.name !== "oidc") {
    const successor = successors[String(provider.name)] ?? "an exec plugin, a token or a client certificate";
    throw refuse(`cannot be honoured, as in kubectl; use ${successor}`);
  }
  const config = (provider.config ?? {}) as Record<string, string | undefined>;
  let unused = config["id-token"];
  let refreshToken = config["refresh-token"];

  const kept = (): Obtained | undefined => {
    const expiresAt = unused === undefined ? undefined : endOf(unused);
    const credential = { bearerToken: unused };
    unused = undefined; // who comes again has seen it end or refused
    return expiresAt !== undefined && expiresAt > now() + leastLife ? { credential, expiresAt } : undefined;
  };
  const refreshed = async (): Promise<Obtained> => {
    if (!refreshToken) {
      throw refuse("the id-token has ended or is refused, and there is no refresh-token: log in again");
    }
    const tokens = await refresh(config, refreshToken, caCerts).catch((error: Error) => {
      throw refuse(
        `the issuer ${config["idp-issuer-url"]} gives no new id-token (${error.message}): log in again`,
      );
    });
    refreshToken = tokens.refresh_token ?? refreshToken;
    const expiresAt = endOf(tokens.id_token);
    if (expiresAt === undefined || expiresAt <= now()) {
      throw refuse("the issuer gave an id-token that has ended");
    }
    return { credential: { bearerToken: tokens.id_token }, expiresAt };
  };
  return untilExpiry(async () => kept() ?? await refreshed(), now);
}

/** When a JSON Web Token ends, in milliseconds since 1970; undefined if it does not say, or is none. */
function endOf(token: string): number | undefined {
  try {
    const [, payload] = token.split(".");
    const { exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

interface Tokens {
  readonly id_token: string;
  /** The next one, where the issuer takes a new one each time. */
  readonly refresh_token?: string;
}

/** OpenID Connect Core §12, at the address that the issuer's discovery document gives. */
async function refresh(
  config: Readonly<Record<string, string | undefined>>,
  refreshToken: string,
  caCerts: readonly string[] | undefined,
): Promise<Tokens> {
  const { "idp-issuer-url": issuer = "", "client-id": id = "", "client-secret": secret = "" } = config;
  const limit = deadline(patience);
  const client = Deno.createHttpClient({ caCerts: caCerts && [...caCerts] });
  try {
    const about = await answerTo(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
      client,
      signal: limit.signal,
    });
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
    const headers = new Headers();
    const methods: string[] = about.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    if (secret && methods.includes("client_secret_basic")) {
      headers.set(
        "authorization",
        `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`,
      );
    } else {
      body.set("client_id", id);
      if (secret) body.set("client_secret", secret);
    }
    const request = { method: "POST", headers, body, client, signal: limit.signal };
    const tokens = await answerTo(about.token_endpoint, request);
    if (typeof tokens.id_token !== "string") throw new Error("no id_token in its answer");
    return tokens;
  } finally {
    limit.done();
    client.close();
  }
}

/** The JSON of an answer; of an unsuccessful one only the error code is said (RFC 6749 §5.2). */
// deno-lint-ignore no-explicit-any
async function answerTo(url: string, init: RequestInit & { client: Deno.HttpClient }): Promise<any> {
  const response = await fetch(url, init);
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) throw new Error(`${response.status}${answer?.error ? ` ${answer.error}` : ""}`);
  if (answer === undefined) throw new Error("its answer is no JSON");
  return answer;
}
