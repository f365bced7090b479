/**
 * Test files in batches: Deno gives every file that it is told of a thread of its own, in which all that the file imports
 * is evaluated anew, and runs slowly until V8 has compiled what it sees often. For most of ours that takes longer than their
 * tests. A file that loads many of them is one thread.
 */

/** What a file counts for beside the seconds that its tests took. */
const leastSeconds = 0.5;

/** A file stays alone if its text says that it changes what its whole thread sees, or has a hook for each test. */
const wantsThread = /\bDeno\.env\.(set|delete)\(|\bglobalThis\.\w+ =[^=]|\bDeno\.test\.(before|after)Each\(/;
/** An import that takes no name. */
const doingImport = /^import "(.*)";/gm;

/** A test file, with how many seconds it takes. */
export interface Timed {
  /** From the root. */
  readonly file: string;
  readonly url: string;
  readonly seconds: number;
  readonly source: string;
  /** Text of the tests that it imports to run them. */
  readonly runs?: string;
}

/** A thread's modules. */
export interface Batch {
  readonly urls: readonly string[];
  readonly seconds: number;
}

/** Whether a file must have its thread for itself. */
export function isAlone(file: Timed): boolean {
  // Where the tests that it runs are loaded already, it would have none.
  const runsOthers = testsRunBy(file).length > 0 && setUpOf(file) === "";
  return runsOthers || wantsThread.test(file.source) || wantsThread.test(file.runs ?? "");
}

/** What a file's imports do to its thread, as the URLs of those modules: only files with the same may share one. */
export function setUpOf(file: Timed): string {
  return doneBy(file).filter((module) => !isTest(module)).join(" ");
}

/** URLs of the test files that a file imports to run them. */
export function testsRunBy(file: Pick<Timed, "source" | "url">): string[] {
  return doneBy(file).filter(isTest);
}

/** URLs of what a file imports only for what it does. */
function doneBy({ source, url }: Pick<Timed, "source" | "url">): string[] {
  return [...source.matchAll(doingImport)].map(([, module]) => new URL(module, url).href);
}

function isTest(module: string): boolean {
  return module.endsWith("_test.ts");
}

/**
 * Divides test files that share threads into batches that take about the same time. A file that comes in parts has one in
 * each of them.
 *
 * @param count how many batches at most
 */
export function inBatches(files: readonly Timed[], count: number): Batch[] {
  const longestFirst = files.toSorted((a, b) => b.seconds - a.seconds);
  const inParts = longestFirst.filter(({ source }) => source.includes("partOf(import.meta.url"));
  const batches = Array.from({ length: count }, (_, n) => ({
    urls: inParts.map(({ url }) => `${url}?part=${n + 1}/${count}`),
    seconds: inParts.reduce((sum, { seconds }) => sum + leastSeconds + seconds / count, 0),
  }));
  for (const { url, seconds } of longestFirst.filter((timed) => !inParts.includes(timed))) {
    const shortest = batches.reduce((best, each) => each.seconds < best.seconds ? each : best);
    shortest.urls.push(url);
    shortest.seconds += leastSeconds + seconds;
  }
  return batches.filter(({ urls }) => urls.length > 0);
}

/** Source of a module whose tests are those of others, by their URLs. Reports name those. */
export function sourceOf(urls: readonly string[]): string {
  const loader = import.meta.resolve("./file_scopes.ts");
  return `import { loadScopes } from ${JSON.stringify(loader)};
await loadScopes(${JSON.stringify(urls, undefined, 2)});
`;
}
