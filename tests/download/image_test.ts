/** The entries of the downloader's image: fixed paths, no shell, the permission set of deno.json. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { content } from "./content.ts";
import { Hub } from "./hub.ts";
import { permissions } from "../../lib/download/permissions.ts";
import { Warden } from "../control_plane/processes/warden.ts";
import { downloaderImage } from "../node_agent/images/downloader_image.ts";
import { ContainerRun } from "../node_agent/processes/container.ts";
import { packageEnvironment, sharedMounts } from "../node_agent/processes/image.ts";
import { permissionSet } from "./program.ts";

Deno.test("the image has the paths of the contract: files that the program is named in, and no shell", async () => {
  assert.deepEqual(downloaderImage.entrypoint, ["/aim-downloader"]);
  for (const path of ["/check-size.sh", "/storage-initializer/scripts/initializer-entrypoint"]) {
    const file = downloaderImage.files![path];
    assert.match(await Deno.readTextFile(file), /^#!\/aim-downloader\n/);
    assert.ok((await Deno.stat(file)).mode! & 0o001, "whoever runs it may do so");
  }
});

Deno.test("the permissions: only the volume, what is thrown away and certificates; nothing to run", () => {
  assert.deepEqual(permissions.write, ["/cache", "/mnt", "/tmp"]);
  assert.deepEqual(permissions.read, ["/cache", "/mnt", "/tmp", "/etc", "/var/run/secrets"]);
  assert.deepEqual(Object.keys(permissions).sort(), ["env", "net", "read", "sys", "write"]);
  assert.ok(permissions.env.every((name) => name.length > 2), "no variable means all");
});

Deno.test("a checkout runs it with the same permissions, and may read the code of its threads", () => {
  assert.deepEqual(permissionSet, { ...permissions, read: [...permissions.read, "./lib/download"] });
});

Deno.test("each entry does what its name says, as the image's user", async () => {
  await using hub = new Hub({ repositories: { "org/model": { files: { "a.txt": content("hello") } } } });
  const volume = await Deno.makeTempDir();
  await Deno.chmod(volume, 0o777);
  const warden = new Warden(volume);
  const run = async (...command: string[]) => {
    const container = new ContainerRun({
      command,
      env: { HOME: "/", ...packageEnvironment(), HF_ENDPOINT: hub.endpoint, NO_PROXY: "127.0.0.1" },
      user: 1000,
      group: 1000,
      groups: [],
      readOnlyRoot: false,
      mounts: [
        ...Object.entries(sharedMounts()).map(([from, to]) => ({ from, to, readOnly: true })),
        ...Object.entries(downloaderImage.files!).map(([to, from]) => ({ from, to, readOnly: true })),
        { from: volume, to: "/cache", readOnly: false },
      ],
    }, warden);
    assert.equal((await container.ended).exitCode, 0, container.log);
    return container.log;
  };
  try {
    const measured = JSON.parse(
      (await run("/check-size.sh", "hf://org/model")).trimEnd().split("\n").at(-1)!,
    );
    assert.equal(measured.sizeBytes, 5);
    await run(...downloaderImage.entrypoint, "hf://org/model");
    assert.equal(await Deno.readTextFile(join(volume, "a.txt")), "hello");
    const initializer = "/storage-initializer/scripts/initializer-entrypoint";
    await run(initializer, "hf://org/model", "/cache/models");
    assert.equal(await Deno.readTextFile(join(volume, "models/a.txt")), "hello");
  } finally {
    await warden.close();
  }
});
