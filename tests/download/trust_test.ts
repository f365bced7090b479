/** Certificates of private authorities and of nobody, and proxies: what stands between a pod and its source. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { CertificateAuthority, type KeyPair } from "../../lib/apiserver/doors/certificates.ts";
import { ConnectProxy } from "../kube/connect_proxy.ts";
import { content, noise } from "./content.ts";
import { Hub } from "./hub.ts";
import { type Ended, run } from "./program.ts";
import { S3Double, s3Error } from "./s3_double.ts";
import { filesBelow, filesOf } from "./volume_files.ts";

const files = { "config.json": content("{}"), "model.safetensors": content(noise(5_000_000, 1)) };
const objects = Object.fromEntries(
  Object.entries(files).map(([path, content]) => [`org/x/${path}`, { content }]),
);
const authority = new CertificateAuthority("Company Root");
const served = ({ certificate: cert, key }: KeyPair) => ({ cert, key });
const tls = served(authority.forServer(["127.0.0.1"]));
const keys = { AKIATEST: { secret: "secret" } };
const credentials = {
  AWS_ACCESS_KEY_ID: "AKIATEST",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_EC2_METADATA_DISABLED: "true",
};

interface Place {
  readonly folder: string;
  /** Runs the program, with that file of certificates readable. */
  readonly download: (uri: string, env: Record<string, string>) => Promise<Ended>;
  readonly bundle: string;
}

