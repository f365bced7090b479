/**
 * `deno task crds:neighbours`: writes the definitions of others' kinds that a cluster in memory serves, as those projects
 * ship them, into `lib/surroundings/crds`. With `--check` it only says whether they are up to date.
 */

import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { parse } from "yaml";
import { buildParts } from "../control_plane/build/build.ts";
import { neighbours } from "../../lib/surroundings/crds/definitions.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";

const { yaml } = await buildParts({ programs: [], yaml: ["kserve-crds", "gateway-api-crds"] });
const folders = [yaml["kserve-crds"], yaml["gateway-api-crds"]];
let stale = 0;
for (const { file, source } of neighbours) {
  const definition = parse(await textOf(source));
  delete definition.status;
  const there = await Deno.readFile(file).then(
    (bytes) => JSON.parse(gunzipSync(bytes).toString()),
    () => undefined,
  );
  if (equalJson(definition, there)) continue;
  stale++;
  if (Deno.args.includes("--check")) {
    console.error(`${file.pathname} is not what ${source} holds: run deno task crds:neighbours`);
  } else await Deno.writeFile(file, gzipSync(JSON.stringify(definition), { level: 9 }));
}
if (stale > 0 && Deno.args.includes("--check")) Deno.exit(1);

async function textOf(name: string): Promise<string> {
  for (const folder of folders) {
    try {
      return await Deno.readTextFile(join(folder, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(`${name} is in none of ${folders.join(", ")}`);
}
