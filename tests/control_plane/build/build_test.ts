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
  const folder = await Deno.makeTempDir({ prefix: "aim-build-test-" });
  const calls = join(folder, "calls");
  const source = join(folder, "module", "config", "crd", "standard");
  // A Go that takes its time to download a module, and notes that it was asked.
  const go = `#!/bin/sh
if [ "$1" = env ]; then printf 'go1.99\\nlocal\\n'; exit; fi
echo "$@" >> '${calls}'
sleep 0.5
echo '{"Dir": "${join(folder, "module")}"}'
`;
  const program = `
    const { buildParts } = await import(${JSON.stringify(new URL("build.ts", import.meta.url).href)});
    console.log((await buildParts({ programs: [], yaml: ["gateway-api-crds"] })).yaml["gateway-api-crds"]);
  `;
  try {
    await Deno.mkdir(source, { recursive: true });
    await Deno.writeTextFile(join(source, "routes.yaml"), "kind: CustomResourceDefinition\n");
    await Deno.writeTextFile(join(source, "kustomization.yaml"), "resources: [routes.yaml]\n");
    await Deno.writeTextFile(join(folder, "go"), go, { mode: 0o755 });
    const outputs = await Promise.all([1, 2, 3].map(() =>
      new Deno.Command(Deno.execPath(), {
        args: ["eval", program],
        env: { PATH: `${folder}:/usr/bin:/bin`, AIM_CACHE_DIR: join(folder, "cache") },
      }).output()
    ));
    const results = outputs.map(({ stdout }) => new TextDecoder().decode(stdout).trim());
    assert.equal(basename(results[0]), "gateway-api-crds");
    assert.deepEqual(results, Array(3).fill(results[0]));
    assert.deepEqual([...Deno.readDirSync(results[0])].map(({ name }) => name), ["routes.yaml"]);
    assert.equal(await Deno.readTextFile(calls), "mod download -json sigs.k8s.io/gateway-api\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
