/** A cluster without a way to the internet: what a mirror gives, and what is said of the rest (docs/private-registries.md). */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./no_way_out_program.ts", import.meta.url));

Deno.test("without a way out: a source over a mirror goes on, the others name the registry and the remedy", async () => {
  const line = `ip link set lo up && exec "$0" run -A --no-check --frozen "$1"`;
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-rn", "sh", "-c", line, Deno.execPath(), program],
    // A proxy that is set here would be a way out.
    env: { HTTP_PROXY: "", HTTPS_PROXY: "", http_proxy: "", https_proxy: "", ALL_PROXY: "", all_proxy: "" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  const { found, failures, images } = JSON.parse(text);
  assert.deepEqual(found, [
    "mirror/org aim-00000 1.1.0,1.0.0",
    "mirror/org aim-00001 1.1.0,1.0.0",
    "mirror/org aim-00002 1.1.0,1.0.0",
    // An image with its tag is taken as it is written: its model says that it cannot be read.
    "docker.io amdenterpriseai/aim-pinned 1.0.0",
  ]);
  const remedy =
    "correct the registry's name; where the cluster has no way to it, name a mirror that it has one to";
  for (
    const [at, registry, repository] of [[0, "index.docker.io", "amdenterpriseai/aim-base"], [
      1,
      "ghcr.io",
      "acme/aim-a",
    ]] as const
  ) {
    assert.equal(failures[at].is, "Unreachable");
    assert.ok(
      failures[at].message.startsWith(`${registry}: getting the tags of ${repository} failed: `),
      failures[at].message,
    );
    assert.ok(failures[at].message.endsWith(`; ${remedy}`), failures[at].message);
  }
  assert.equal(failures.length, 2);
  assert.equal(images[0], "sha256:");
  assert.match(images[1], /^DNSFailure: .*amdenterpriseai\/aim-pinned:1\.0\.0/);
});
