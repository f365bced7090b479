import assert from "node:assert/strict";
import { digestOf } from "./digest.ts";
import { RegistryError, type RegistryReason } from "./errors.ts";
import { type Arrived, connectError, FakeServer, secretFor } from "./server_fixture.ts";

const base = "r.example/v2/org/a";
const image = "r.example/org/a:1";
const user = { username: "user", password: "hunter2hunter2" };
const basic = `Basic ${btoa("user:hunter2hunter2")}`;
const refused = (challenge: string) =>
  new Response("{}", { status: 401, headers: { "www-authenticate": challenge } });

Deno.test("an image is read in two requests, with our name", async () => {
  const server = new FakeServer();
  const digest = server.image(base, "1", { a: "b" });
  const found = await server.inspect(image);
  assert.equal(found.digest, digest);
  assert.deepEqual({ ...found.labels }, { a: "b" });
  assert.deepEqual(server.asked, [
    `GET https://${base}/manifests/1`,
    `GET https://${base}/blobs/${found.configDigest}`,
  ]);
  assert.equal(server.arrived[0].userAgent, "aim-operator");
});

Deno.test("limits: no image more is asked for than its registry allows a credential, until the registry says", async () => {
  const server = new FakeServer();
  let left = 3;
  const labels = { a: "b" };
  const count = (request: Arrived) => {
    if (!request.url.includes("/manifests/")) return undefined;
    if (request.authorization === null && --left < 0) return new Response(null, { status: 429 });
    return undefined;
  };
  for (let i = 0; i < 20; i++) server.image(`r.example/v2/org/a${i}`, "1", labels, count);
  const limited = server.answers.splice(0);
  server.answers.push((request) => {
    const answered = limited.map((each) => each(request)).find((each) => each !== undefined);
    if (request.authorization === null && answered instanceof Response) {
      answered.headers.set("ratelimit-remaining", `${Math.max(left, 0)};w=21600`);
      answered.headers.set("ratelimit-reset", "600");
    }
    return answered;
  });
  const read = async (i: number) => {
    try {
      return (await server.inspect(`r.example/org/a${i}:1`)).labels.a;
    } catch (error) {
      assert.ok(error instanceof RegistryError, String(error));
      assert.equal(error.reason, "RateLimited");
      return error.retryAfter! > 500_000 && error.retryAfter! <= 600_000;
    }
  };
  const first: unknown[] = [];
  for (let i = 0; i < 20; i++) first.push(await read(i));
  assert.deepEqual(first, [...Array(3).fill("b"), ...Array(17).fill(true)]);
  const manifests = () => server.asked.filter((each) => each.includes("/manifests/")).length;
  assert.equal(manifests(), 3);
  server.now += 601_000;
  left = 3;
  assert.equal(await read(3), "b");
});

Deno.test("statuses: which reason, and how often they are asked for", async () => {
  const rows: [status: number, reason: RegistryReason, tries: number][] = [
    [400, "UnexpectedResponse", 1],
    [401, "ImagePullAuthFailure", 1],
    [403, "ImagePullAuthFailure", 1],
    [404, "ImageNotFound", 1],
    [405, "UnexpectedResponse", 1],
    [408, "NetworkTimeout", 3],
    [429, "RateLimited", 3],
    [499, "NetworkTimeout", 3],
    [500, "RegistryUnavailable", 3],
    [501, "RegistryUnavailable", 1],
    [502, "RegistryUnavailable", 3],
    [503, "RegistryUnavailable", 3],
    [504, "RegistryUnavailable", 3],
    [522, "RegistryUnavailable", 3],
    [204, "UnexpectedResponse", 1],
    [304, "UnexpectedResponse", 1],
  ];
  for (const [status, reason, tries] of rows) {
    const server = new FakeServer();
    server.on(`https://${base}/*`, () => new Response(null, { status }));
    const failure = await server.failure(image);
    assert.deepEqual([failure.reason, failure.status], [reason, status]);
    assert.equal(server.arrived.length, tries, `${status}`);
    assert.deepEqual(server.waits, tries === 3 ? [1_000, 3_000] : [], `${status}`);
    assert.ok(
      failure.message.startsWith(`cannot read image "${image}" from registry r.example: `),
      failure.message,
    );
    assert.ok(failure.message.includes(`HTTP ${status}`), failure.message);
  }
});

