/** A token server as registries send to: basic authentication or a refresh token in, a signed JWT out. */

import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";

/** The one account that test registries know. */
export const account = {
  username: "puller",
  password: "let-me-in",
  identityToken: "a-refresh-token-of-puller",
};

/** How registries name themselves and the server to each other. */
export const tokenTerms = { service: "test-registry", issuer: "test-issuer" };

/** A running token server. */
export interface TokenServer extends AsyncDisposable {
  /** Where registries send to. */
  readonly realm: string;
  /** The public key as a JSON Web Key Set. */
  readonly keySet: string;
  /** How each token was asked for. */
  readonly asked: readonly ("basic" | "refresh token" | "anonymous" | "refused")[];
}

/**
 * Starts a token server on a free port of loopback. The account gets what it asks for, others get nothing of
 * the repository.
 */
export function startTokenServer(): TokenServer {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const asked: ("basic" | "refresh token" | "anonymous" | "refused")[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const url = new URL(request.url);
    const form = request.method === "POST" ? new URLSearchParams(await request.text()) : url.searchParams;
    const how = askedBy(request, form);
    asked.push(how);
    if (how === "refused") {
      return Response.json({ details: "incorrect username or password" }, { status: 401 });
    }
    const scopes = how === "anonymous" ? [] : form.getAll("scope").flatMap((scope) => scope.split(" "));
    const token = signed(privateKey, scopes);
    return Response.json(request.method === "POST" ? { access_token: token } : { token, expires_in: 300 });
  });
  return {
    realm: `http://localhost:${server.addr.port}/token`,
    keySet: JSON.stringify({
      keys: [{ ...publicKey.export({ format: "jwk" }), kid: "test", alg: "ES256", use: "sig" }],
    }),
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function askedBy(request: Request, form: URLSearchParams): TokenServer["asked"][number] {
  if (request.method === "POST") {
    const isRefresh = form.get("grant_type") === "refresh_token" &&
      form.get("refresh_token") === account.identityToken && form.get("service") === tokenTerms.service;
    return isRefresh ? "refresh token" : "refused";
  }
  const header = request.headers.get("authorization");
  if (header === null) return "anonymous";
  return header === `Basic ${btoa(`${account.username}:${account.password}`)}` ? "basic" : "refused";
}

function signed(key: KeyObject, scopes: readonly string[]): string {
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.filter((scope) => scope !== "").map((scope) => {
    const [type, name, actions] = scope.split(":");
    return { type, name, actions: actions.split(",") };
  });
  const claims = {
    iss: tokenTerms.issuer,
    aud: tokenTerms.service,
    sub: account.username,
    iat: now,
    nbf: now - 10,
    exp: now + 300,
    jti: randomUUID(),
    access,
  };
  const encoded = [{ alg: "ES256", typ: "JWT", kid: "test" }, claims]
    .map((part) =>
      new TextEncoder().encode(JSON.stringify(part)).toBase64({ alphabet: "base64url", omitPadding: true })
    )
    .join(".");
  const signature = createSign("sha256").update(encoded).sign(
    { key, dsaEncoding: "ieee-p1363" },
    "base64url",
  );
  return `${encoded}.${signature}`;
}
