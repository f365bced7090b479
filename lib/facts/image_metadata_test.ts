import assert from "node:assert/strict";
import { ApiError } from "../kube/errors.ts";
import type { Transport } from "../kube/transport.ts";
import { type Clock, parseDockerConfigFile, RegistryClient } from "../registry/mod.ts";
import { Facts } from "../operator/runner/facts.ts";
import { ImageError } from "./image_error.ts";
import { imageMetadata, imageMetadataSource, type ImageQuestion } from "./image_metadata.ts";

const question: ImageQuestion = { image: "registry.test/team/img:1", namespace: "ns", pullSecrets: [] };

const encoded = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).toBase64();
const auths = (host: string) => encoded({ auths: { [host]: { username: "user", password: "hunter2" } } });
const pullSecret = (host: string) => ({
  type: "kubernetes.io/dockerconfigjson",
  data: { ".dockerconfigjson": auths(host) },
});

/** Stands for the API server; what it says of secrets is tried on a real one in tests/catalogue. */
function apiServer(secrets: Record<string, unknown>): Transport {
  const performRequest = ({ method, path }: { method: string; path: string }) => {
    const name = path.split("/").at(-1)!;
    const found = secrets[name];
    if (found instanceof Error) return Promise.reject(found);
    if (found !== undefined) return Promise.resolve(found);
    return Promise.reject(
      new ApiError({ method, path, status: 404, reason: "NotFound", message: `${name} not found` }),
    );
  };
  return { performRequest } as unknown as Transport;
}

async function digestOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `sha256:${new Uint8Array(hash).toHex()}`;
}

/** A registry with one image of these labels. */
async function registryWith(labels: Record<string, string>, asked: Request[] = []): Promise<typeof fetch> {
  const config = JSON.stringify({ architecture: "amd64", os: "linux", config: { Labels: labels } });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      size: config.length,
      digest: await digestOf(config),
    },
    layers: [],
  });
  return ((url: string, init?: RequestInit) => {
    const request = new Request(url, { ...init, client: undefined } as RequestInit);
    asked.push(request);
    const isManifest = new URL(url).pathname.includes("/manifests/");
    return Promise.resolve(
      new Response(isManifest ? manifest : config, {
        headers: {
          "content-type": isManifest
            ? "application/vnd.oci.image.manifest.v1+json"
            : "application/octet-stream",
        },
      }),
    );
  }) as typeof fetch;
}

const answering = (status: number, headers: Record<string, string> = {}): typeof fetch => () =>
  Promise.resolve(new Response("", { status, headers }));

function fetchOf(secrets: Record<string, unknown>, registry: typeof fetch) {
  const client = new RegistryClient({ fetch: registry as never, clock: patientClock });
  const source = imageMetadataSource(apiServer(secrets), client, () => Promise.resolve([]));
  return {
    source,
    fetch: (more: Partial<ImageQuestion> = {}) =>
      source.fetch({ ...question, ...more }, new AbortController().signal),
  };
}

/** Waits between tries take no time; the time of a request never ends. */
const patientClock: Clock = {
  now: () => 0,
  sleep: (milliseconds, signal) =>
    milliseconds < 30_000
      ? Promise.resolve()
      : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
};

async function failure(promise: Promise<unknown>): Promise<ImageError> {
  const error = await promise.then(() => assert.fail("it did not fail"), (error) => error);
  assert.ok(error instanceof ImageError, String(error));
  return error;
}

Deno.test("the labels of an image become its metadata", async () => {
  const { fetch } = fetchOf(
    {},
    await registryWith({
      "com.amd.aim.model.canonicalName": "Qwen/Qwen3-32B",
      "org.opencontainers.image.title": "Qwen3",
    }),
  );
  const found = await fetch();
  assert.equal(found.model?.canonicalName, "Qwen/Qwen3-32B");
  assert.equal(found.oci?.title, "Qwen3");
});

Deno.test("the credentials of the pull secrets are shown to the registry that they are for, and to no other", async () => {
  for (const [host, shown] of [["registry.test", true], ["other.test", false]] as const) {
    const asked: Request[] = [];
    const { fetch } = fetchOf(
      { regcred: pullSecret(host) },
      (async (url: string, init?: RequestInit) => {
        const request = new Request(url, { ...init, client: undefined } as RequestInit);
        asked.push(request);
        if (request.headers.has("authorization")) return await (await registryWith({}))(url, init);
        return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="r"' } });
      }) as typeof globalThis.fetch,
    );
    const known = await fetch({ pullSecrets: ["regcred"] }).then(() => true, () => false);
    assert.equal(known, shown, host);
    assert.equal(asked.some(({ headers }) => headers.has("authorization")), shown, host);
  }
});

