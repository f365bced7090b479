/** A source that no downloader understands is told before a Job is made of it (issue "Bad input"). */

import assert from "node:assert/strict";
import { artifact, claim, pass, reporting, verified } from "./artifact_fixture.ts";

/** What a user may have written, and words of what the artifact says. */
const rows: readonly (readonly [sourceUri: string, words: RegExp])[] = [
  // Refused by the schema too, but an older one may have let it in.
  [
    "hf://",
    /spec\.sourceUri is "hf:\/\/" but must match .*; write it in the form hf:\/\/org\/name or s3:\/\/bucket\/folder \(.*delete the object and create it again\)$/,
  ],
  ["gs://bucket/x", /spec\.sourceUri is "gs:\/\/bucket\/x" but must match .*; write it in the form hf:/],
  [
    "hf://org/name/folder",
    /spec\.sourceUri "hf:\/\/org\/name\/folder" names no repository: a Hugging Face source is hf:\/\/org\/name or hf:\/\/org\/name@revision; it cannot change: delete the artifact/,
  ],
  ["hf://org/name@", /names no repository/],
  ["hf://org/..", /names no repository/],
  ["hf:///name", /names no repository/],
  [
    "s3:///folder",
    /spec\.sourceUri "s3:\/\/\/folder" names no bucket: an S3 source is s3:\/\/bucket\/prefix/,
  ],
  ["s3://bucket/a/../b", /"s3:\/\/bucket\/a\/\.\.\/b" has the part "\.\."/],
];

for (const [sourceUri, words] of rows) {
  Deno.test(`${sourceUri} is refused, with the field, its value and what to do, and no Job is made`, () => {
    for (const size of ["0", "1Gi"]) {
      const { status, wants, conditions, messages } = pass(artifact({ sourceUri, size }), reporting());
      assert.equal(status?.status, "Failed");
      assert.ok(conditions.includes("Ready False InvalidSpec"), conditions.join());
      assert.match(messages.Ready, words);
      assert.deepEqual(wants, []);
    }
  });
}

Deno.test("sources that are fine, and one that was downloaded whatever it is called, are left alone", () => {
  for (const sourceUri of ["hf://gpt2", "hf://org/name@v1.0", "s3://bucket", "s3://bucket/a+b..c/d"]) {
    assert.ok(pass(artifact({ sourceUri }), reporting()).wants.length > 0, sourceUri);
  }
  const old = pass(verified({ sourceUri: "hf://org/name/folder" }), [claim(), ...reporting()]);
  assert.equal(old.status?.status, "Ready");
});
