/**
 * Test files in batches: Deno gives every file that it is told of a thread of its own, in which all that the file imports
 * is evaluated anew, and runs slowly until V8 has compiled what it sees often. For most of ours that takes longer than their
 * tests. A file that imports many of them is one thread.
 */

import { pathToFileURL } from "node:url";

/** What a file counts for beside the seconds that its tests took. */
const leastSeconds = 0.5;

/**
 * What keeps a file in a thread of its own: `beforeAll` and its like are meant for all tests of a thread, and what is put
 * into the place of a thread's own things is seen by all of them.
 */
const wantsThread =
  /\bDeno\.test\.(before|after)(All|Each)\(|\bDeno\.env\.(set|delete)\(|\bglobalThis\.\w+ =[^=]/;

/** A test file, with how many seconds it takes. */
export interface Timed {
  /** Absolute path. */
  readonly file: string;
  readonly seconds: number;
  readonly source: string;
}

/** A thread's modules. */
export interface Batch {
  readonly urls: readonly string[];
  readonly seconds: number;
}

/** Whether a file must have its thread for itself. */
export function isAlone({ source }: Timed): boolean {
  return wantsThread.test(source);
}

/**
 * Divides test files that share threads into batches that take about the same time. A file that comes in parts has one in
 * each of them.
 *
 * @param count how many batches at most
 */
export function inBatches(files: readonly Timed[], count: number): Batch[] {
  const batches = Array.from({ length: count }, () => ({ urls: [] as string[], seconds: 0 }));
  const modules = files.flatMap((timed) => {
    const urls = partsOf(timed, count);
    return urls.map((url) => ({ url, seconds: leastSeconds + timed.seconds / urls.length }));
  });
  for (const { url, seconds } of modules.sort((a, b) => b.seconds - a.seconds)) {
    const shortest = batches.reduce((best, each) => each.seconds < best.seconds ? each : best);
    shortest.urls.push(url);
    shortest.seconds += seconds;
  }
  return batches.filter(({ urls }) => urls.length > 0);
}

/** The modules that a file is imported as: itself, or, if it knows parts, each of so many. */
function partsOf({ file, source }: Timed, count: number): string[] {
  const { href } = pathToFileURL(file);
  if (!source.includes("partOf(import.meta.url")) return [href];
  return Array.from({ length: count }, (_, n) => `${href}?part=${n + 1}/${count}`);
}

/** Source of a module whose tests are those of others, by their URLs. Reports name those. */
export function sourceOf(urls: readonly string[]): string {
  return urls.map((url) => `import ${JSON.stringify(url)};\n`).join("");
}