Deno.test("the operator's own credentials are for images that no pull secret is for (§3.3 rule 3)", async () => {
  for (const [host, user] of [["registry.test", "user"], ["other.test", "operator"]] as const) {
    const shown: (string | null)[] = [];
    const registry = (async (url: string, init?: RequestInit) => {
      const { headers } = new Request(url, { ...init, client: undefined } as RequestInit);
      if (!headers.has("authorization")) {
        return new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="r"' } });
      }
      shown.push(headers.get("authorization"));
      return await (await registryWith({}))(url, init);
    }) as typeof fetch;
    const own = JSON.stringify({ auths: { "registry.test/team": { username: "operator", password: "x" } } });
    const source = imageMetadataSource(
      apiServer({ regcred: pullSecret(host) }),
      new RegistryClient({ fetch: registry as never, clock: patientClock }),
      () => Promise.resolve([parseDockerConfigFile(own, "own")]),
    );
    await source.fetch({ ...question, pullSecrets: ["regcred"] }, new AbortController().signal);
    assert.match(atob(shown[0]!.replace("Basic ", "")), new RegExp(`^${user}:`));
  }
});

// models-and-templates.md §3.5 with its Better line: reason, and when the registry is asked again
const minute = 60_000;
const rows: [
  string,
  Record<string, unknown>,
  Promise<typeof fetch> | typeof fetch,
  Partial<ImageQuestion>,
  string,
  number,
  RegExp,
][] = [
  [
    "a reference that does not parse",
    {},
    answering(200),
    { image: "Not An Image" },
    "InvalidImageReference",
    Infinity,
    /Not An Image/,
  ],
  ["no such secret", {}, answering(200), { pullSecrets: ["gone"] }, "SecretNotFound", minute / 2, /ns\/gone/],
  [
    "a secret that may not be read",
    { s: new ApiError({ method: "GET", path: "/s", status: 403, reason: "Forbidden", message: "no" }) },
    answering(200),
    { pullSecrets: ["s"] },
    "SecretAccessFailed",
    minute / 2,
    /ns\/s/,
  ],
  [
    "a secret with broken JSON",
    { s: { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": btoa("{") } } },
    answering(200),
    { pullSecrets: ["s"] },
    "SecretAccessFailed",
    minute / 2,
    /ns\/s.*\.dockerconfigjson/,
  ],
  [
    "a secret of another type, and a registry that wants credentials",
    { s: { type: "Opaque", data: {} } },
    answering(401),
    { pullSecrets: ["s"] },
    "ImagePullAuthFailure",
    minute / 2,
    /ns\/s is of type Opaque.*kubernetes\.io\/dockerconfigjson/,
  ],
  ["401", {}, answering(401), {}, "ImagePullAuthFailure", minute / 2, /registry\.test/],
  ["403", {}, answering(403), {}, "ImagePullAuthFailure", minute / 2, /registry\.test/],
  ["404", {}, answering(404), {}, "ImageNotFound", minute, /registry\.test\/team\/img:1/],
  ["429", {}, answering(429, { "retry-after": "120" }), {}, "RateLimited", 2.5 * minute, /registry\.test/],
  ["503", {}, answering(503), {}, "ServiceUnavailable", minute / 12, /503/],
  [
    "a manifest that is none",
    {},
    () => Promise.resolve(new Response("<html>", { headers: { "content-type": "text/html" } })),
    {},
    "MetadataExtractionFailed",
    minute,
    /registry\.test\/team\/img:1/,
  ],
  [
    "a manifest that has another digest than its registry says",
    {},
    () =>
      Promise.resolve(
        new Response("{}", {
          headers: {
            "content-type": "application/vnd.oci.image.manifest.v1+json",
            "docker-content-digest": `sha256:${"0".repeat(64)}`,
          },
        }),
      ),
    {},
    "MetadataExtractionFailed",
    minute / 2,
    /digest sha256:0000/,
  ],
  [
    "a certificate that nobody vouches for",
    {},
    () =>
      Promise.reject(
        new TypeError("client error (Connect): invalid peer certificate: UnknownIssuer"),
      ),
    {},
    "TLSFailure",
    minute / 2,
    /registry\.test/,
  ],
  [
    "labels that do not parse",
    {},
    registryWith({ "com.amd.aim.model.recommendedDeployments": "[{'gpuCount': 'x'}]" }),
    {},
    "MetadataExtractionFailed",
    Infinity,
    /recommendedDeployments/,
  ],
  [
    "a broken connection",
    {},
    () =>
      Promise.reject(
        new TypeError("client error (Connect): tcp connect error: Connection refused (os error 111)"),
      ),
    {},
    "ConnectionRefused",
    minute / 12,
    /registry\.test/,
  ],
];
/** The longest wait between two tries, by the first one; else five minutes (docs/operations.md, Registries). */
const longest = new Map([[Infinity, Infinity], [minute, 30 * minute], [2.5 * minute, 10 * minute]]);
for (const [what, secrets, registry, more, reason, wait, says] of rows) {
  Deno.test(`${what}: ${reason}`, async () => {
    const { source, fetch } = fetchOf(secrets, await registry);
    const error = await failure(fetch(more));
    assert.equal(error.reason, reason);
    assert.match(error.message, says);
    assert.doesNotMatch(error.message, /hunter2/);
    const retry = typeof source.retry === "function" ? source.retry(error) : source.retry;
    assert.equal(retry.first, wait);
    assert.equal(retry.longest, longest.get(wait) ?? 5 * minute);
    assert.equal(error.category, reason === "SecretNotFound" ? "MissingUpstream" : "Infrastructure");
  });
}

for (const seconds of [1, 120, 900]) {
  Deno.test(`a registry that says Retry-After: ${seconds} is not asked sooner, however the waits vary`, async () => {
    const { source } = fetchOf({}, answering(429, { "retry-after": String(seconds) }));
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      monotonic: () => 0,
      schedule: () => () => {},
      after: (milliseconds: number) => {
        if (milliseconds !== source.timeout) waits.push(milliseconds);
        return () => {};
      },
    };
    const settled = Promise.withResolvers<void>();
    const facts = new Facts(clock, () => settled.resolve(), () => 0);
    facts.provide(source);
    facts.ask(imageMetadata, question);
    await settled.promise;
    assert.equal(waits.length, 1);
    assert.ok(waits[0] >= seconds * 1000, `asked again after ${waits[0]} ms`);
    facts.stop();
  });
}

Deno.test("each registry has a lane of its own; what is no reference has one, too", () => {
  const { source } = fetchOf({}, answering(200));
  const lane = (image: string) => source.lane!({ ...question, image });
  assert.notEqual(lane("a.test/x"), lane("b.test/x"));
  assert.equal(lane("nginx"), lane("docker.io/library/redis:7"));
  assert.equal(lane("Not An Image"), lane("Also Not"));
});

Deno.test("without secrets the namespace does not matter; with secrets it does, and their order", () => {
  const key = (more: Partial<ImageQuestion>) => imageMetadata.keyOf({ ...question, ...more });
  assert.equal(key({ namespace: "a" }), key({ namespace: "b" }));
  assert.notEqual(key({ namespace: "a", pullSecrets: ["s"] }), key({ namespace: "b", pullSecrets: ["s"] }));
  assert.notEqual(key({ pullSecrets: ["s", "t"] }), key({ pullSecrets: ["t", "s"] }));
  assert.notEqual(key({ pullSecrets: ["s"] }), key({}));
  assert.notEqual(key({ image: "registry.test/team/img:2" }), key({}));
});

Deno.test("what is known of an image is not asked for again", () => {
  assert.equal(fetchOf({}, answering(200)).source.freshFor, Infinity);
});

Deno.test("a registry that takes too long: NetworkTimeout, by name; tried again soon", async () => {
  const { source } = fetchOf(
    {},
    ((_: string, { signal }: RequestInit) => {
      return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
    }) as unknown as typeof fetch,
  );
  const late = AbortSignal.abort(new DOMException("late", "TimeoutError"));
  const error = await failure(source.fetch(question, late));
  assert.equal(error.reason, "NetworkTimeout");
  assert.match(
    error.message,
    /registry registry\.test did not answer within 60 s .*registry\.test\/team\/img:1/,
  );
  assert.equal(error.retry.first, minute / 12);
});

Deno.test("who stops asking while a secret is read gets no verdict on the secret", async () => {
  const controller = new AbortController();
  const performRequest = () => {
    controller.abort(new Error("enough"));
    return Promise.reject(new ApiError({ method: "GET", path: "/s", status: 404, message: "gone" }));
  };
  const client = new RegistryClient({ fetch: answering(200) as never, clock: patientClock });
  const source = imageMetadataSource(
    { performRequest } as unknown as Transport,
    client,
    () => Promise.resolve([]),
  );
  await assert.rejects(
    source.fetch({ ...question, pullSecrets: ["s"] }, controller.signal),
    /^Error: enough$/,
  );
});