async function withPlace(test: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const bundle = join(folder, "authorities.pem");
  await Deno.writeTextFile(bundle, authority.certificate);
  const download = (uri: string, env: Record<string, string>) =>
    run({ args: [uri], folder, env: { STALL_TIMEOUT: "20", ...env } });
  try {
    await test({ folder, download, bundle });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertWhole(ended: Ended, { folder }: Place): Promise<void> {
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf(files));
  await Deno.remove(join(folder, "cache"), { recursive: true });
}

function assertRefused({ code, result, stderr }: Ended, failureClass: string, words: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.equal(result!.class, failureClass);
  assert.match(String(result!.message), words);
  assert.doesNotMatch(stderr, /trying again/);
}

for (const scheme of ["hf", "s3"]) {
  const uri = scheme === "hf" ? "hf://org/model" : "s3://models/org/x";

  Deno.test(`${scheme}: a private authority is trusted once it is named, in any of four ways`, async () => {
    await using hub = new Hub({ repositories: { "org/model": { files } }, tls });
    await using store = new S3Double({ bucket: "models", objects, keys, tls });
    const env = { ...credentials, HF_ENDPOINT: hub.endpoint, AWS_ENDPOINT_URL: store.address.origin };
    await withPlace(async (place) => {
      for (const name of ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"]) {
        await assertWhole(await place.download(uri, { ...env, [name]: place.bundle }), place);
      }
      const text = { AIM_DOWNLOADER_CA_BUNDLE: authority.certificate };
      await assertWhole(await place.download(uri, { ...env, ...text }), place);
      assertRefused(
        await place.download(uri, { ...env, SSL_CERT_FILE: join(place.folder, "nothing.pem") }),
        "other",
        /^the certificates in \S+nothing\.pem cannot be read: .*No such file/,
      );
      assertRefused(
        await place.download(uri, { ...env, AIM_DOWNLOADER_CA_BUNDLE: "/etc/ca.pem" }),
        "other",
        /^AIM_DOWNLOADER_CA_BUNDLE has no certificate/,
      );
    });
  });

  Deno.test(`${scheme}: a certificate of nobody's, and one of another host, are told at once, with a remedy`, async () => {
    const certificates: readonly (readonly [KeyPair, RegExp])[] = [
      [
        new CertificateAuthority("Nobody").forServer(["127.0.0.1"]),
        /: UnknownIssuer; put its authority's certificate \(PEM\) into AIM_DOWNLOADER_CA_BUNDLE/,
      ],
      [
        authority.forServer(["elsewhere.example"]),
        /: certificate not valid for name "127\.0\.0\.1".*; name the server in the endpoint/,
      ],
    ];
    for (const [pair, words] of certificates) {
      await using hub = new Hub({ repositories: { "org/model": { files } }, tls: served(pair) });
      await using store = new S3Double({ bucket: "models", objects, keys, tls: served(pair) });
      await withPlace(async ({ download }) => {
        const { host } = scheme === "hf" ? new URL(hub.endpoint) : store.address;
        const ended = await download(uri, {
          ...credentials,
          HF_ENDPOINT: hub.endpoint,
          AWS_ENDPOINT_URL: store.address.origin,
          AIM_DOWNLOADER_CA_BUNDLE: authority.certificate,
        });
        assertRefused(ended, "network", words);
        assert.ok(String(ended.result!.message).startsWith(`${host} shows a certificate`), ended.stderr);
      });
    }
  });
}

Deno.test("a hub is reached through the proxy of HTTPS_PROXY, and past it by NO_PROXY", async () => {
  const tls = served(authority.forServer(["hub.example.com", "127.0.0.1"]));
  await using hub = new Hub({ repositories: { "org/model": { files } }, tls });
  using proxy = new ConnectProxy(new URL(hub.endpoint));
  await withPlace(async (place) => {
    const env = { AIM_DOWNLOADER_CA_BUNDLE: authority.certificate, HTTPS_PROXY: proxy.url };
    await assertWhole(
      await place.download("hf://org/model", { ...env, HF_ENDPOINT: "https://hub.example.com" }),
      place,
    );
    assert.deepEqual([...new Set(proxy.asked)], ["hub.example.com:443"]);
    proxy.asked.length = 0;
    await assertWhole(await place.download("hf://org/model", { ...env, HF_ENDPOINT: hub.endpoint }), place);
    assert.deepEqual(proxy.asked, []);
  });
});

const amazon = ["us-east-1", "eu-north-1"].flatMap((region) => [
  `models.s3.${region}.amazonaws.com`,
  `sts.${region}.amazonaws.com`,
]);

Deno.test("Amazon's S3: a proxy, virtual hosts, a role of the pod, and a bucket that turns out to be in another region", async () => {
  const lent = { id: "ASIALENT", secret: "lent-secret", token: "lent-token" };
  await using store = new S3Double({
    bucket: "models",
    objects,
    keys: { [lent.id]: { secret: lent.secret, sessionToken: lent.token } },
    region: "eu-north-1",
    tls: served(authority.forServer(amazon)),
    fault: ({ host }) =>
      host === "models.s3.eu-north-1.amazonaws.com"
        ? undefined
        : s3Error(301, "PermanentRedirect", "", { "x-amz-bucket-region": "eu-north-1" }),
    beside: ({ method }) =>
      method === "POST"
        ? new Response(
          "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>" +
            `<AccessKeyId>${lent.id}</AccessKeyId><SecretAccessKey>${lent.secret}</SecretAccessKey>` +
            `<SessionToken>${lent.token}</SessionToken>` +
            `<Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration>` +
            "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
          { headers: { "content-type": "text/xml" } },
        )
        : undefined,
  });
  using proxy = new ConnectProxy(store.address);
  await withPlace(async (place) => {
    const token = join(place.folder, "token");
    await Deno.writeTextFile(token, "pod-token");
    const ended = await place.download("s3://models/org/x", {
      AWS_REGION: "us-east-1",
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/models",
      AWS_WEB_IDENTITY_TOKEN_FILE: token,
      AWS_STS_REGIONAL_ENDPOINTS: "regional",
      AWS_EC2_METADATA_DISABLED: "true",
      AIM_DOWNLOADER_CA_BUNDLE: authority.certificate,
      HTTPS_PROXY: proxy.url,
    });
    await assertWhole(ended, place);
    assert.deepEqual([...new Set(proxy.asked)].sort(), [
      "models.s3.eu-north-1.amazonaws.com:443",
      "models.s3.us-east-1.amazonaws.com:443",
      "sts.us-east-1.amazonaws.com:443",
    ]);
  });
});

Deno.test("a store of one's own by virtual host: the bucket is part of the name", async () => {
  await using store = new S3Double({
    bucket: "models",
    objects,
    keys,
    tls: served(authority.forServer(["models.s3.example.com"])),
  });
  using proxy = new ConnectProxy(store.address);
  await withPlace(async (place) => {
    const env = {
      ...credentials,
      AWS_ENDPOINT_URL: "https://s3.example.com",
      S3_USE_VIRTUAL_BUCKET: "1",
      AIM_DOWNLOADER_CA_BUNDLE: authority.certificate,
      HTTPS_PROXY: proxy.url,
    };
    await assertWhole(await place.download("s3://models/org/x", env), place);
    assert.deepEqual([...new Set(proxy.asked)], ["models.s3.example.com:443"]);
  });
});
