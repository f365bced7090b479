/** The client against real registries: distribution and that of go-containerregistry, images pushed by crane. */

import assert from "node:assert/strict";
import {
  type Clock,
  type DockerConfig,
  parseDockerConfig,
  RegistryClient,
  type RegistryClientOptions,
  type RegistryError,
} from "../../lib/registry/mod.ts";
import { CertificateAuthority } from "../../lib/apiserver/doors/certificates.ts";
import { until } from "../control_plane/until.ts";
import { startFaultyFront } from "./faulty_front.ts";
import { pullSecret, type Registry, startRegistry } from "./registry.ts";
import { account } from "./token_server.ts";

const labels = { "com.amd.aim.title": "Small", "com.amd.aim.model.canonicalName": "org/small" };

/** Waits between tries are nothing; a try may take what it takes. */
const impatient: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds > 5_000 ? milliseconds : 0);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    }),
};

interface Use extends Disposable {
  readonly client: RegistryClient;
  readonly outcomes: string[];
  inspect(image: string, ...credentials: DockerConfig[]): ReturnType<RegistryClient["inspect"]>;
  /** The error of an inspection that must fail. */
  failure(image: string, ...credentials: DockerConfig[]): Promise<RegistryError>;
}

function use(options: RegistryClientOptions & { authority?: string } = {}): Use {
  const { authority, ...rest } = options;
  const outcomes: string[] = [];
  const trusting = authority === undefined ? undefined : Deno.createHttpClient({ caCerts: [authority] });
  const client = new RegistryClient({
    clock: impatient,
    observe: (_host, outcome) => outcomes.push(outcome),
    ...(trusting === undefined ? {} : { fetch: (url, init) => fetch(url, { ...init, client: trusting }) }),
    ...rest,
  });
  const inspect: Use["inspect"] = (image, ...credentials) =>
    client.inspect(image, credentials, new AbortController().signal);
  return {
    client,
    outcomes,
    inspect,
    failure: (image, ...credentials) =>
      inspect(image, ...credentials).then(
        (found) => assert.fail(`${image} was read: ${JSON.stringify(found)}`),
        (error) => error,
      ),
    [Symbol.dispose]() {
      client.close();
      trusting?.close();
    },
  };
}

function secretOf(host: string, entry?: Record<string, string>): DockerConfig {
  return parseDockerConfig(pullSecret(host, entry), "Secret ns/pull")!;
}

/** The requests behind the pushes, by the registry's log, once there are as many as expected. */
async function newRequests(registry: Registry, before: number, expected: number): Promise<string[]> {
  const all = await until("the log has all requests", async () => {
    const requests = await registry.requests();
    return requests.length >= before + expected && requests;
  }, { seconds: 10 });
  return all.slice(before).map(({ method, path }) => `${method} ${path}`);
}

for (const program of ["distribution", "go-containerregistry"] as const) {
  Deno.test(`${program}: both families, single and in an index, in three requests at most and one from then on`, async () => {
    await using registry = await startRegistry({ program });
    using one = use();
    for (const family of ["docker", "oci"] as const) {
      const name = `org/${family}`;
      const single = await registry.push(`${name}:1`, labels, { family });
      const platforms = ["linux/arm64", "linux/amd64"];
      const index = await registry.push(`${name}:2`, { ...labels, more: "é" }, { family, platforms });
      const before = (await registry.requests()).length;

      const found = await one.inspect(single.image);
      assert.equal(found.digest, single.digest);
      assert.deepEqual({ ...found.labels }, labels);
      const first = await newRequests(registry, before, 2);
      assert.deepEqual(first, [`GET /v2/${name}/manifests/1`, `GET /v2/${name}/blobs/${found.configDigest}`]);

      const inIndex = await one.inspect(index.image);
      assert.equal(inIndex.digest, index.digest);
      assert.deepEqual({ ...inIndex.labels }, { ...labels, more: "é" });
      assert.equal((await newRequests(registry, before + 2, 3)).length, 3);

      assert.equal(await one.inspect(index.image), inIndex);
      assert.deepEqual(await newRequests(registry, before + 5, 1), [`GET /v2/${name}/manifests/2`]);
      // What is behind a digest cannot change.
      assert.deepEqual(await one.inspect(`${registry.host}/${name}@${index.digest}`), inIndex);
      assert.deepEqual(await one.inspect(`${registry.host}/${name}:2@${index.digest}`), inIndex);
      assert.equal((await registry.requests()).length, before + 6);
    }
  });

  Deno.test(`${program}: what is not there, and what is not there for linux/amd64`, async () => {
    await using registry = await startRegistry({ program });
    using one = use();
    await registry.push("org/small:1", labels);
    const arm = await registry.push("org/arm:1", labels, { platforms: ["linux/arm64", "linux/s390x"] });
    for (const name of ["org/small:2", "org/none:1", `org/small@sha256:${"0".repeat(64)}`]) {
      const missing = await one.failure(`${registry.host}/${name}`);
      assert.equal(missing.reason, "ImageNotFound", missing.message);
      assert.equal(missing.status, 404);
      assert.ok(missing.message.includes(`"${registry.host}/${name}"`), missing.message);
    }
    assert.deepEqual(
      one.outcomes.filter((outcome) => outcome === "404").length,
      3,
      "a 404 is not asked for again",
    );
    const foreign = await one.failure(arm.image);
    assert.equal(foreign.reason, "NoMatchingPlatform");
    assert.match(foreign.message, /linux\/arm64, linux\/s390x/);
  });
}

