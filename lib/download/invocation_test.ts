import assert from "node:assert/strict";
import { DownloadFailure } from "./failure.ts";
import { parseInvocation } from "./invocation.ts";

const main = "/app/lib/download/main.ts";

Deno.test("the name of the program says what it does, and so may the first argument", () => {
  assert.deepEqual(parseInvocation("/check-size.sh", ["hf://a/b"]), { mode: "check-size", uri: "hf://a/b" });
  assert.deepEqual(parseInvocation(main, ["check-size", "hf://a/b"]), {
    mode: "check-size",
    uri: "hf://a/b",
  });
  const download = { mode: "download", uri: "hf://a/b", folder: undefined };
  assert.deepEqual(parseInvocation(main, ["hf://a/b"]), download);
  assert.deepEqual(parseInvocation(main, ["download", "hf://a/b"]), download);
  assert.deepEqual(
    parseInvocation("/storage-initializer/scripts/initializer-entrypoint", ["s3://b/p", "/mnt/models"]),
    { mode: "download", uri: "s3://b/p", folder: "/mnt/models" },
  );
});

Deno.test("a wrong number of arguments is answered with the usage", () => {
  for (
    const [program, args] of [
      [main, []],
      [main, ["download"]],
      [main, ["check-size"]],
      [main, ["hf://a/b", "/x", "y"]],
      ["/check-size.sh", []],
      ["/check-size.sh", ["hf://a/b", "x"]],
      ["/storage-initializer/scripts/initializer-entrypoint", ["hf://a/b"]],
    ] as const
  ) {
    assert.throws(
      () => parseInvocation(program, args),
      (failure) => failure instanceof DownloadFailure && /^usage: /.test(failure.message),
    );
  }
});
