/** The entries of the downloader's image: fixed paths, no shell, the permission set of deno.json. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { content } from "./content.ts";
import { Hub } from "./hub.ts";
import { permissionSet } from "./program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dockerfile = await Deno.readTextFile(join(root, "Dockerfile"));
const stage = dockerfile.slice(dockerfile.indexOf("AS downloader"), dockerfile.lastIndexOf("FROM "));

Deno.test("the image has the paths of the contract and runs as 1000", () => {
  assert.match(stage, /^COPY .*\/image\/check-size\.sh \/check-size\.sh$/m);
  assert.match(
    stage,
    /^COPY .*\/image\/initializer-entrypoint \/storage-initializer\/scripts\/initializer-entrypoint$/m,
  );
  assert.match(stage, /^USER 1000:1000$/m);
  assert.match(stage, /^ENTRYPOINT \["\/app\/lib\/download\/image\/download"\]$/m);
});

Deno.test("the permissions: only the volume, what is thrown away, certificates and the code of its thread; nothing to run", () => {
  assert.deepEqual(permissionSet.write, ["/cache", "/mnt", "/tmp"]);
  assert.deepEqual(permissionSet.read, [
    "/cache",
    "/mnt",
    "/tmp",
    "/etc",
    "/var/run/secrets",
    "./lib/download",
  ]);
  assert.deepEqual(Object.keys(permissionSet).sort(), ["env", "net", "read", "sys", "write"]);
  assert.ok(permissionSet.env.every((name) => name.length > 2), "no variable means all");
});

Deno.test("an entry is a program by itself, and its name says what it does", async () => {
  await using hub = new Hub({ repositories: { "org/model": { files: { "a.txt": content("hello") } } } });
  // Below /tmp, which the permission set allows.
  const folder = await Deno.makeTempDir({ dir: "/tmp" });
  try {
    await Deno.mkdir(join(folder, "bin"));
    await Deno.symlink(Deno.execPath(), join(folder, "bin/deno"));
    const start = async (name: string, args: string[]) => {
      const source = await Deno.readTextFile(join(root, "lib/download/image", name));
      const path = join(folder, name);
      await Deno.writeTextFile(path, source.replaceAll("/app/", root).replace("--cached-only ", ""), {
        mode: 0o755,
      });
      const { code, stdout, stderr } = await new Deno.Command(path, {
        args,
        env: {
          PATH: `${join(folder, "bin")}:${Deno.env.get("PATH")}`,
          HF_ENDPOINT: hub.endpoint,
          TARGET_DIR: join(folder, "cache"),
          TMPDIR: folder,
        },
      }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    const measured = JSON.parse(
      (await start("check-size.sh", ["hf://org/model"])).trimEnd().split("\n").at(-1)!,
    );
    assert.equal(measured.sizeBytes, 5);
    await start("download", ["hf://org/model"]);
    assert.equal(await Deno.readTextFile(join(folder, "cache/a.txt")), "hello");
    await start("initializer-entrypoint", ["hf://org/model", join(folder, "models")]);
    assert.equal(await Deno.readTextFile(join(folder, "models/a.txt")), "hello");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
