/** S3 stores that misbehave, stand elsewhere, have another clock, or want other credentials. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { chance, type Content, content, noise } from "./content.ts";
import { type Ended, run } from "./program.ts";
import { S3Double, type S3DoubleOptions, s3Error, type StoredObject, xml } from "./s3_double.ts";
import { filesBelow, filesOf } from "./volume_files.ts";

const mebi = 2 ** 20;
const files: Readonly<Record<string, Content>> = {
  "config.json": content("{}"),
  "model.safetensors": content(noise(9 * mebi + 3, 1)),
};
const stored = (served: Readonly<Record<string, Content>> = files): Record<string, StoredObject> =>
  Object.fromEntries(Object.entries(served).map(([path, content]) => [`org/x/${path}`, { content }]));

const accessKey = "AKIATESTKEY";
const secret = "a/secret+key";
const keys = { [accessKey]: { secret } };
const credentials = { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secret };

interface Found {
  readonly store: S3Double;
  readonly cache: string;
  readonly again: () => Promise<Ended>;
}

/** Runs one download, or size check, against a store of ours. */
async function withStore(
  options: Partial<S3DoubleOptions>,
  { env = {}, mode = "download", uri = "s3://models/org/x", read = [] as string[] },
  look: (ended: Ended, found: Found) => Promise<void> | void,
): Promise<void> {
  await using store = new S3Double({ bucket: "models", objects: stored(), keys, ...options });
  const folder = await Deno.makeTempDir();
  const again = () =>
    run({
      args: [mode, uri],
      folder,
      read,
      env: {
        AWS_ENDPOINT_URL: store.address.origin,
        AWS_EC2_METADATA_DISABLED: "true",
        STALL_TIMEOUT: "20",
        ...credentials,
        ...env,
      },
    });
  try {
    await look(await again(), { store, cache: join(folder, "cache"), again });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertWhole(ended: Ended, { cache }: Found, wanted = files): Promise<void> {
  assert.equal(ended.code, 0, ended.stderr);
  assert.deepEqual(await filesBelow(cache), filesOf(wanted));
}

function assertRefused({ code, result, stderr }: Ended, failureClass: string, words: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.equal(result!.class, failureClass, stderr);
  assert.match(String(result!.message), words);
}

Deno.test("the store of ours checks signatures: a good key passes, a wrong secret does not", async () => {
  await withStore({}, {}, assertWhole);
  await withStore({}, { env: { AWS_SECRET_ACCESS_KEY: "another" } }, (ended) => {
    assertRefused(ended, "auth", /SignatureDoesNotMatch .*check AWS_SECRET_ACCESS_KEY/);
  });
});

/** A body that breaks off behind these bytes. */
function cutStream(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array> {
  const pieces = bytes.length > 0 ? [bytes] : [];
  return new ReadableStream({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.error("(a connection is cut by the test)");
      else controller.enqueue(piece);
    },
  });
}

Deno.test("each answer is cut at a random byte, twice", async () => {
  const cuts = new Map<number, number>();
  await withStore(
    {
      fault: ({ kind, key, range }) => {
        const before = cuts.get(range?.to ?? 0) ?? 0;
        if (kind !== "get" || before === 2) return undefined;
        const { from, to } = range!;
        cuts.set(to, before + 1);
        const { size, md5, read } = files[key.slice("org/x/".length)];
        const end = from + Math.floor(chance(1, to, before) * (to - from + 1));
        return new Response(
          cutStream(read(from, end)),
          {
            status: 206,
            headers: {
              etag: `"${md5}"`,
              "content-length": String(to - from),
              "content-range": `bytes ${from}-${to - 1}/${size}`,
            },
          },
        );
      },
    },
    {},
    async (ended, found) => {
      await assertWhole(ended, found);
      assert.equal(found.store.asked.filter(({ kind }) => kind === "get").length > 2 * cuts.size, true);
      assert.ok(cuts.size >= 3, "each range was cut");
    },
  );
});

Deno.test("an object that is changed after it was listed is refused, with what to do; the next run gets the new one", async () => {
  const objects = stored();
  const changed = content(noise(9 * mebi + 3, 2));
  await withStore(
    {
      objects,
      fault: ({ kind }) => {
        if (kind === "get") objects["org/x/model.safetensors"] = { content: changed };
        return undefined;
      },
    },
    {},
    async (ended, found) => {
      assertRefused(
        ended,
        "other",
        /^S3 412 PreconditionFailed for s3:\/\/models\/org\/x\/model\.safetensors: it was changed while it was downloaded: try again/,
      );
      assert.equal("model.safetensors" in await filesBelow(found.cache), false);
      await assertWhole(await found.again(), found, { ...files, "model.safetensors": changed });
    },
  );
});

Deno.test("an object that is gone after it was listed is not found", async () => {
  const objects = stored();
  await withStore(
    {
      objects,
      fault: ({ kind }) => {
        if (kind === "get") delete objects["org/x/model.safetensors"];
        return undefined;
      },
    },
    {},
    (ended) => assertRefused(ended, "notFound", /model\.safetensors: it was there when the folder/),
  );
});

Deno.test("a bucket of another region is followed where the store names it in a header, else refused with its name", async () => {
  const elsewhere = (asked: { readonly region: string | undefined }) =>
    asked.region === "eu-north-1"
      ? undefined
      : s3Error(301, "PermanentRedirect", "", { "x-amz-bucket-region": "eu-north-1" });
  await withStore({ region: "eu-north-1", fault: elsewhere }, {}, assertWhole);
  await withStore({ region: "eu-north-1" }, {}, (ended) => {
    assertRefused(
      ended,
      "other",
      /^S3 400 AuthorizationHeaderMalformed for s3:\/\/models\/org\/x\/: the bucket is in another region; set AWS_REGION to eu-north-1$/,
    );
  });
  await withStore({ region: "eu-north-1" }, { env: { AWS_REGION: "eu-north-1" } }, assertWhole);
  await withStore({ fault: () => s3Error(301, "PermanentRedirect") }, {}, (ended) => {
    assertRefused(ended, "other", /another region; set AWS_REGION to the bucket's region/);
  });
});

for (const minutes of [20, -20]) {
  Deno.test(`a clock that differs by ${minutes} minutes is told with both times, and made up for`, async () => {
    await withStore({ clockAhead: minutes * 60 }, {}, async (ended, found) => {
      await assertWhole(ended, found);
      const told = [
        ...ended.stderr.matchAll(/clock of this node says (\S+Z), the store's (\S+Z); set the node/g),
      ];
      assert.equal(told.length, 1, ended.stderr);
      const [, ours, theirs] = told[0];
      const difference = Math.round((Date.parse(theirs) - Date.parse(ours)) / 60_000);
      assert.equal(difference, minutes);
    });
  });
}

Deno.test("a store that goes on saying that the clock is wrong ends the attempt, with class, both times and remedy", async () => {
  const server = "<ServerTime>2026-01-01T00:00:00Z</ServerTime>";
  await withStore(
    { fault: () => s3Error(403, "RequestTimeTooSkewed", server) },
    { env: { STALL_TIMEOUT: "2" } },
    (ended) =>
      assertRefused(ended, "auth", /the store's 2026-01-01T00:00:00.000Z; set the node's clock right/),
  );
});

Deno.test("a session token is shown with the key; one that has expired, and none, are told apart", async () => {
  const guarded = { keys: { [accessKey]: { secret, sessionToken: "session/token+1" } } };
  await withStore(guarded, { env: { AWS_SESSION_TOKEN: "session/token+1" } }, async (ended, found) => {
    await assertWhole(ended, found);
    assert.ok(!ended.stderr.includes("session/token"));
  });
  await withStore(guarded, {}, (ended) => assertRefused(ended, "auth", /InvalidToken .*AWS_SESSION_TOKEN/));
  await withStore({ fault: () => s3Error(400, "ExpiredToken") }, {}, (ended) => {
    assertRefused(ended, "auth", /the session token has expired: give a new one/);
  });
});

/** A key that is given out for an hour. */
const lent = { id: "ASIALENTKEY", secret: "lent-secret", token: "lent-token" };
const lentKeys = { [lent.id]: { secret: lent.secret, sessionToken: lent.token } };
const expiration = () => new Date(Date.now() + 3_600_000).toISOString();
const noKeys = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };

/** A token service: gives the key to who shows the pod's token for the role. */
const tokenService = (asked: URLSearchParams[]) => async (request: Request) => {
  if (request.method !== "POST") return undefined;
  const form = new URLSearchParams(await request.text());
  asked.push(form);
  if (form.get("WebIdentityToken") !== "pod-token") {
    return xml(
      400,
      "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>" +
        "<Message>No OpenIDConnect provider found</Message></Error></ErrorResponse>",
    );
  }
  return xml(
    200,
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>" +
      `<AccessKeyId>${lent.id}</AccessKeyId><SecretAccessKey>${lent.secret}</SecretAccessKey>` +
      `<SessionToken>${lent.token}</SessionToken><Expiration>${expiration()}</Expiration>` +
      "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
  );
};

Deno.test("web identity: the pod's token is exchanged for a key; a role that does not trust it is told", async () => {
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  const tokenFile = join(folder, "token");
  const role = "arn:aws:iam::123456789012:role/models";
  const env = { ...noKeys, AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile };
  try {
    await Deno.writeTextFile(tokenFile, "pod-token");
    const asked: URLSearchParams[] = [];
    const options = { keys: lentKeys, beside: tokenService(asked) };
    await withStore(options, { env }, assertWhole);
    assert.deepEqual(asked.map((form) => [form.get("Action"), form.get("RoleArn")]), [
      ["AssumeRoleWithWebIdentity", role],
    ]);
    await Deno.writeTextFile(tokenFile, "another-token");
    await withStore(options, { env }, (ended) => {
      assertRefused(
        ended,
        "auth",
        /gives no credentials for arn:aws:iam::123456789012:role\/models: InvalidIdentityToken.*: No OpenIDConnect provider found; check AWS_ROLE_ARN, and that the role trusts the pod's service account/,
      );
      assert.ok(!ended.stderr.includes("another-token"), ended.stderr);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("container credentials: the pod's agent gives the key to who shows its token", async () => {
  const agent = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ headers }) =>
      headers.get("authorization") === "agent-token"
        ? Response.json({
          AccessKeyId: lent.id,
          SecretAccessKey: lent.secret,
          Token: lent.token,
          Expiration: expiration(),
        })
        : Response.json({ message: "no" }, { status: 403 }),
  );
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  const tokenFile = join(folder, "token");
  const env = {
    ...noKeys,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${agent.addr.port}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
  };
  try {
    await Deno.writeTextFile(tokenFile, "agent-token");
    await withStore({ keys: lentKeys }, { env }, assertWhole);
    await Deno.writeTextFile(tokenFile, "another");
    await withStore({ keys: lentKeys }, { env }, (ended) => {
      assertRefused(ended, "auth", /CredentialsProviderError .*set AWS_ACCESS_KEY_ID/);
    });
  } finally {
    await agent.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Headers of an object that was encrypted with a key of KMS: its tag is no MD5. */
const kms = { "x-amz-server-side-encryption": "aws:kms" };
const digits = content("123456789");
/** The check values of the catalogue of CRC algorithms, as S3 writes them. */
const checks = {
  "x-amz-checksum-crc64nvme": "rosUhgp5mIg=",
  "x-amz-checksum-crc32c": "4waSgw==",
  "x-amz-checksum-crc32": "y/Q5Jg==",
};

Deno.test("where the tag is no MD5 the object's own check is computed; wrong bytes do not get past it", async () => {
  for (const [name, value] of Object.entries(checks)) {
    const headers = { ...kms, "x-amz-checksum-type": "FULL_OBJECT", [name]: value };
    const objects = { "org/x/a": { content: digits, etag: "0".repeat(32), headers } };
    await withStore({ objects }, {}, (ended, found) => assertWhole(ended, found, { a: digits }));
    const wrong = { "org/x/a": { ...objects["org/x/a"], content: content("123456780") } };
    await withStore({ objects: wrong }, {}, async (ended, { cache }) => {
      assertRefused(ended, "other", /^a does not have the bytes that the source lists, twice: crc is/);
      assert.deepEqual(await filesBelow(cache), {});
    });
  }
});

/** Keys of objects below the folder, and words of the refusal; undefined: they are fine. */
const names: readonly (readonly [keys: readonly string[], words: RegExp | undefined])[] = [
  [["with space/ünï cödé+100%#?&=.txt", "日本語", "a/%2e%2e/b", "-", "~", "'*()!"], undefined],
  [["../outside"], /s3:\/\/models\/org\/x\/ has a file "\.\.\/outside", whose name leads out of the folder/],
  [["/etc/passwd"], /"\/etc\/passwd", whose name is an absolute path/],
  [["a\0b"], /whose name has a NUL character/],
  [["a//b"], /empty part/],
  [["a/./b"], /empty part/],
  [["a", "a/b"], /"a", which is also the folder of "a\/b"/],
  [["x".repeat(256)], /longer than the 255 bytes/],
  [[".cache/huggingface/download/x.metadata"], /keeps its own records/],
];

Deno.test("keys are names on the volume, or the folder is refused before the first byte", async () => {
  for (const [paths, words] of names) {
    const wanted = Object.fromEntries(paths.map((path) => [path, content(`this is ${path}`)]));
    await withStore({ objects: stored(wanted) }, {}, async (ended, found) => {
      if (words === undefined) return await assertWhole(ended, found, wanted);
      assertRefused(ended, "other", words);
      assert.deepEqual(await filesBelow(found.cache), {});
      assert.equal(found.store.bytesAsked, 0);
    });
  }
});

Deno.test("symbolic links on the volume lead no byte of an object out of it", async () => {
  const folder = await Deno.makeTempDir();
  const elsewhere = join(folder, "elsewhere");
  await using store = new S3Double({ bucket: "models", objects: stored({ "a/b": digits, c: digits }) });
  try {
    await Deno.mkdir(join(folder, "cache"));
    await Deno.mkdir(elsewhere);
    await Deno.symlink(elsewhere, join(folder, "cache/a"));
    await Deno.symlink(join(elsewhere, "x"), join(folder, "cache/c"));
    const env = { AWS_ENDPOINT_URL: store.address.origin, ...credentials };
    const ended = await run({ args: ["s3://models/org/x"], folder, env });
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await filesBelow(join(folder, "cache")), filesOf({ "a/b": digits, c: digits }));
    assert.deepEqual([...Deno.readDirSync(elsewhere)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
