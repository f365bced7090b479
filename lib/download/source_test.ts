import assert from "node:assert/strict";
import { DownloadFailure } from "./failure.ts";
import { parseSource } from "./source.ts";

Deno.test("a source is a repository with or without a revision, or a folder of a bucket", () => {
  const repository = "Qwen/Qwen3-32B";
  assert.deepEqual(parseSource("hf://Qwen/Qwen3-32B"), { scheme: "hf", repository, revision: undefined });
  assert.deepEqual(parseSource("hf://Qwen/Qwen3-32B/"), { scheme: "hf", repository, revision: undefined });
  assert.deepEqual(parseSource("hf://Qwen/Qwen3-32B@v1.0"), { scheme: "hf", repository, revision: "v1.0" });
  assert.deepEqual(parseSource("hf://Qwen/Qwen3-32B@refs/pr/1"), {
    scheme: "hf",
    repository,
    revision: "refs/pr/1",
  });
  assert.deepEqual(parseSource("hf://gpt2"), { scheme: "hf", repository: "gpt2", revision: undefined });
  assert.deepEqual(parseSource("s3://models/SmolLM-135M"), {
    scheme: "s3",
    bucket: "models",
    prefix: "SmolLM-135M/",
  });
  assert.deepEqual(parseSource("s3://models/a/b//"), { scheme: "s3", bucket: "models", prefix: "a/b/" });
  assert.deepEqual(parseSource("s3://models"), { scheme: "s3", bucket: "models", prefix: "" });
});

Deno.test("what is no source is refused with its name and what it should be", () => {
  for (
    const [uri, wanted] of [
      ["hf://", /hf:\/\/org\/name/],
      ["hf:///x", /hf:\/\/org\/name/],
      ["hf://a/b/c", /hf:\/\/org\/name/],
      ["hf://a/..", /hf:\/\/org\/name/],
      ["hf://a/b@", /hf:\/\/org\/name/],
      ["s3://", /s3:\/\/bucket/],
      ["s3://bucket/a/../b", /the part "\.\."/],
      ["s3://bucket/./b/", /the part "\."/],
      ["gs://bucket/x", /hf:\/\/ or s3:\/\//],
      ["/a/path", /hf:\/\/ or s3:\/\//],
      ["", /hf:\/\/ or s3:\/\//],
    ] as const
  ) {
    assert.throws(() => parseSource(uri), (failure) => {
      assert.ok(failure instanceof DownloadFailure);
      assert.equal(failure.class, "other");
      assert.match(failure.message, wanted);
      assert.ok(failure.message.startsWith(JSON.stringify(uri)), failure.message);
      return true;
    });
  }
});