Deno.test("network errors: which reason; all but a wrong certificate may pass a moment later", async () => {
  const rows: [thrown: Error, reason: RegistryReason][] = [
    [connectError("tcp connect error: Connection refused (os error 111)"), "ConnectionRefused"],
    [
      connectError("dns error: failed to lookup address information: Name or service not known"),
      "DNSFailure",
    ],
    [connectError("invalid peer certificate: UnknownIssuer"), "CertificateInvalid"],
    [connectError("tls handshake eof"), "ConnectionReset"],
    [connectError("tcp connect error: Connection timed out (os error 110)"), "NetworkTimeout"],
    [connectError("tcp connect error: No route to host (os error 113)"), "NetworkError"],
    [connectError("received corrupt message of type InvalidContentType"), "NetworkError"],
    [new TypeError("error reading a body from connection"), "ConnectionReset"],
    [
      new TypeError("x", {
        cause: new Error("client error (SendRequest): connection closed before message completed"),
      }),
      "ConnectionReset",
    ],
    [new TypeError("Requests to port 1 are blocked"), "NetworkError"],
  ];
  for (const [thrown, reason] of rows) {
    const server = new FakeServer();
    server.on("https://r.example/*", () => thrown);
    const failure = await server.failure(image);
    assert.equal(failure.reason, reason, thrown.message);
    assert.equal(server.arrived.length, reason === "CertificateInvalid" ? 1 : 3);
    assert.doesNotMatch(failure.message, /token=abc/, "addresses may carry signatures");
  }
  const once = new FakeServer();
  let first = true;
  once.on("https://r.example/*", () => {
    const answer = first ? connectError("Connection refused") : undefined;
    first = false;
    return answer as Error;
  });
  once.image(base, "1", { a: "b" });
  assert.deepEqual({ ...(await once.inspect(image)).labels }, { a: "b" });
});

Deno.test("Retry-After: waited for when it is short, else told; as seconds or as a date", async () => {
  const rows: [header: string, waits: number[], retryAfter: number | undefined][] = [
    ["0", [1_000, 3_000], 0],
    ["2", [2_000, 3_000], 2_000],
    ["10", [10_000, 10_000], 10_000],
    ["11", [], 11_000],
    ["Thu, 01 Jan 2026 00:01:00 GMT", [], 60_000],
    ["Wed, 01 Jan 2025 00:00:00 GMT", [1_000, 3_000], 0],
    ["99999999999999999999", [], 24 * 60 * 60_000],
    ["soon", [1_000, 3_000], undefined],
    ["-5", [1_000, 3_000], undefined],
  ];
  for (const [header, waits, retryAfter] of rows) {
    const server = new FakeServer();
    server.on(
      "https://r.example/*",
      () => new Response(null, { status: 429, headers: { "retry-after": header } }),
    );
    const failure = await server.failure(image);
    assert.deepEqual(server.waits, waits, header);
    assert.equal(failure.retryAfter, retryAfter, header);
  }
});

