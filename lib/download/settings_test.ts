import assert from "node:assert/strict";
import { DownloadFailure } from "./failure.ts";
import { settingsFrom } from "./settings.ts";

const from = (env: Record<string, string>) => settingsFrom((name) => env[name]);

Deno.test("without an environment the defaults of the contract hold", () => {
  const { huggingFace, ...settings } = from({});
  assert.deepEqual(settings, {
    targetFolder: "/cache",
    expectedBytes: undefined,
    artifact: undefined,
    protocols: ["XET"],
    stallSeconds: 120,
    progressSeconds: 5,
    revision: undefined,
    include: [],
    exclude: [],
    temporaryFolder: "/tmp",
    s3: { endpoint: undefined, region: "us-east-1", virtualHosts: false, anonymous: false },
    authorities: undefined,
  });
  assert.equal(huggingFace.token, undefined);
  assert.equal(huggingFace.endpoint.protocol, "https:");
});

/** `AIM_DOWNLOADER_PROTOCOL` and the Hugging Face tools' own switches, and the attempts that they mean. */
const sequences: readonly (readonly [Record<string, string>, readonly string[]])[] = [
  [{ AIM_DOWNLOADER_PROTOCOL: "XET,HF_TRANSFER" }, ["XET", "HF_TRANSFER"]],
  [{ AIM_DOWNLOADER_PROTOCOL: " HTTP , XET,, HTTP " }, ["HTTP", "XET", "HTTP"]],
  [{ AIM_DOWNLOADER_PROTOCOL: "FTP" }, ["FTP"]],
  [{ AIM_DOWNLOADER_PROTOCOL: "", HF_HUB_DISABLE_XET: "1" }, ["HTTP"]],
  [{ HF_HUB_DISABLE_XET: "true", HF_HUB_ENABLE_HF_TRANSFER: "1" }, ["HF_TRANSFER"]],
  [{ HF_HUB_DISABLE_XET: "0", HF_HUB_ENABLE_HF_TRANSFER: "1" }, ["XET"]],
];

Deno.test("the protocols are those of the list, blanks trimmed, else one by the tools' switches", () => {
  for (const [env, wanted] of sequences) assert.deepEqual(from(env).protocols, wanted, JSON.stringify(env));
});

Deno.test("an artifact is reported to only if both its name and its namespace are known", () => {
  assert.equal(from({ ARTIFACT_NAME: "a" }).artifact, undefined);
  assert.equal(from({ ARTIFACT_NAMESPACE: "n" }).artifact, undefined);
  assert.deepEqual(from({ ARTIFACT_NAME: "a", ARTIFACT_NAMESPACE: "n" }).artifact, {
    namespace: "n",
    name: "a",
  });
});

/** Variables of S3, and the endpoint that they mean. */
const endpoints: readonly (readonly [Record<string, string>, string | undefined])[] = [
  [{ AWS_ENDPOINT_URL: "http://store:9000" }, "http://store:9000/"],
  [{ AWS_ENDPOINT_URL: "https://store", S3_NO_SSL: "true" }, "http://store/"],
  [{ AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_S3: "http://b" }, "http://b/"],
  [{ AWS_ENDPOINT_URL: "http://a", S3_ENDPOINT: "c:1" }, "http://a/"],
  [{ S3_ENDPOINT: "store:9000" }, "https://store:9000/"],
  [{ S3_ENDPOINT: "store:9000", S3_USE_HTTPS: "0" }, "http://store:9000/"],
  [{ S3_USE_HTTPS: "0", S3_NO_SSL: "true" }, undefined],
];

Deno.test("the S3 endpoint is that of AWS tools, else that of KServe, with or without TLS", () => {
  for (const [env, wanted] of endpoints) {
    assert.equal(from(env).s3.endpoint?.href, wanted, JSON.stringify(env));
  }
  assert.equal(from({ AWS_DEFAULT_REGION: "eu-west-1" }).s3.region, "eu-west-1");
  assert.equal(from({ AWS_DEFAULT_REGION: "eu-west-1", AWS_REGION: "eu-north-1" }).s3.region, "eu-north-1");
  assert.equal(from({ S3_USE_VIRTUAL_BUCKET: "1" }).s3.virtualHosts, true);
});

Deno.test("a token with the line break of a file around it is still the token", () => {
  assert.equal(from({ HF_TOKEN: "hf_abc\n" }).huggingFace.token, "hf_abc");
});

Deno.test("a value that cannot be used is named with its variable", () => {
  for (
    const [name, value] of [
      ["STALL_TIMEOUT", "soon"],
      ["STALL_TIMEOUT", "0"],
      ["PROGRESS_INTERVAL", "-1"],
      ["EXPECTED_SIZE_BYTES", "1 GB"],
      ["HF_ENDPOINT", "hub.example"],
      ["HF_ENDPOINT", "ftp://hub.example"],
    ]
  ) {
    assert.throws(
      () => from({ [name]: value }),
      (failure) =>
        failure instanceof DownloadFailure &&
        failure.message.startsWith(`${name} is ${JSON.stringify(value)}`),
    );
  }
});
