/**
 * Test files in batches: Deno gives every file that it is told of a thread of its own, in which all that the file imports
 * is evaluated anew. For most of ours that takes longer than their tests. A file that imports many of them is one thread.
 */

import { pathToFileURL } from "node:url";

/** How many seconds a batch should take at most. */
const longestBatch = 50;
/** What a file counts for beside the seconds that its tests took. */
const leastSeconds = 0.5;

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

/**
 * Divides test files into batches that take about the same time.
 *
 * @param textOf a file's source
 * @param secondsOf how long it takes
 */
export function inBatches(
  files: readonly string[],
  textOf: (file: string) => string,
  secondsOf: (file: string) => number,
): Batches {
  const alone = files.filter((file) => wantsThread.test(textOf(file)));
  const others = files.filter((file) => !alone.includes(file))
    .map((file) => ({ file, seconds: leastSeconds + secondsOf(file) }))
    .sort((a, b) => b.seconds - a.seconds);
  const all = others.reduce((sum, { seconds }) => sum + seconds, 0);
  const batches = Array.from(
    { length: Math.ceil(all / longestBatch) },
    () => ({ files: [] as string[], seconds: 0 }),
  );
  for (const { file, seconds } of others) {
    const shortest = batches.reduce((best, each) => each.seconds < best.seconds ? each : best);
    shortest.files.push(file);
    shortest.seconds += seconds;
  }
  return { alone, shared: batches.map(({ files }) => files) };
}

/** How many seconds a part of a file that comes in parts should take at most. */
const longestPart = 120;

/**
 * The modules that a file is imported as: itself, or, where it takes long and comes in parts, each part.
 *
 * @param file absolute path
 * @param seconds how long it takes
 * @param source its text
 */
export function partsOf(file: string, seconds: number, source: string): string[] {
  const { href } = pathToFileURL(file);
  const count = source.includes("partOf(import.meta.url") ? Math.max(1, Math.ceil(seconds / longestPart)) : 1;
  return count === 1 ? [href] : Array.from({ length: count }, (_, n) => `${href}?part=${n + 1}/${count}`);
}

/** Source of a module whose tests are those of others, by their URLs. Reports name those. */
export function sourceOf(urls: readonly string[]): string {
  return urls.map((url) => `import ${JSON.stringify(url)};\n`).join("");
}
