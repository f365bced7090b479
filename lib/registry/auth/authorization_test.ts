import assert from "node:assert/strict";
import { type Arrived, connectError, FakeServer, secretFor } from "../server_fixture.ts";

const base = "r.example/v2/org/a";
const image = "r.example/org/a:1";
const user = { username: "user", password: "hunter2hunter2" };
const basic = `Basic ${btoa("user:hunter2hunter2")}`;
const bearer = (realm: string, more = "") => `Bearer realm="${realm}",service="svc"${more}`;
const challenge = (header: string) =>
  new Response("{}", { status: 401, headers: { "www-authenticate": header } });

/** A server whose image wants this header, and says so by this challenge. */
function guarded(wanted: string, header: string): FakeServer {
  const server = new FakeServer();
  const admit = ({ authorization }: Arrived) => authorization === wanted ? undefined : challenge(header);
  server.image(base, "1", { a: "b" }, admit);
  server.image(base, "2", { a: "c" }, admit);
  return server;
}

Deno.test("basic authentication: asked first, sent then, to the registry only", async () => {
  const server = guarded(basic, "Basic realm=tests");
  await server.inspect(image, secretFor("r.example", user));
  assert.deepEqual(server.arrived.map(({ authorization }) => authorization), [null, basic, basic]);
  assert.equal(
    (await server.failure("r.example/org/a:2", secretFor("other.example", user))).reason,
    "ImagePullAuthFailure",
  );
  assert.equal(server.arrived.at(-1)!.authorization, null);
});

Deno.test("a token: with the challenge's service and scope, once for the images of a repository", async () => {
  const server = guarded(
    "Bearer t1",
    bearer("https://auth.example/token?keep=1", ',scope="repository:org/a:pull,push"'),
  );
  server.on("https://auth.example/token*", () => Response.json({ token: "t1", expires_in: 100 }));
  const secret = secretFor("r.example", user);
  await server.inspect(image, secret);
  const asked = server.arrived.find(({ url }) => url.startsWith("https://auth.example"))!;
  assert.equal(asked.authorization, basic);
  assert.deepEqual([...new URL(asked.url).searchParams], [
    ["keep", "1"],
    ["scope", "repository:org/a:pull,push"],
    ["service", "svc"],
  ]);
  const before = server.arrived.length;
  await server.inspect("r.example/org/a:2", secret);
  assert.equal(server.arrived.length, before + 2, "the token is used again");
  server.now += 90_000;
  await server.inspect(image, secret);
  assert.equal(
    server.arrived.length,
    before + 5,
    "not when it is about to end: a challenge, a token, the manifest",
  );
});

Deno.test("tokens: anonymous, access_token before token, the usual scope, a registry token, a refresh token", async () => {
  const anonymous = guarded("Bearer t2", bearer("https://auth.example/token"));
  anonymous.on("https://auth.example/token*", () => Response.json({ token: "no", access_token: "t2" }));
  await anonymous.inspect(image);
  const asked = anonymous.arrived.find(({ url }) => url.startsWith("https://auth"))!;
  assert.equal(asked.authorization, null);
  assert.equal(new URL(asked.url).searchParams.get("scope"), "repository:org/a:pull");

  const given = guarded("Bearer own", bearer("https://auth.example/token"));
  await given.inspect(image, secretFor("r.example", { registrytoken: "own" }));
  assert.ok(given.asked.every((url) => !url.includes("auth.example")));

  for (const hasOAuth of [true, false]) {
    const refreshed = guarded("Bearer t3", bearer("https://auth.example/token"));
    refreshed.on(
      "https://auth.example/token*",
      ({ method }) =>
        method === "POST" && !hasOAuth
          ? new Response("", { status: 404 })
          : Response.json({ access_token: "t3" }),
    );
    await refreshed.inspect(image, secretFor("r.example", { ...user, identitytoken: "refresh" }));
    const posted = refreshed.arrived.find(({ method }) => method === "POST")!;
    assert.deepEqual(Object.fromEntries(new URLSearchParams(posted.body)), {
      grant_type: "refresh_token",
      refresh_token: "refresh",
      service: "svc",
      scope: "repository:org/a:pull",
      client_id: "aim-operator",
    });
    const got = refreshed.arrived.filter(({ url, method }) =>
      method === "GET" && url.includes("auth.example")
    );
    assert.deepEqual(got.map(({ authorization }) => authorization), hasOAuth ? [] : [basic]);
  }
});

