import assert from "node:assert/strict";
import { candidates, labelsFrom, manifestMediaTypes, offerOf, readManifest } from "./manifest.ts";

const [ociIndex, dockerList, ociManifest, dockerManifest] = manifestMediaTypes;
const [one, two, three] = ["1", "2", "3"].map((digit) => `sha256:${digit.repeat(64)}`);
const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

Deno.test("both families of media types, by the text, by the header, by the shape", () => {
  const image = { config: { digest: one, size: 7 } };
  const index = {
    manifests: [{ digest: two, mediaType: ociManifest, platform: { os: "linux", architecture: "amd64" } }],
  };
  for (const type of [ociManifest, dockerManifest]) {
    const expected = { kind: "image", config: image.config };
    assert.deepEqual(readManifest(bytes({ ...image, mediaType: type }), null), expected);
    assert.deepEqual(readManifest(bytes(image), `${type}; charset=utf-8`), expected);
    assert.deepEqual(readManifest(bytes({ ...image, mediaType: type }), "text/plain"), expected);
  }
  for (const type of [ociIndex, dockerList]) {
    for (
      const read of [
        readManifest(bytes({ ...index, mediaType: type }), null),
        readManifest(bytes(index), type),
      ]
    ) {
      assert.ok(read.kind === "index");
      assert.equal(candidates(read.children)[0]?.digest, two);
    }
  }
  assert.equal(readManifest(bytes(image), null).kind, "image");
  assert.equal(readManifest(bytes(index), "application/json").kind, "index");
});

Deno.test("linux/amd64 is chosen: the first image listed for it, or for no platform", () => {
  const read = (manifests: unknown[]) => {
    const manifest = readManifest(bytes({ manifests }), ociIndex);
    assert.ok(manifest.kind === "index");
    return manifest.children;
  };
  const on = (digest: string, platform?: string, mediaType?: string) => {
    const [os, architecture] = platform?.split("/") ?? [];
    return { digest, mediaType, ...(platform === undefined ? {} : { platform: { os, architecture } }) };
  };
  const rows: [manifests: unknown[], chosen: string | undefined, platforms: string][] = [
    [
      [on(one, "linux/arm64"), on(two, "linux/amd64"), on(three, "linux/amd64")],
      two,
      "linux/arm64, linux/amd64",
    ],
    [[on(one, "windows/amd64"), on(two, "linux/arm64")], undefined, "windows/amd64, linux/arm64"],
    [[on(one, "linux/arm64"), on(two)], two, "linux/arm64, linux/amd64"],
    [
      [
        on(one, "linux/s390x", ociIndex),
        on(one, "linux/amd64", "x/y"),
        on(two, "linux/amd64", dockerManifest),
      ],
      two,
      "linux/amd64; beside them it has x/y, which is no image",
    ],
    [[on(one, undefined, ociIndex), on(two, "linux/amd64")], two, "linux/amd64"],
    [[on(one, "linux/arm64", ociIndex), on(two, "linux/amd64", dockerList)], two, "none"],
    [[on(one, "unknown/unknown", ociManifest)], undefined, "none"],
    [[{ digest: one, platform: null }], one, "linux/amd64"],
    [[], undefined, "none"],
  ];
  for (const [manifests, chosen, platforms] of rows) {
    assert.equal(candidates(read(manifests))[0]?.digest, chosen);
    assert.equal(offerOf(read(manifests)), `its platforms are: ${platforms}`);
  }
});

Deno.test("labels: verbatim, none is valid, what is no text is named", () => {
  assert.deepEqual(labelsFrom(bytes({ config: { Labels: { a: "", "b.c": " é'\n" } } })), {
    a: "",
    "b.c": " é'\n",
  });
  for (
    const config of [{}, { config: null }, { config: {} }, { config: { Labels: null } }, {
      config: { Labels: {} },
    }]
  ) {
    assert.deepEqual(labelsFrom(bytes(config)), {});
  }
  const rows: [config: unknown, says: RegExp][] = [
    ["", /the configuration is not JSON/],
    ["<html>", /the configuration is not JSON/],
    [[], /the configuration is not a JSON object/],
    [{ config: 1 }, /config of the configuration is not/],
    [{ config: { Labels: [] } }, /config\.Labels of the configuration is not/],
    [
      { config: { Labels: { good: "", bad: 1 } } },
      /the label "bad" in the configuration of the image is not text/,
    ],
  ];
  for (const [config, message] of rows) {
    assert.throws(() => labelsFrom(bytes(config)), { name: "MalformedError", message });
  }
});

Deno.test("what is no manifest is refused", () => {
  const rows: [manifest: unknown, type: string | null, says: RegExp][] = [
    ["", null, /the manifest is not JSON/],
    ["\u0000", null, /not JSON/],
    [null, null, /not a JSON object/],
    [{}, ociManifest, /config of the manifest is not a JSON object/],
    [{ config: { digest: "sha256:x" } }, null, /digest in config of the manifest is no sha256 or sha512/],
    [{ config: { digest: `md5:${"0".repeat(32)}` } }, null, /is no sha256/],
    [{ config: { digest: `${one}/../x` } }, null, /is no sha256/],
    [{}, ociIndex, /the index has no list of manifests/],
    [{ manifests: [1] }, null, /manifests\[0\] of the index is not/],
    [{ manifests: [{ digest: one }, {}] }, null, /digest in manifests\[1\] of the index/],
    [{ manifests: [{ digest: one, platform: "linux" }] }, null, /platform of manifests\[0\]/],
    [{ schemaVersion: 1 }, null, /schema 1/],
    [{}, "application/vnd.docker.distribution.manifest.v1+prettyjws", /schema 1/],
  ];
  for (const [manifest, type, message] of rows) {
    assert.throws(() => readManifest(bytes(manifest), type), { name: "MalformedError", message });
  }
});
