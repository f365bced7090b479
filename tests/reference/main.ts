/** `deno task reference` writes `docs/reference`; with `--check` it writes nothing and fails when a page differs. */

import { pages, referenceFolder } from "./pages.ts";

const check = Deno.args.includes("--check");
const drifted: string[] = [];

for (const [path, text] of await pages()) {
  const file = new URL(path, referenceFolder);
  if (await readIfThere(file) === text) continue;
  drifted.push(`docs/reference/${path}`);
  if (check) continue;
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await Deno.writeTextFile(file, text);
}

if (check && drifted.length > 0) {
  for (const path of drifted) console.error(`${path} differs from the code`);
  console.error("Run `deno task reference` and commit the result.");
  Deno.exit(1);
}
if (!check) { for (const path of drifted) console.log(path); }

async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
