/** What goes with a release: licences, the list of what is in it, and the workflow that makes it. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { version } from "../../lib/program/version.ts";
import { allowedLicences, licenceTexts, packagesOf, packagesOfLockfile } from "../../release/licences.ts";
import { programs } from "../../release/programs.ts";
import { buildParts } from "../control_plane/build/build.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

Deno.test("every package of the lockfile has a licence that lets the programs be passed on", async () => {
  const all = await packagesOfLockfile();
  assert.ok(all.length > 50, `${all.length} packages`);
  assert.deepEqual(all.filter(({ licence }) => !allowedLicences.includes(licence ?? "")), []);
});

Deno.test("with each program go the licences of its packages, and of no others", async () => {
  const inLockfile = new Set((await packagesOfLockfile()).map(({ name, version }) => `${name} ${version}`));
  for (const { name, entry } of programs) {
    const packages = await packagesOf([entry]);
    const text = await licenceTexts(packages);
    for (const { name, version, licence } of packages) {
      assert.ok(text.includes(`\n${name} ${version}: ${licence}\n`), name);
      assert.ok(inLockfile.has(`${name} ${version}`), name);
    }
    const [own, foreign] = [/\nzod \d/, /\n@aws-sdk\/client-s3 \d/];
    assert.match(text, name === "aim-downloader" ? foreign : own);
    if (name === "kubectl-aim") assert.doesNotMatch(text, foreign);
    assert.doesNotMatch(text, /\nfast-check \d/, "it is for tests");
    assert.match(text, /Permission is hereby granted, free of charge/);
  }
});

Deno.test("the SBOM is CycloneDX, and has every package of the lockfile with its licence", async () => {
  const file = await Deno.makeTempFile({ suffix: ".cdx.json" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "sbom", `--output=${file}`],
      cwd: root,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const sbom = JSON.parse(await Deno.readTextFile(file));
    assert.deepEqual([sbom.bomFormat, sbom.specVersion], ["CycloneDX", "1.6"]);
    assert.deepEqual([sbom.metadata.component.name, sbom.metadata.component.version], [
      "aim-operator",
      version,
    ]);
    const listed = sbom.components.map((
      { group, name, version, licenses }: {
        group?: string;
        name: string;
        version: string;
        licenses: { license: { id: string } }[];
      },
    ) => `${group ? `${group}/` : ""}${name} ${version} ${licenses?.[0].license.id}`);
    const wanted = (await packagesOfLockfile()).map(({ name, version, licence }) =>
      `${name} ${version} ${licence}`
    );
    assert.deepEqual(listed.sort(), wanted.sort());
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("krew is told where the archives of kubectl-aim are, for which machine, and their digests", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["kubectl-aim-linux-amd64", "kubectl-aim-darwin-arm64", "aim-linux-amd64"]) {
      await Deno.writeTextFile(join(folder, `${name}.tar.gz`), name);
    }
    const base = "https://example.com/aim/releases/download/v0.1.0";
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "krew", `--url=${base}`, folder],
      cwd: root,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const plugin = parse(new TextDecoder().decode(stdout));
    assert.deepEqual([plugin.kind, plugin.metadata.name, plugin.spec.version], [
      "Plugin",
      "aim",
      `v${version}`,
    ]);
    assert.equal(plugin.spec.homepage, "https://example.com/aim");
    assert.deepEqual(plugin.spec.platforms, [
      {
        selector: { matchLabels: { os: "darwin", arch: "arm64" } },
        uri: `${base}/kubectl-aim-darwin-arm64.tar.gz`,
        sha256: createHash("sha256").update("kubectl-aim-darwin-arm64").digest("hex"),
        bin: "kubectl-aim",
      },
      {
        selector: { matchLabels: { os: "linux", arch: "amd64" } },
        uri: `${base}/kubectl-aim-linux-amd64.tar.gz`,
        sha256: createHash("sha256").update("kubectl-aim-linux-amd64").digest("hex"),
        bin: "kubectl-aim",
      },
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the release workflow is one that actionlint accepts, and it makes what it says", async () => {
  const workflow = join(root, ".github/workflows/release.yaml");
  const { programs: { actionlint } } = await buildParts({ programs: ["actionlint"], yaml: [] });
  const lint = async (text: string) => {
    const child = new Deno.Command(actionlint, {
      args: ["-shellcheck=", "-pyflakes=", "-"],
      stdin: "piped",
      stdout: "piped",
    })
      .spawn();
    await new Blob([text]).stream().pipeTo(child.stdin);
    const { code, stdout } = await child.output();
    return [code, new TextDecoder().decode(stdout)];
  };
  const text = await Deno.readTextFile(workflow);
  assert.deepEqual(await lint(text), [0, ""]);
  const [code, said] = await lint(text.replace("steps.build.outputs.digest", "steps.bild.outputs.digest"));
  assert.equal(code, 1);
  assert.match(String(said), /property "bild" is not defined/);
  for (
    const step of [
      "cosign sign",
      "cosign attest",
      "attest-build-provenance",
      "provenance: mode=max",
      "helm push",
    ]
  ) {
    assert.ok(text.includes(step), step);
  }
  assert.ok(text.includes(`npx -y deno@${Deno.version.deno}`));
  const targets = [...text.matchAll(/target: ([a-z]+),/g)].map(([, target]) => target);
  const dockerfile = await Deno.readTextFile(`${root}Dockerfile`);
  const inDockerfile = [...dockerfile.matchAll(/^FROM base AS (\w+)$/gm)].map(([, target]) => target);
  assert.deepEqual([...new Set(targets)].toSorted(), inDockerfile.toSorted(), "every image is released");
  const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  for (const [, task] of text.matchAll(/\$DENO task (?:--quiet )?(\w+)/g)) assert.ok(task in tasks, task);
});
