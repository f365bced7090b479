import assert from "node:assert/strict";
import { authProviderCredentials } from "./auth_provider.ts";

const user = { name: "jane", file: "/home/jane/config" };
const now = Date.parse("2030-01-01T00:00:00Z");

/** An id token that ends so many seconds after `now`. */
function idToken(seconds: number, subject = "jane"): string {
  const part = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_");
  return `${part({ alg: "none" })}.${part({ sub: subject, exp: now / 1000 + seconds })}.signature`;
}

interface Asked {
  readonly form: Record<string, string>;
  readonly authorization: string | null;
}

/** An issuer on loopback; `answers` are those of its token endpoint, one by one. */
function issuer(answers: Response[], about: Record<string, unknown> = {}) {
  const asked: Asked[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname, origin } = new URL(request.url);
    if (pathname === "/realm/.well-known/openid-configuration") {
      return Response.json({ token_endpoint: `${origin}/realm/token`, ...about });
    }
    if (pathname !== "/realm/token") return new Response("no", { status: 404 });
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    asked.push({ form, authorization: request.headers.get("authorization") });
    return answers.shift() ?? new Response("no more", { status: 500 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/realm/`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function oidc(config: Record<string, string>, clock = { now }) {
  return authProviderCredentials({ name: "oidc", config }, user, undefined, () => clock.now);
}

Deno.test("oidc: an id token that holds is used as it is, nobody is asked", async () => {
  const token = idToken(3600);
  assert.deepEqual(await oidc({ "id-token": token })(), { bearerToken: token });
});

Deno.test("oidc: one that has ended or is refused is replaced by the refresh token", async () => {
  const [second, third] = [idToken(3600, "second"), idToken(7200, "third")];
  await using idp = issuer([
    Response.json({ id_token: second, refresh_token: "next" }),
    Response.json({ id_token: third }),
  ]);
  const config = {
    "idp-issuer-url": idp.url,
    "client-id": "aim",
    "client-secret": "s e",
    "refresh-token": "first",
    "id-token": idToken(5),
  };
  const clock = { now };
  const source = oidc(config, clock);
  assert.equal((await source()).bearerToken, second);
  assert.equal((await source(true)).bearerToken, third);
  const authorization = `Basic ${btoa("aim:s%20e")}`;
  assert.deepEqual(idp.asked, [
    { form: { grant_type: "refresh_token", refresh_token: "first" }, authorization },
    { form: { grant_type: "refresh_token", refresh_token: "next" }, authorization },
  ]);
});

Deno.test("oidc: an id token of the kubeconfig that is refused before its end is not shown again", async () => {
  const [first, second] = [idToken(3600, "first"), idToken(3600, "second")];
  await using idp = issuer([Response.json({ id_token: second })]);
  const source = oidc({ "idp-issuer-url": idp.url, "refresh-token": "r", "id-token": first });
  assert.equal((await source()).bearerToken, first);
  assert.equal((await source(true)).bearerToken, second);
});

Deno.test("oidc: the client shows itself as the issuer wants it", async () => {
  const token = idToken(3600);
  const about = { token_endpoint_auth_methods_supported: ["client_secret_post"] };
  await using post = issuer([Response.json({ id_token: token })], about);
  const config = { "client-id": "aim", "refresh-token": "r" };
  await oidc({ ...config, "client-secret": "s", "idp-issuer-url": post.url })();
  const form = { grant_type: "refresh_token", refresh_token: "r", client_id: "aim" };
  assert.deepEqual(post.asked, [{ form: { ...form, client_secret: "s" }, authorization: null }]);

  await using open = issuer([Response.json({ id_token: token })]);
  await oidc({ ...config, "idp-issuer-url": open.url })();
  assert.deepEqual(open.asked, [{ form, authorization: null }]);
});

Deno.test("oidc: nobody can log in without a person; each case says so without a secret", async () => {
  await using idp = issuer([
    Response.json({ error: "invalid_grant", error_description: "secret" }, { status: 400 }),
    Response.json({ access_token: "secret" }),
    Response.json({ id_token: idToken(-1) }),
    new Response("<html>secret"),
  ]);
  const config = { "idp-issuer-url": idp.url, "client-id": "aim", "refresh-token": "secret" };
  const says = (config: Record<string, string>, message: RegExp) =>
    assert.rejects(oidc(config)(), (error: Error) => {
      assert.equal(error.name, "ConfigurationError");
      assert.match(error.message, /^\/home\/jane\/config: user "jane": auth-provider oidc: [^\n]+$/);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  await says(
    { "id-token": idToken(-1) },
    /has ended or is refused, and there is no refresh-token: log in again/,
  );
  await says({ "id-token": "secret" }, /no refresh-token: log in again/);
  await says({}, /no refresh-token: log in again/);
  await says(config, /gives no new id-token \(400 invalid_grant\): log in again/);
  await says(config, /\(no id_token in its answer\)/);
  await says(config, /the issuer gave an id-token that has ended/);
  await says(config, /\(its answer is no JSON\)/);
  await says({ ...config, "idp-issuer-url": `${idp.url}elsewhere` }, /\(404\): log in again/);
  await says({ "refresh-token": "secret" }, /the issuer undefined gives no new id-token/);
});

Deno.test("the other providers are refused with what took their place", () => {
  const refused = (name: unknown, message: RegExp) =>
    assert.throws(() => authProviderCredentials({ name }, user, undefined), {
      name: "ConfigurationError",
      message,
    });
  refused(
    "gcp",
    /^\/home\/jane\/config: user "jane": auth-provider gcp: cannot .*gke-gcloud-auth-plugin, by: gcloud /,
  );
  refused(
    "azure",
    /user "jane": auth-provider azure: .* the exec plugin kubelogin, by: kubelogin convert-kubeconfig$/,
  );
  refused("openstack", /auth-provider openstack: .* use an exec plugin, a token or a client certificate$/);
});
