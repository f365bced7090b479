/** S3: against a real server, filled by the official command line, and against one of ours that misbehaves. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { type Content, content, noise } from "./content.ts";
import { run } from "./program.ts";
import { accessKey, S3Server, secretKey } from "./s3_server.ts";
import { filesBelow, filesOf } from "./volume_files.ts";

const files: Readonly<Record<string, Content>> = {
  "config.json": content("{}"),
  // Uploaded in parts of 8 MiB by the command line: its tag is one of parts.
  "model.safetensors": content(noise(21 * 2 ** 20 + 5, 1)),
  "a folder/with+signs & ünïcode%20.bin": content(noise(200_000, 2)),
  "empty.txt": content(""),
};
const bytes = Object.values(files).reduce((sum, { size }) => sum + size, 0);

Deno.test("a real S3 server", async (t) => {
  await using server = await S3Server.start();
  const upload = join(server.folder, "upload");
  for (const [path, { size, read }] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(upload, path)), { recursive: true });
    await Deno.writeFile(join(upload, path), read(0, size));
  }
  await server.aws("s3", "mb", "s3://models");
  await server.aws("s3", "cp", "--recursive", "--quiet", upload, "s3://models/org/x");
  await server.aws("s3", "cp", "--quiet", join(upload, "config.json"), "s3://models/org/xy/config.json");

  const download = async (uri: string, env: Record<string, string> = {}, mode = "download") => {
    const folder = await Deno.makeTempDir();
    try {
      const ended = await run({ args: [mode, uri], folder, env: { ...server.env, ...env } });
      return { ...ended, files: await filesBelow(join(folder, "cache")) };
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };

  await t.step("the size is that of the folder, not of another that begins with its name", async () => {
    for (const uri of ["s3://models/org/x", "s3://models/org/x/"]) {
      const { result, stderr } = await download(uri, {}, "check-size");
      assert.deepEqual(result, { url: uri, sizeBytes: bytes }, stderr);
    }
  });
  await t.step("a folder is downloaded whole, also what was uploaded in parts", async () => {
    const ended = await download("s3://models/org/x");
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(ended.files, filesOf(files));
    assert.ok(!ended.stderr.includes(secretKey) && !ended.stderr.includes(accessKey), ended.stderr);
  });
  await t.step("an endpoint without a scheme, and the switches that turn TLS off", async () => {
    const host = `127.0.0.1:${server.port}`;
    const ways: readonly Record<string, string>[] = [
      { AWS_ENDPOINT_URL: "", S3_ENDPOINT: host, S3_USE_HTTPS: "0" },
      { AWS_ENDPOINT_URL: `https://${host}`, S3_NO_SSL: "true" },
      {
        AWS_ENDPOINT_URL: "",
        AWS_ENDPOINT_URL_S3: `http://${host}`,
        AWS_REGION: "",
        AWS_DEFAULT_REGION: "us-east-1",
      },
    ];
    for (const env of ways) {
      const { result, stderr } = await download("s3://models/org/xy", env, "check-size");
      assert.equal(result!.sizeBytes, 2, stderr);
    }
  });
  await t.step("credentials of a shared file", async () => {
    const home = await Deno.makeTempDir({ dir: "/tmp" });
    await Deno.mkdir(join(home, ".aws"));
    await Deno.writeTextFile(
      join(home, ".aws/credentials"),
      `[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`,
    );
    const env = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", HOME: home };
    const { result, stderr } = await download("s3://models/org/xy", env, "check-size");
    await Deno.remove(home, { recursive: true });
    assert.equal(result!.sizeBytes, 2, stderr);
  });
  /** What goes wrong, its class, and words of the message. */
  const refusals: readonly (readonly [string, Record<string, string>, string, RegExp])[] = [
    ["s3://models/nothing", {}, "notFound", /s3:\/\/models\/nothing\/ has no files/],
    ["s3://models/org/x/config.json", {}, "notFound", /has no files/],
    [
      "s3://no-such-bucket/x",
      {},
      "notFound",
      /^S3 404 NoSuchBucket for s3:\/\/no-such-bucket\/x\/: check the bucket/,
    ],
    [
      "s3://models/org/x",
      { AWS_ACCESS_KEY_ID: "nobody-known" },
      "auth",
      /^S3 40\d (InvalidAccessKeyId|XAdminUserNotFound) .*AWS_ACCESS_KEY_ID/,
    ],
    [
      "s3://models/org/x",
      { AWS_SECRET_ACCESS_KEY: "wrong-key" },
      "auth",
      /^S3 403 SignatureDoesNotMatch .*AWS_SECRET_ACCESS_KEY/,
    ],
    [
      "s3://models/org/x",
      { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
      "auth",
      /CredentialsProviderError .*set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod's service account a role/,
    ],
  ];
  for (const [uri, env, failureClass, words] of refusals) {
    await t.step(`refused: ${words.source}`, async () => {
      const { result, stderr } = await download(uri, env);
      assert.match(String(result?.message), words, stderr);
      assert.equal(result!.class, failureClass);
      assert.ok(!stderr.includes("wrong-key"));
    });
  }
});
