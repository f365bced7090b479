/**
 * What a model's image does here, as a program of ours: with `dry-run` it prints its profile, else it opens the weights
 * that it was given and answers like an OpenAI-compatible server.
 *
 * Environment: `MODEL_ID` and `MODEL_PROFILES` stand for what is in the image; the rest is the contract of the API.
 */

import { profileOf } from "../discovery_images.ts";

const { MODEL_ID: modelId = "", MODEL_PROFILES: profiles = "{}", ...environment } = Deno.env.toObject();

if (Deno.args[0] === "dry-run") dryRun();
else await serve();

/** Prints the profile for the precision that is asked for (models-and-templates.md §5.8). */
function dryRun(): void {
  const precision = environment.AIM_PRECISION ?? "fp16";
  const type = (JSON.parse(profiles) as Record<string, string>)[precision];
  if (type === undefined) {
    console.error(`${modelId} has no profile of precision ${precision}`);
    Deno.exit(1);
  }
  console.log(profileOf(environment, modelId, undefined, type).trimEnd());
}

/** Reads every file of the weights once, then serves on port 8000 of the pod's address. */
async function serve(): Promise<void> {
  const folder = `${environment.AIM_CACHE_PATH ?? "/workspace/cache"}/${modelId}`;
  const { files, bytes } = await readAll(folder);
  if (files === 0) {
    console.error(`there are no weights in ${folder}`);
    Deno.exit(1);
  }
  console.log(`${modelId}: read ${files} files, ${bytes} bytes, from ${folder}`);
  const model = { id: modelId, object: "model", owned_by: "aim", root: folder, files, bytes_read: bytes };
  Deno.serve({ hostname: environment.POD_LISTEN_ADDRESS, port: 8000 }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response();
    if (pathname === "/v1/models") return Response.json({ object: "list", data: [model] });
    return Response.json({ error: { message: `no such path: ${pathname}` } }, { status: 404 });
  });
  Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
}

/** Opens what is below a folder, but for folders and files whose name begins with a dot. */
async function readAll(folder: string): Promise<{ files: number; bytes: number }> {
  const sum = { files: 0, bytes: 0 };
  for await (const { name, isDirectory } of await entriesOf(folder)) {
    if (name.startsWith(".")) continue;
    const path = `${folder}/${name}`;
    if (isDirectory) {
      const below = await readAll(path);
      sum.files += below.files;
      sum.bytes += below.bytes;
      continue;
    }
    using file = await Deno.open(path);
    for await (const chunk of file.readable) sum.bytes += chunk.length;
    sum.files++;
  }
  return sum;
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
