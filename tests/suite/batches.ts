/**
 * Test files in batches: Deno gives every file that it is told of a thread of its own, in which all that the file imports
 * is evaluated anew. For most of ours that takes longer than their tests. A file that imports many of them is one thread.
 */

import { pathToFileURL } from "node:url";

/** Files in a batch. */
const most = 40;

/**
 * What keeps a file in a thread of its own: `beforeAll` and its like are meant for all tests of a thread, and what is put
 * into the place of a thread's own things is seen by all of them.
 */
const wantsThread =
  /\bDeno\.test\.(before|after)(All|Each)\(|\bDeno\.env\.(set|delete)\(|\bglobalThis\.\w+ =[^=]/;

/** How test files are handed to `deno test`. */
export interface Batches {
  /** Files for threads of their own. */
  readonly alone: readonly string[];
  /** What shares a thread. */
  readonly shared: readonly (readonly string[])[];
}

/** Divides test files, in their order. @param textOf a file's source */
export function inBatches(files: readonly string[], textOf: (file: string) => string): Batches {
  const alone = files.filter((file) => wantsThread.test(textOf(file)));
  const others = files.filter((file) => !alone.includes(file));
  const count = Math.ceil(others.length / most);
  const size = Math.ceil(others.length / count);
  return {
    alone,
    shared: Array.from({ length: count }, (_, n) => others.slice(n * size, (n + 1) * size)),
  };
}

/**
 * Source of a module whose tests are those of many files. Reports name the files.
 *
 * @param first what is evaluated before them
 * @param files absolute paths
 */
export function batchSource(first: string, files: readonly string[]): string {
  return [first, ...files].map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`).join("");
}
