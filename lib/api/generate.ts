/**
 * `deno task crds` writes `manifests/crds`; with `--check` it writes nothing and fails when a file differs.
 */
import { crdDirectory, crdFiles, driftedFiles } from "./manifest_files.ts";

if (import.meta.main) {
  if (Deno.args.includes("--check")) await check();
  else await writeAll();
}

async function check(): Promise<void> {
  const drifted = await driftedFiles();
  if (drifted.length === 0) return;
  for (const name of drifted) console.error(`manifests/crds/${name} differs from lib/api`);
  console.error("Run `deno task crds` and commit the result.");
  Deno.exit(1);
}

async function writeAll(): Promise<void> {
  await Deno.mkdir(crdDirectory, { recursive: true });
  for (const [name, content] of crdFiles()) {
    await Deno.writeTextFile(new URL(name, crdDirectory), content);
    console.log(`manifests/crds/${name}`);
  }
}