Deno.test("htpasswd: the credential is sent when the registry asks for it, and no other", async () => {
  await using registry = await startRegistry({ auth: "htpasswd" });
  const { image, digest } = await registry.push("org/private:1", labels);
  using one = use();
  assert.equal((await one.inspect(image, secretOf(registry.host))).digest, digest);
  assert.deepEqual(one.outcomes, ["401", "200", "200"], "a challenge, the manifest, the configuration");

  const nobody = await one.failure(image);
  assert.equal(nobody.reason, "ImagePullAuthFailure");
  assert.match(nobody.message, /imagePullSecrets/);
  // What one may read, another may not, also by its digest.
  assert.equal((await one.failure(`${registry.host}/org/private@${digest}`)).reason, "ImagePullAuthFailure");
  const wrong = secretOf(registry.host, { username: account.username, password: "not-the-password" });
  const refused = await one.failure(image, wrong);
  assert.equal(refused.reason, "ImagePullAuthFailure");
  assert.match(refused.message, /correct the credential/);
  assert.doesNotMatch(refused.message, /not-the-password/);
});

Deno.test("tokens: by password, by refresh token, anonymous; kept for the next image of the repository", async () => {
  await using registry = await startRegistry({ auth: "token" });
  const { image, digest } = await registry.push("org/private:1", labels);
  const next = await registry.push("org/private:2", { ...labels, next: "yes" });
  const already = registry.tokens!.asked.length;
  const asked = () => registry.tokens!.asked.slice(already);
  {
    using one = use();
    const secret = secretOf(registry.host);
    assert.equal((await one.inspect(image, secret)).digest, digest);
    assert.equal((await one.inspect(next.image, secret)).labels.next, "yes");
    assert.deepEqual(asked(), ["basic"]);
    assert.deepEqual(one.outcomes, ["401", "200", "200", "200", "200", "200"]);
  }
  {
    using one = use();
    const { identityToken } = account;
    const refresh = secretOf(registry.host, { auth: btoa("<token>:"), identitytoken: identityToken });
    assert.equal((await one.inspect(image, refresh)).digest, digest);
    assert.deepEqual(asked(), ["basic", "refresh token"]);
    assert.equal((await one.failure(image)).reason, "ImagePullAuthFailure");
    assert.equal(asked().at(-1), "anonymous");
    const wrong = secretOf(registry.host, { username: account.username, password: "not-the-password" });
    const refused = await one.failure(image, wrong);
    assert.equal(refused.reason, "ImagePullAuthFailure");
    assert.match(refused.message, /incorrect username or password/);
    const stale = secretOf(registry.host, { identitytoken: "a-stale-refresh-token" });
    const refusedToo = await one.failure(image, stale);
    assert.equal(refusedToo.reason, "ImagePullAuthFailure");
    assert.doesNotMatch(refused.message + refusedToo.message, /not-the-password|a-stale-refresh-token/);
  }
});

Deno.test("TLS: a private authority that is trusted, one that is not, a certificate for another name", async () => {
  await using registry = await startRegistry({ tls: true, auth: "htpasswd" });
  const { image, digest } = await registry.push("org/private:1", labels);
  const secret = secretOf(registry.host);
  using trusting = use({ authority: registry.authority });
  assert.equal((await trusting.inspect(image, secret)).digest, digest);

  for (const authority of [undefined, new CertificateAuthority("another").certificate]) {
    using doubting = use({ authority });
    const before = (await registry.requests()).length;
    const refused = await doubting.failure(image, secret);
    assert.equal(refused.reason, "CertificateInvalid", refused.message);
    assert.match(refused.message, /SSL_CERT_FILE/);
    assert.equal(
      (await registry.requests()).length,
      before,
      "a wrong certificate is no reason to go on without",
    );
  }
});