Deno.test("no answer in time ends the try; a caller that leaves ends all, once nobody waits", async () => {
  const server = new FakeServer();
  server.on("https://r.example/*", () => new Promise(() => {}));
  const failing = server.failure(image);
  for (let i = 0; i < 3; i++) {
    while (server.arrived.length <= i) await Promise.resolve();
    server.timeOut();
  }
  const failure = await failing;
  assert.equal(failure.reason, "NetworkTimeout");
  assert.match(failure.message, /no answer within 30 s/);

  const [one, other] = [new AbortController(), new AbortController()];
  const asked = server.arrived.length;
  const waiting = [one, other].map(({ signal }) => server.client.inspect(image, [], signal));
  one.abort(new Error("first"));
  await assert.rejects(waiting[0], /first/);
  assert.equal(server.arrived.length, asked + 1, "the fetch goes on for the other");
  const givenUp = server.givenUp;
  other.abort(new Error("second"));
  await assert.rejects(waiting[1], /second/);
  assert.equal(server.givenUp, givenUp + 1, "nobody waits for it any more");
  const closing = server.inspect(image);
  server.client.close();
  await assert.rejects(closing, /the registry client is closed/);
  await assert.rejects(server.client.inspect(image, [], AbortSignal.abort(new Error("third"))), /third/);
});

Deno.test("too large: the manifest, the configuration by its descriptor and by its bytes", async () => {
  const endless = () => {
    let sent = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1024 * 1024;
        if (sent > 64 * 1024 * 1024) controller.error(new Error("it was read on"));
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
  };
  const server = new FakeServer();
  server.on(`https://${base}/manifests/big`, () => new Response(endless()));
  const config = { digest: `sha256:${"0".repeat(64)}` };
  const manifest = (more: object) => Response.json({ schemaVersion: 2, config: { ...config, ...more } });
  server.on(`https://${base}/manifests/told`, () => manifest({ size: 8 * 1024 * 1024 + 1 }));
  server.on(`https://${base}/manifests/untold`, () => manifest({}));
  server.on(`https://${base}/blobs/*`, () => new Response(endless()));
  const rows = [["big", /the manifest is larger than 4 MiB/], ["told", /8388609 bytes/], [
    "untold",
    /configuration is larger than 8 MiB/,
  ]] as const;
  for (const [tag, says] of rows) {
    const failure = await server.failure(`r.example/org/a:${tag}`);
    assert.equal(failure.reason, "TooLarge", failure.message);
    assert.match(failure.message, says);
  }
  assert.equal(server.arrived.length, 4, "it is not asked for again");
});

Deno.test("a digest that does not fit is refused: of a tag's header, of a manifest, of a configuration", async () => {
  const zero = `sha256:${"0".repeat(64)}`;
  const server = new FakeServer();
  const manifest = () => Response.json({ schemaVersion: 2, config: { digest: zero } });
  server.on(`https://${base}/manifests/${zero}`, manifest);
  server.on(`https://${base}/manifests/said`, () => {
    const answer = manifest();
    answer.headers.set("docker-content-digest", zero);
    return answer;
  });
  server.on(`https://${base}/manifests/config`, manifest);
  server.on(`https://${base}/blobs/${zero}`, () => new Response("{}"));
  for (const reference of [`@${zero}`, ":said", ":config"]) {
    const failure = await server.failure(`r.example/org/a${reference}`);
    assert.equal(failure.reason, "DigestMismatch", reference);
    assert.match(
      failure.message,
      reference === ":config" ? /the configuration that came/ : /: the manifest .*that came/,
    );
  }
});

Deno.test("what is behind a digest is kept, for those who may read it", async () => {
  const server = new FakeServer();
  const digest = server.image(
    base,
    "1",
    { a: "b" },
    ({ authorization }) => authorization === basic ? undefined : refused("Basic realm=x"),
  );
  const secret = secretFor("r.example", user);
  const found = await server.inspect(image, secret);
  const asked = server.arrived.length;
  assert.equal(await server.inspect(`r.example/org/a@${digest}`, secret), found);
  assert.equal(server.arrived.length, asked, "nothing is asked for");
  assert.equal((await server.failure(`r.example/org/a@${digest}`)).reason, "ImagePullAuthFailure");
  assert.equal(
    (await server.failure(`r.example/org/a@${digest}`, secretFor("r.example", { username: "x" }))).reason,
    "ImagePullAuthFailure",
  );
});

