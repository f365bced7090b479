/** What registries answer, what Secrets hold, what users write as an image. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { parseChallenges } from "../../lib/registry/auth/challenge.ts";
import { credentialFor, parseDockerConfig } from "../../lib/registry/auth/docker_config.ts";
import { DockerConfigError, RegistryError } from "../../lib/registry/errors.ts";
import { labelsFrom, MalformedError, manifestMediaTypes, readManifest } from "../../lib/registry/manifest.ts";
import { parseReference } from "../../lib/registry/reference.ts";
import { fuzz, fuzzInputs, piecesOf } from "./fuzz.ts";

/** What the reader returns, or the error that it may throw. */
function attempt<Output, Failure extends Error>(
  read: () => Output,
  // deno-lint-ignore no-explicit-any -- any constructor of the error
  failure: new (...args: any[]) => Failure,
): Output | Failure {
  try {
    return read();
  } catch (error) {
    if (error instanceof failure) return error;
    throw error;
  }
}

const encoded = (text: string) => new TextEncoder().encode(text);

Deno.test(`fuzz, ${fuzzInputs} WWW-Authenticate headers: any is read`, () => {
  const headers = piecesOf(
    ["Bearer", "Basic", " ", ",", "=", '"', "\\", "realm", "service", "abc==", '"https://a.io/"', "é"],
    ['Bearer realm="https://a.io/t?x=1,2",service="s",scope="repository:a/b:pull,push"', 'Basic realm="a b"'],
  );
  fuzz(headers, parseChallenges, (challenges) => {
    for (const { scheme } of challenges) assert.match(scheme, /^[^\s",=]+$/);
  });
});

Deno.test(`fuzz, ${fuzzInputs} manifests and configurations: read or refused`, () => {
  const [ociIndex, , ociManifest] = manifestMediaTypes;
  const digest = `sha256:${"1".repeat(64)}`;
  const keys = ["config", "Labels", "manifests", "digest", "mediaType", "platform", "schemaVersion", "os"];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(digest, 1, null, true, ociIndex, ociManifest, ""),
      tie("list"),
      tie("object"),
    ),
    list: fc.array(tie("value"), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...keys), tie("value"), { maxKeys: 4 }),
  }));
  const text = fc.oneof(value.map((one) => JSON.stringify(one)), fc.string({ unit: "binary" }));
  fuzz(
    fc.tuple(text, fc.constantFrom(null, ...manifestMediaTypes)),
    ([json, type]) => [
      attempt(() => readManifest(encoded(json), type), MalformedError),
      attempt(() => labelsFrom(encoded(json)), MalformedError),
    ],
    (read) => assert.equal(read.length, 2),
  );
});

Deno.test(`fuzz, ${fuzzInputs} texts: a reference or InvalidImageReference`, () => {
  const images = fc.oneof(
    piecesOf(
      [
        ...["docker.io", "ghcr.io", "localhost", "127.0.0.1", "[::1]", ":5000", "/", ":", "@", "sha256:"],
        ...["0123456789abcdef".repeat(4), "a-".repeat(300), "latest", "http://", "%2f"],
        ..."aA._-é \u0000?#",
      ],
      ["ghcr.io/org/a:1.0", `localhost:5000/a/b@sha256:${"0123456789abcdef".repeat(4)}`],
    ),
    fc.string({ unit: "binary", maxLength: 600 }),
  );
  fuzz(images, (image) => attempt(() => parseReference(image), RegistryError), (read) => {
    if (read instanceof RegistryError) {
      assert.equal(read.reason, "InvalidImageReference");
      assert.ok(read.message.length < 2_000 && read.message.isWellFormed());
      return;
    }
    const { registry, repository, tag, digest } = read;
    const url = new URL(`https://${registry}/v2/${repository}/manifests/${digest ?? tag}`);
    assert.equal(url.pathname, `/v2/${repository}/manifests/${digest ?? tag}`, "nothing changes the path");
    assert.equal(url.username + url.search + url.hash, "");
  });
});

Deno.test(`fuzz, ${fuzzInputs} Secrets: credentials, or an error that names the Secret and quotes no credential`, () => {
  const name = 'Secret "ns/pull"';
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const secret = "hunter2hunter2";
  const auth = base64(`user:${secret}`);
  const reference = parseReference("ghcr.io/org/a");
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      ...[secret, auth, `${secret}!`, base64("\0".repeat(20_000) + ":x")],
      ...[null, 1, true, [], {}, ""],
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const fields = ["auth", "username", "password", "identitytoken", "registrytoken"];
  const entry = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 5 });
  const keys = fc.oneof(
    fc.constantFrom("ghcr.io", "https://index.docker.io/v1/", "*.*", "[", "__proto__"),
    fc.string(),
  );
  const auths = fc.dictionary(keys, fc.oneof(entry, value), { maxKeys: 4 });
  const valid = fc.oneof(auths, fc.record({ auths })).map((config) => JSON.stringify(config));
  const pieces = ['{"auths":', ..."{}[]:,1\n\\", '"a.io"', '"auth"', '"username"', "null"];
  const cut = fc.tuple(valid, fc.nat(), fc.constantFrom("", ...pieces), fc.nat(2)).map(
    ([text, at, between, drop]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + between + text.slice(place + drop);
    },
  );
  const texts = fc.oneof(
    { weight: 5, arbitrary: valid },
    { weight: 5, arbitrary: cut },
    piecesOf(pieces, [`{"auths":{"ghcr.io":{"auth":"${auth}"}}}`]),
    fc.nat(20_000).map((depth) => "[".repeat(depth)),
  );
  const secrets = fc.tuple(texts, fc.constantFrom("dockerconfigjson", "dockercfg")).map(([text, kind]) => ({
    type: `kubernetes.io/${kind}`,
    data: { [`.${kind}`]: base64(text) },
  }));
  fuzz(
    secrets,
    (one) => attempt(() => credentialFor(reference, [parseDockerConfig(one, name)!]), DockerConfigError),
    (read) => {
      if (!(read instanceof DockerConfigError)) return;
      assert.ok(read.message.startsWith(name));
      assert.ok(!read.message.includes(secret) && !read.message.includes(auth), read.message);
    },
  );
});
