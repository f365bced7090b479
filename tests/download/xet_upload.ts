/** Files in a XET storage as the official client lays them there. */

import { join } from "node:path";
import type { Content } from "./content.ts";
import { output, pythonPrograms } from "./python.ts";
import type { XetStorage } from "./xet_storage.ts";

const script = `
import sys, hf_xet, time, json
done = hf_xet.upload_files(sys.argv[2:], sys.argv[1], ("token", int(time.time()) + 3600), None, None, "model")
print(json.dumps([each.hash for each in done]))
`;

/**
 * Uploads contents with `hf_xet`; requests of the upload are forgotten.
 * @param folder for files that are in between.
 * @return their XET hashes, in order.
 */
export async function uploadToXet(
  storage: XetStorage,
  contents: readonly Content[],
  folder: string,
): Promise<string[]> {
  const python = join(await pythonPrograms(), "python");
  const paths = contents.map((_, index) => join(folder, `upload-${index}`));
  for (const [index, { size, read }] of contents.entries()) await Deno.writeFile(paths[index], read(0, size));
  const hashes = JSON.parse(await output(python, ["-c", script, storage.url, ...paths], { HOME: folder }));
  storage.asked.length = 0;
  return hashes;
}
