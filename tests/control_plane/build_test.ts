import assert from "node:assert/strict";
import { basename, join } from "node:path";

/** Runs the build as a program, with a `go` that answers with this text, or none. */
async function build(goSays?: string): Promise<{ code: number; stderr: string }> {
  const folder = await Deno.makeTempDir({ prefix: "aim-build-test-" });
  try {
    if (goSays !== undefined) {
      await Deno.writeTextFile(join(folder, "go"), `#!/bin/sh\nprintf '${goSays}'\n`, { mode: 0o755 });
    }
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("build.ts", import.meta.url).href],
      env: {
        PATH: goSays === undefined ? folder : `${folder}:/usr/bin:/bin`,
        AIM_CACHE_DIR: join(folder, "cache"),
      },
    }).output();
    return { code, stderr: new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("without Go the error says which version to install", async () => {
  const { code, stderr } = await build();
  assert.equal(code, 1);
  assert.match(stderr, /There is no Go here.*needs Go 1\.26\.0 or newer in PATH: install it/);
});

Deno.test("a Go that is too old and may not fetch a newer one is named, with the version needed", async () => {
  const { code, stderr } = await build("go1.25.3\\nlocal\\n");
  assert.equal(code, 1);
  assert.match(stderr, /Go here is go1\.25\.3 \(GOTOOLCHAIN=local\).*needs Go 1\.26\.0 or newer/);
});

Deno.test("a Go from before toolchains is too old whatever it says", async () => {
  const { code, stderr } = await build("go1.20\\n\\n");
  assert.equal(code, 1);
  assert.match(stderr, /Go here is go1\.20\. .*needs Go 1\.26\.0 or newer/);
});

Deno.test("several processes that want the same part make it once and all get it whole", async () => {
  const cache = await Deno.makeTempDir({ prefix: "aim-build-test-" });
  const program = `
    const { buildParts } = await import(${JSON.stringify(new URL("build.ts", import.meta.url).href)});
    const { yaml } = await buildParts({ programs: [], yaml: ["gateway-api-crds"] });
    console.log(JSON.stringify([yaml["gateway-api-crds"], (await Deno.stat(yaml["gateway-api-crds"])).ino]));
  `;
  try {
    const outputs = await Promise.all([1, 2, 3].map(() =>
      new Deno.Command(Deno.execPath(), {
        args: ["eval", program],
        env: { AIM_CACHE_DIR: cache },
      }).output()
    ));
    const [first, ...others] = outputs.map(({ stdout }) => JSON.parse(new TextDecoder().decode(stdout)));
    assert.deepEqual(others, [first, first]);
    const files = [...Deno.readDirSync(first[0])].map(({ name }) => name);
    assert.ok(files.includes("gateway.networking.k8s.io_httproutes.yaml"), files.join());
    assert.equal(basename(first[0]), "gateway-api-crds");
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
