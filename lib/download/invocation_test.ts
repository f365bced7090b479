import assert from "node:assert/strict";
import { DownloadFailure } from "./failure.ts";
import { parseInvocation } from "./invocation.ts";

const initializer = "/storage-initializer/scripts/initializer-entrypoint";

Deno.test("the entry of the image says what to do, and so may the first argument", () => {
  const measure = { mode: "check-size", uri: "hf://a/b" };
  assert.deepEqual(parseInvocation(["/check-size.sh", "hf://a/b"]), measure);
  assert.deepEqual(parseInvocation(["check-size", "hf://a/b"]), measure);
  const download = { mode: "download", uri: "hf://a/b", folder: undefined };
  assert.deepEqual(parseInvocation(["hf://a/b"]), download);
  assert.deepEqual(parseInvocation(["download", "hf://a/b"]), download);
  assert.deepEqual(
    parseInvocation([initializer, "s3://b/p", "/mnt/models"]),
    { mode: "download", uri: "s3://b/p", folder: "/mnt/models" },
  );
});

Deno.test("a source is no entry, whatever its path ends with", () => {
  for (const uri of ["s3://b/check-size.sh", "s3://b/initializer-entrypoint"]) {
    assert.deepEqual(parseInvocation([uri]), { mode: "download", uri, folder: undefined });
  }
});

Deno.test("a wrong number of arguments is answered with the usage", () => {
  for (
    const args of [
      [],
      ["download"],
      ["check-size"],
      ["hf://a/b", "/x", "y"],
      ["/check-size.sh"],
      ["/check-size.sh", "hf://a/b", "x"],
      [initializer],
      [initializer, "hf://a/b"],
    ]
  ) {
    assert.throws(
      () => parseInvocation(args),
      (failure) => failure instanceof DownloadFailure && /^usage: /.test(failure.message),
      args.join(" "),
    );
  }
});