Deno.test("TLS: a certificate for another name is refused", async () => {
  await using registry = await startRegistry({ tls: { hosts: ["registry.example.org"] } });
  using trusting = use({ authority: registry.authority });
  const refused = await trusting.failure(`${registry.host}/org/small:1`);
  assert.equal(refused.reason, "CertificateInvalid");
  assert.match(refused.message, /registry\.example\.org/);
});

Deno.test("content that is not what its digest says is refused, wherever it comes from", async () => {
  await using registry = await startRegistry();
  await using front = startFaultyFront(registry);
  const { digest } = await registry.push("org/small:1", labels);
  for (const content of ["manifests", "blobs"] as const) {
    using one = use();
    front.fault = { kind: "corrupt", content };
    for (const name of ["org/small:1", `org/small@${digest}`]) {
      const corrupt = await one.failure(`${front.host}/${name}`);
      assert.equal(corrupt.reason, "DigestMismatch", corrupt.message);
    }
    front.fault = { kind: "none" };
    assert.equal((await one.inspect(`${front.host}/org/small:1`)).digest, digest, "nothing wrong was kept");
  }
});

Deno.test("429 and 503: a short wait is waited, a long one is told to the caller", async () => {
  await using registry = await startRegistry();
  await using front = startFaultyFront(registry);
  await registry.push("org/small:1", labels);
  const image = `${front.host}/org/small:1`;
  using first = use();
  front.fault = { kind: "status", status: 429, retryAfter: 600 };
  const limited = await first.failure(image);
  assert.equal(limited.reason, "RateLimited");
  assert.equal(limited.retryAfter, 600_000);
  assert.equal(front.requests.length, 1, "it is not asked again before the time");
  assert.equal((await first.failure(image)).reason, "RateLimited");
  assert.equal(front.requests.length, 1, "for no other question either");
  using second = use();
  front.fault = { kind: "status", status: 503, retryAfter: 2 };
  const down = await second.failure(image);
  assert.equal(down.reason, "RegistryUnavailable");
  assert.equal(down.retryAfter, 2_000);
  assert.equal(front.requests.length, 4, "three tries");
  front.fault = { kind: "none" };
  using third = use();
  assert.deepEqual({ ...(await third.inspect(image)).labels }, labels);
});

Deno.test("a registry that hangs ends in NetworkTimeout after three tries, or with the caller's signal", async () => {
  await using registry = await startRegistry({ program: "go-containerregistry" });
  const { image } = await registry.push("org/small:1", labels);
  registry.pause();
  // The limit of a try comes at once, since nothing else can happen.
  const clock: Clock = { ...impatient, sleep: (_, signal) => impatient.sleep(10, signal) };
  {
    using one = use({ clock });
    const hung = await one.failure(image);
    assert.equal(hung.reason, "NetworkTimeout");
    assert.match(hung.message, /no answer within 30 s/);
    assert.deepEqual(one.outcomes, ["NetworkTimeout", "NetworkTimeout", "NetworkTimeout"]);
  }
  {
    using one = use();
    const caller = new AbortController();
    const inspected = one.client.inspect(image, [], caller.signal);
    caller.abort(new Error("the caller has gone"));
    await assert.rejects(inspected, /the caller has gone/);
  }
  registry.resume();
  using one = use();
  assert.deepEqual({ ...(await one.inspect(image)).labels }, labels);

  await using front = startFaultyFront(registry);
  front.fault = { kind: "hang" };
  const waiting = one.inspect(`${front.host}/org/small:1`);
  await until("the front was asked", () => front.requests.length > 0);
  front.fault = { kind: "none" };
  assert.deepEqual({ ...(await waiting).labels }, labels);
});

Deno.test("many ask for the same image at once: one fetch for each credential", async () => {
  await using registry = await startRegistry();
  const { image } = await registry.push("org/small:1", labels);
  const before = (await registry.requests()).length;
  using one = use();
  const found = await Promise.all(Array.from({ length: 20 }, () => one.inspect(image)));
  assert.equal(new Set(found).size, 1);
  assert.equal((await newRequests(registry, before, 2)).length, 2);
});