Deno.test("one fetch for each image and credential", async () => {
  const server = new FakeServer();
  server.image(base, "1", { a: "b" });
  const secret = secretFor("r.example", user);
  await Promise.all([
    server.inspect(image),
    server.inspect(image),
    server.inspect(image, secret),
    server.inspect(image, secret),
  ]);
  assert.equal(server.asked.filter((asked) => asked.endsWith("/manifests/1")).length, 2);
});

Deno.test("plain HTTP is spoken only where it is allowed, and only when TLS is not", async () => {
  const server = new FakeServer();
  server.on("https://*", () => connectError("received corrupt message of type InvalidContentType"));
  server.on("http://*", () => new Response("{}", { status: 404 }));
  assert.equal((await server.failure("10.0.0.1:5000/a")).reason, "ImageNotFound");
  assert.deepEqual(server.asked, [
    "GET https://10.0.0.1:5000/v2/a/manifests/latest",
    "GET http://10.0.0.1:5000/v2/a/manifests/latest",
  ]);
  await server.failure("10.0.0.1:5000/a");
  assert.equal(server.asked.at(-1), "GET http://10.0.0.1:5000/v2/a/manifests/latest");
  assert.equal(server.asked.length, 3, "how it answers is remembered");
  await server.failure(image);
  assert.ok(server.asked.slice(3).every((asked) => asked.startsWith("GET https://r.example/")));

  const wrong = new FakeServer();
  wrong.on("https://*", () => connectError("invalid peer certificate: UnknownIssuer"));
  assert.equal((await wrong.failure("10.0.0.1:5000/a")).reason, "CertificateInvalid");
  assert.ok(wrong.asked.every((asked) => asked.startsWith("GET https:")));
});

Deno.test("a registry that begins or ceases to speak TLS is found again", async () => {
  const server = new FakeServer();
  let speaksTls = false;
  server.on(
    "https://*",
    () => speaksTls ? new Response("{}", { status: 404 }) : connectError("corrupt message"),
  );
  server.on("http://*", () => new Response("{}", { status: speaksTls ? 400 : 404 }));
  const reason = async () => (await server.failure("10.0.0.1:5000/a")).reason;
  assert.equal(await reason(), "ImageNotFound");
  speaksTls = true;
  assert.equal(await reason(), "UnexpectedResponse", "plain HTTP is refused once");
  assert.equal(await reason(), "ImageNotFound");
  speaksTls = false;
  assert.equal(await reason(), "NetworkError");
  assert.equal(await reason(), "ImageNotFound");
});

Deno.test("of the answer to a refusal only a little is read", async () => {
  const server = new FakeServer();
  let sent = 0;
  server.on("https://r.example/*", () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(64 * 1024));
        if (++sent > 16) controller.error(new Error("it was read on"));
      },
    });
    return new Response(body, { status: 404 });
  });
  assert.equal((await server.failure(image)).reason, "ImageNotFound");
});

Deno.test("NoMatchingPlatform, and what is no image", async () => {
  const child = `sha256:${"1".repeat(64)}`;
  const entry = (os: string, architecture: string) => ({ digest: child, platform: { os, architecture } });
  const rows: [manifest: unknown, reason: RegistryReason, says: RegExp][] = [
    [
      { manifests: [entry("linux", "arm64"), entry("unknown", "unknown")] },
      "NoMatchingPlatform",
      /its platforms are: linux\/arm64;/,
    ],
    [{ manifests: [] }, "NoMatchingPlatform", /its platforms are: none/],
    [{ schemaVersion: 1 }, "MalformedManifest", /old schema 1/],
    [
      { config: { mediaType: "application/vnd.cncf.helm.config.v1+json", digest: child } },
      "MalformedManifest",
      /no container image.*helm/,
    ],
    [
      { mediaType: "application/vnd.oci.artifact.manifest.v1+json" },
      "MalformedManifest",
      /no container image: its manifest is of the type "application\/vnd\.oci\.artifact\.manifest\.v1\+json"/,
    ],
    [
      {
        artifactType: "application/vnd.example.model",
        config: { mediaType: "application/vnd.oci.empty.v1+json", digest: child },
      },
      "MalformedManifest",
      /oci\.empty.*for an artifact of the type "application\/vnd\.example\.model"/,
    ],
    [[], "MalformedManifest", /the manifest is not a JSON object/],
  ];
  for (const [manifest, reason, says] of rows) {
    const server = new FakeServer();
    server.on(`https://${base}/manifests/1`, () => Response.json(manifest));
    const failure = await server.failure(image);
    assert.equal(failure.reason, reason);
    assert.match(failure.message, says);
  }
});