Deno.test("a token server that plain HTTP would lead to is not asked, unless it is the registry's own host", async () => {
  for (
    const realm of [
      "http://auth.example/token",
      "http://r.example/token",
      "http://169.254.169.254/x",
      "ftp://a/",
      "",
      "x",
    ]
  ) {
    const server = guarded("Bearer t", bearer(realm));
    const failure = await server.failure(image, secretFor("r.example", user));
    assert.equal(failure.reason, "UnexpectedResponse", realm);
    assert.equal(server.arrived.length, 1, realm);
  }
  const local = new FakeServer();
  local.on("http://10.0.0.1:9000/token*", () => Response.json({ token: "t" }));
  local.on(
    "https://10.0.0.1:5000/*",
    ({ authorization }) =>
      authorization === "Bearer t"
        ? new Response("{}", { status: 404 })
        : challenge(bearer("http://10.0.0.1:9000/token")),
  );
  assert.equal(
    (await local.failure("10.0.0.1:5000/a", secretFor("10.0.0.1:5000", user))).reason,
    "ImageNotFound",
  );
  const neighbour = new FakeServer();
  neighbour.on("https://10.0.0.1:5000/*", () => challenge(bearer("http://10.0.0.2:9000/token")));
  assert.equal((await neighbour.failure("10.0.0.1:5000/a")).reason, "UnexpectedResponse");
  assert.equal(neighbour.arrived.length, 1);
});

Deno.test("a redirect gets no credential, and leads to plain HTTP nowhere", async () => {
  const server = new FakeServer();
  let elsewhere = "https://cdn.example/blob?signature=abc";
  const blob = new RegExp(`^https://${base}/blobs/`);
  server.answers.push(({ url, authorization }) => {
    if (authorization !== basic && url.startsWith("https://r.example/")) return challenge("Basic realm=x");
    return blob.test(url) ? new Response(null, { status: 307, headers: { location: elsewhere } }) : undefined;
  });
  const other = new FakeServer();
  other.image(base, "1", { a: "b" });
  const { configDigest } = await other.inspect(image);
  server.image(base, "1", { a: "b" });
  server.on("https://cdn.example/*", () => new Response(JSON.stringify({ config: { Labels: { a: "b" } } })));
  const secret = secretFor("r.example", user);
  assert.equal((await server.inspect(image, secret)).configDigest, configDigest);
  assert.deepEqual(
    server.arrived.filter(({ url }) => url.includes("cdn")).map(({ authorization }) => authorization),
    [null],
  );

  for (
    elsewhere of [
      "http://cdn.example/blob?signature=abc",
      "http://r.example/blob",
      "http://10.0.0.1/",
      "file:///etc/passwd",
    ]
  ) {
    const one = new FakeServer();
    one.answers.push(...server.answers);
    const failure = await one.failure(image, secret);
    assert.equal(failure.reason, "UnexpectedResponse", elsewhere);
    assert.match(failure.message, /which is not asked over plain HTTP/);
    assert.doesNotMatch(failure.message, /signature/);
    assert.ok(one.asked.every((asked) => asked.startsWith("GET https://r.example/")));
  }
  const unreachable = new FakeServer();
  unreachable.on(
    "https://10.0.0.1/*",
    () => new Response(null, { status: 307, headers: { location: "https://cdn.example/" } }),
  );
  unreachable.on("https://cdn.example/*", () => connectError("Connection refused"));
  assert.match((await unreachable.failure("10.0.0.1/a")).message, /from cdn\.example failed/);
  assert.ok(
    unreachable.asked.every((asked) => asked.startsWith("GET https:")),
    "the registry itself speaks TLS",
  );
  const named = new FakeServer();
  named.on(
    "https://r.example/*",
    () => new Response(null, { status: 307, headers: { location: "https://me:too@cdn.example/" } }),
  );
  await named.failure(image);
  assert.equal(named.asked[1], "GET https://cdn.example/");
  const round = new FakeServer();
  round.on(
    "https://r.example/*",
    ({ url }) => new Response(null, { status: 302, headers: { location: `${url}x` } }),
  );
  assert.match((await round.failure(image)).message, /redirects more than 5 times/);
  assert.equal(round.arrived.length, 6);
});

