/**
 * What `deno compile` has put into a file: how the program is to be run, and the modules that it consists of. The form is
 * Deno's own, of the version that the image is made with.
 */

import { dirname, join } from "node:path";

/** The part of Deno's metadata that decides how the program runs. A list that is empty means all of the kind. */
export interface Manifest {
  readonly argv: readonly string[];
  readonly permissions: Readonly<Record<string, readonly string[] | boolean | null>>;
  readonly v8_flags: readonly string[];
  readonly env_vars_from_env_file: Readonly<Record<string, string>>;
  readonly entrypoint_key: string;
  readonly code_cache_key: number | null;
  readonly log_level: string | null;
  readonly otel_config: { readonly tracing_enabled: boolean; readonly metrics_enabled: boolean };
}

export interface Compiled {
  readonly manifest: Manifest;
  /** The embedded files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Of the whole file, in bytes. */
  readonly size: number;
}

interface VirtualFile {
  readonly File: { readonly n: string; readonly o: readonly [offset: number, length: number] };
}

const magic = new TextEncoder().encode("d3n0l4ndd3n0l4nd");

/** Reads a compiled program. @throws Error if it is none, or has folders in it */
export async function readCompiled(file: string): Promise<Compiled> {
  const bytes = await Deno.readFile(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const begin = indexOf(bytes, magic, 0);
  if (begin < 0) throw new Error(`${file} has no program in it`);
  const [manifest, behind] = jsonAt<Manifest>(bytes, view, begin + magic.length);
  // Between the two are the packages and remote modules, of which a bundle has none.
  const list = indexOf(bytes, new TextEncoder().encode("[{"), behind);
  const [tree, data] = jsonAt<VirtualFile[]>(bytes, view, list - 8);
  const files = tree.map(({ File: { n, o: [offset, length] } }) =>
    [n, bytes.subarray(data + 8 + offset, data + 8 + offset + length)] as const
  );
  return { manifest, files: new Map(files), size: bytes.length };
}

/** JSON behind its length; and where the next thing begins. */
function jsonAt<T>(bytes: Uint8Array, view: DataView, at: number): [T, number] {
  const end = at + 8 + Number(view.getBigUint64(at, true));
  return [JSON.parse(new TextDecoder().decode(bytes.subarray(at + 8, end))), end];
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(wanted[0], from); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

/** The flags by which Deno runs the program as the compiled file would. */
export function runFlags({ permissions, v8_flags }: Manifest): string[] {
  const allowed = Object.entries(permissions).flatMap(([key, list]) => {
    const [, kind] = /^allow_(\w+)$/.exec(key) ?? [];
    // What may be imported from elsewhere is Deno's default, and nothing is.
    if (kind === undefined || kind === "import" || !Array.isArray(list)) return [];
    return [list.length === 0 ? `--allow-${kind}` : `--allow-${kind}=${list.join(",")}`];
  });
  // The first is a name, the next three are Deno's own.
  const own = v8_flags.filter((flag) =>
    /^--(max-semi-space-size=|heap-growing-percent=|no-turbofan$|no-parallel-scavenge$)/.test(flag)
  );
  return [
    ...(permissions.prompt ? [] : ["--no-prompt"]),
    ...(own.length > 0 ? [`--v8-flags=${own.join(",")}`] : []),
    ...allowed,
  ];
}

/** Writes the embedded files below a folder, and returns the path of the main module in it. */
export async function unpack({ manifest, files }: Compiled, folder: string): Promise<string> {
  for (const [name, bytes] of files) {
    await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
    await Deno.writeFile(join(folder, name), bytes);
  }
  return join(folder, manifest.entrypoint_key);
}
