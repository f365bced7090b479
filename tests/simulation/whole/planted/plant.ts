/** Puts a fault into this program without touching its files: an import map leads to a copy of the one that has it. */

import { fileURLToPath } from "node:url";
import type { Fault } from "./faults.ts";

const root = new URL("../../../../", import.meta.url);

/** The file with the fault in it. @throws if its text is not there once */
export async function faulty({ name, file, from, to }: Fault): Promise<string> {
  const parts = (await Deno.readTextFile(new URL(file, root))).split(from);
  if (parts.length !== 2) throw new Error(`"${name}": its text stands ${parts.length - 1} times in ${file}`);
  return parts.join(to);
}

/** What came of the search for a fault. */
export interface Find {
  readonly fault: Fault;
  /** Seed and what went wrong; undefined where no history found it. */
  readonly found: string | undefined;
  readonly seconds: number;
}

/** @param seeds how many histories are played at most. @param patience milliseconds; longer is a program that hangs */
export async function hunt(fault: Fault, seeds: number, patience: number): Promise<Find> {
  const began = performance.now();
  const folder = await Deno.makeTempDir();
  try {
    const at = new URL(fault.file, root).href;
    const copy = (await faulty(fault)).replaceAll(
      /(\bfrom|\bimport)(\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g,
      (_, word, space, path) => `${word}${space}"${new URL(path, at)}"`,
    );
    await Deno.writeTextFile(`${folder}/faulty.ts`, copy);
    const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    await Deno.writeTextFile(
      `${folder}/imports.json`,
      JSON.stringify({ imports: { ...imports, [at]: `file://${folder}/faulty.ts` } }),
    );
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--allow-all",
        "--no-check",
        "--frozen",
        `--import-map=${folder}/imports.json`,
        fileURLToPath(new URL("hunt.ts", import.meta.url)),
        String(seeds),
      ],
      cwd: fileURLToPath(root),
      signal: AbortSignal.timeout(patience),
    }).output();
    const said = new TextDecoder().decode(stdout).trim();
    const seconds = (performance.now() - began) / 1000;
    // A program that does not come up or does not end has found nothing.
    return { fault, found: code === 0 ? said : undefined, seconds };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