Deno.test("what was refused is said, without anything secret", async () => {
  const says = (text: string) =>
    Response.json({ errors: [{ code: "DENIED", message: text }] }, { status: 403 });
  const secret = secretFor("r.example", user);
  const rows: [server: FakeServer, expected: RegExp][] = [
    [
      new FakeServer().on("https://r.example/*", () => says("no hunter2hunter2 here")),
      /DENIED: no \[redacted\] here/,
    ],
    [new FakeServer().on("https://r.example/*", () => says(basic.slice(6))), /DENIED: \[redacted\]/],
    [
      new FakeServer().on(
        "https://r.example/*",
        ({ authorization }) =>
          authorization === null ? challenge(bearer("https://auth.example/t")) : says(`bad ${authorization}`),
      )
        .on("https://auth.example/t*", () => Response.json({ token: "topsecrettoken" })),
      /DENIED: bad Bearer \[redacted\]/,
    ],
    [
      new FakeServer().on("https://r.example/*", () => challenge(bearer("https://auth.example/t")))
        .on("https://auth.example/t*", () => Response.json({ details: "wrong\npassword" }, { status: 401 })),
      /auth\.example answered the request for a token with HTTP 401 \(wrong password\)/,
    ],
    [
      new FakeServer().on("https://r.example/*", () => new Response("<html>hunter2hunter2", { status: 403 })),
      /HTTP 403; correct/,
    ],
  ];
  for (const [server, expected] of rows) {
    const failure = await server.failure(image, secret);
    assert.equal(failure.reason, "ImagePullAuthFailure");
    assert.match(failure.message, expected);
    assert.match(failure.message, /correct the credential in the pull secret/);
    assert.doesNotMatch(failure.message, /hunter2|topsecret|aHVudGVyMmh/);
  }
  const without = await new FakeServer().on("https://r.example/*", () => new Response(null, { status: 401 }))
    .failure(image);
  assert.match(without.message, /name a pull secret with a credential for this image in imagePullSecrets/);
});

Deno.test("a token server's answers", async () => {
  const rows: [answer: () => Response, reason: string, tries: number][] = [
    [() => new Response("x"), "UnexpectedResponse", 1],
    [() => new Response("null"), "UnexpectedResponse", 1],
    [() => Response.json({ token: "" }), "UnexpectedResponse", 1],
    [() => Response.json({ token: "a\r\nb" }), "UnexpectedResponse", 1],
    [() => new Response("{}", { status: 400 }), "ImagePullAuthFailure", 1],
    [() => new Response("{}", { status: 404 }), "UnexpectedResponse", 1],
    [() => new Response("{}", { status: 429 }), "RateLimited", 3],
    [() => new Response("{}", { status: 503 }), "RegistryUnavailable", 3],
  ];
  for (const [answer, reason, tries] of rows) {
    const server = guarded("Bearer t", bearer("https://auth.example/token"));
    server.on("https://auth.example/*", answer);
    assert.equal((await server.failure(image)).reason, reason);
    assert.equal(server.arrived.length, 1 + tries);
  }
  const moved = guarded("Bearer t", bearer("https://me:too@auth.example/token#x"));
  moved.on(
    "https://auth.example/*",
    () => new Response(null, { status: 307, headers: { location: "https://b.example/" } }),
  );
  const failure = await moved.failure(image, secretFor("r.example", { identitytoken: "refresh" }));
  assert.equal(failure.reason, "UnexpectedResponse", "a refresh token goes to one place only");
  assert.equal(moved.asked[1], "POST https://auth.example/token");
  assert.equal(moved.arrived.length, 2);
});
