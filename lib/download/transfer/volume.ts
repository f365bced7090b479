/**
 * The target folder: finished files, the one that is being written, and the records of Hugging Face tools (caching-and-artifacts.md
 * §6.4). The layout is theirs, so that either image can go on with the other's volume:
 *
 *     model.safetensors                                                 a finished file
 *     .cache/huggingface/download/model.safetensors.metadata            its commit, entity tag and time
 *     .cache/huggingface/download/<hash of the name>.<tag>.incomplete   the first bytes of a file, without holes
 *
 * Newer ones of those tools put eight random digits before `.incomplete`, and take over whole files only.
 */

import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ownFolder, type RemoteFile } from "../files/listing.ts";

const records = `${ownFolder}/download`;

export class Volume {
  readonly folder: string;
  /** Folders that are there or being made. */
  readonly #folders = new Map<string, Promise<void>>();

  /** @param folder an absolute path. */
  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /** Bytes of a finished file of the right size that may be this one; undefined if there is none. */
  async finished(file: RemoteFile): Promise<Deno.FsFile | undefined> {
    const path = this.#pathOf(file);
    const found = await lstat(path);
    return found?.isFile && found.size === file.size ? await Deno.open(path) : undefined;
  }

  /** Whether the finished file stands there with its size. */
  async has(file: RemoteFile): Promise<boolean> {
    const found = await lstat(this.#pathOf(file));
    return found?.isFile === true && found.size === file.size;
  }

  /** Opens the file that is to become this one, at its beginning; what is in it is from an earlier run. */
  async incomplete(file: RemoteFile): Promise<Deno.FsFile> {
    const path = this.#incompletePathOf(file);
    await this.#makeFolder(dirname(path));
    const found = await lstat(path);
    if (found !== undefined && !found.isFile) await Deno.remove(path, { recursive: true });
    return await Deno.open(path, { read: true, write: true, create: true });
  }

  /**
   * Takes over what other tools have left of these files: newer ones give each half a name of its own, which nobody finds again.
   * Halves of anything else, such as what the source had before, go: they would fill the volume for ever.
   */
  async adopt(files: readonly RemoteFile[]): Promise<void> {
    const wanted = new Map(files.map((file) => [this.#incompletePathOf(file), file]));
    for await (const path of filesBelow(join(this.folder, records), ".incomplete")) {
      if (wanted.has(path)) continue;
      const own = path.replace(/\.[0-9a-f]{8}\.incomplete$/, ".incomplete");
      const file = wanted.get(own);
      const { size } = await Deno.lstat(path);
      if (file === undefined || size <= await this.incompleteBytes(file)) await Deno.remove(path);
      else await Deno.rename(path, own);
    }
  }

  /** Bytes of it that an earlier run has left; 0 without one. */
  async incompleteBytes(file: RemoteFile): Promise<number> {
    const found = await lstat(this.#incompletePathOf(file));
    return found?.isFile ? Math.min(found.size, file.size) : 0;
  }

  /** Puts the whole file, whose bytes have been verified, in its place, and writes its record. */
  async finish(file: RemoteFile, commit: string | undefined): Promise<void> {
    const path = this.#pathOf(file);
    await this.#makeFolder(dirname(path));
    if ((await lstat(path))?.isDirectory) await Deno.remove(path, { recursive: true });
    await Deno.rename(this.#incompletePathOf(file), path);
    await this.record(file, commit);
  }

  /** Notes of which commit a file is. The time must not be before that of the file. */
  async record(file: RemoteFile, commit: string | undefined): Promise<void> {
    // A name that leaves no room for the suffix has no record: the tools then take the file's own hash.
    if (commit === undefined || new TextEncoder().encode(basename(file.path)).length > 246) return;
    const path = `${join(this.folder, records, file.path)}.metadata`;
    await this.#makeFolder(dirname(path));
    await Deno.writeTextFile(path, `${commit}\n${file.etag}\n${Date.now() / 1000}\n`);
  }

  /** Bytes that can still be written; undefined where the file system does not say. */
  async freeBytes(): Promise<number | undefined> {
    await this.#makeFolder(this.folder);
    const { bavail, bsize, blocks } = await statfs(this.folder);
    return blocks === 0 ? undefined : bavail * bsize;
  }

  #pathOf({ path }: RemoteFile): string {
    return join(this.folder, path);
  }

  #incompletePathOf({ path, etag }: RemoteFile): string {
    // 28 characters, then the tag: never too long, whatever the name is.
    const name = createHash("sha1").update(`${basename(path)}.metadata`).digest("base64")
      .replaceAll("+", "-").replaceAll("/", "_");
    // Some S3 stores have tags that are no file names.
    const tag = /^[\w-]{1,160}$/.test(etag) ? etag : createHash("sha1").update(etag).digest("hex");
    return join(this.folder, records, dirname(path), `${name}.${tag}.incomplete`);
  }

  /**
   * Makes a folder below the target. What is no folder and stands in the way, such as a symbolic link, goes: bytes never leave the
   * volume.
   */
  #makeFolder(path: string): Promise<void> {
    const made = this.#folders.get(path);
    if (made !== undefined) return made;
    const making = this.#makeFolderNow(path);
    this.#folders.set(path, making);
    return making;
  }

  async #makeFolderNow(path: string): Promise<void> {
    if (path === this.folder) return await Deno.mkdir(path, { recursive: true });
    await this.#makeFolder(dirname(path));
    const found = await lstat(path);
    if (found?.isDirectory) return;
    if (found !== undefined) await Deno.remove(path);
    await Deno.mkdir(path);
  }
}

/** Paths of plain files with that ending, below a folder that may not be there. Symbolic links are not followed. */
async function* filesBelow(folder: string, ending: string): AsyncGenerator<string> {
  if ((await lstat(folder))?.isDirectory !== true) return;
  for (const { name, isDirectory, isFile } of await Array.fromAsync(Deno.readDir(folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path, ending);
    else if (isFile && name.endsWith(ending)) yield path;
  }
}

async function lstat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