/** A registry with an image, behind as many indexes as are given, the outermost first. */
function nested(indexes: readonly ((inner: string) => unknown)[]) {
  const server = new FakeServer();
  const blobs = new Map<string, string>();
  const put = (value: unknown) => {
    const text = JSON.stringify(value);
    const digest = digestOf(new TextEncoder().encode(text));
    blobs.set(digest, text);
    return digest;
  };
  const config = put({ config: { Labels: { found: "yes" } } });
  let inner = put({ schemaVersion: 2, config: { digest: config } });
  for (const index of indexes.toReversed()) inner = put(index(inner));
  const top = blobs.get(inner)!;
  server.on(`https://${base}/manifests/1`, () => new Response(top));
  for (const [digest, text] of blobs) {
    for (const path of ["manifests", "blobs"]) {
      server.on(`https://${base}/${path}/${digest}`, () => new Response(text));
    }
  }
  return server;
}
const ociIndex = "application/vnd.oci.image.index.v1+json";
const onAmd64 = { os: "linux", architecture: "amd64" };

Deno.test("an index that names another index for linux/amd64 is followed", async () => {
  const through = (digest: string) => ({ manifests: [{ digest, mediaType: ociIndex, platform: onAmd64 }] });
  const withoutPlatform = (digest: string) => ({ manifests: [{ digest, mediaType: ociIndex }] });
  const untold = (digest: string) => ({ manifests: [{ digest, platform: onAmd64 }] });
  for (const indexes of [[through, untold], [withoutPlatform, through, untold], [untold, untold]]) {
    const server = nested(indexes);
    assert.deepEqual((await server.inspect(image)).labels, { found: "yes" });
    assert.equal(server.asked.length, indexes.length + 2, `${server.asked}`);
  }
});

Deno.test("of indexes in indexes the one that has the image is found, and who has none is told of all platforms", async () => {
  const arm = { digest: `sha256:${"a".repeat(64)}`, platform: { os: "linux", architecture: "arm64" } };
  const empty = JSON.stringify({ manifests: [arm] });
  const emptyIndex = { digest: digestOf(new TextEncoder().encode(empty)), mediaType: ociIndex };
  const both = (digest: string) => ({ manifests: [emptyIndex, { digest, mediaType: ociIndex }] });
  const server = nested([both, (digest) => ({ manifests: [{ digest }] })]);
  server.on(`https://${base}/manifests/${emptyIndex.digest}`, () => new Response(empty));
  assert.deepEqual((await server.inspect(image)).labels, { found: "yes" });

  const none = new FakeServer();
  none.on(`https://${base}/manifests/1`, () => Response.json({ manifests: [emptyIndex] }));
  none.on(`https://${base}/manifests/${emptyIndex.digest}`, () => new Response(empty));
  const failure = await none.failure(image);
  assert.equal(failure.reason, "NoMatchingPlatform");
  assert.match(failure.message, /not there for linux\/amd64; its platforms are: linux\/arm64;/);
});

Deno.test("indexes without end are read up to a bound", async () => {
  const through = (digest: string) => ({ manifests: [{ digest, mediaType: ociIndex, platform: onAmd64 }] });
  const server = nested(Array.from({ length: 30 }, () => through));
  const failure = await server.failure(image);
  assert.equal(failure.reason, "NoMatchingPlatform");
  assert.match(failure.message, /the index names indexes: 8 manifests were read/);
  assert.equal(server.asked.length, 8);
});
