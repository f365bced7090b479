/** Which failures of a stage may be for want of CPU, and which of them are excused. */

import { join, parse } from "node:path";
import { type Failure, nameOf } from "./junit.ts";

/** More files than these that fail are no accident. */
const mostFiles = 3;

/**
 * The files that are run once more, alone, since their tests failed beside others; none where that would prove nothing.
 *
 * @param root what the paths of files are relative to
 */
export function filesToRunAgain(failures: readonly Failure[], root: string): string[] {
  const files = [...new Set(failures.map(({ file }) => file))];
  // A crash names no file, and a test that was made by a module of several files not the one that it belongs to.
  if (files.length > mostFiles || !files.every((file) => file.endsWith("_test.ts"))) return [];
  return files.flatMap((file) => [file, ...importersOf(file, root)]);
}

/** Files that run the tests of another one, which a report then names. */
function importersOf(file: string, root: string): string[] {
  const { dir, base } = parse(file);
  return [...Deno.readDirSync(join(root, dir))]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => `${dir}/${name}`)
    .filter((other) => Deno.readTextFileSync(join(root, other)).includes(`\nimport "./${base}";\n`))
    .sort();
}

/** Whether all that failed has passed in a second run, in which nothing failed. */
export function isExcused(
  first: readonly Failure[],
  second: { readonly failures: readonly Failure[]; readonly passing: ReadonlySet<string> },
): boolean {
  return second.failures.length === 0 &&
    first.every(({ file, test }) => second.passing.has(nameOf(file, test)));
}
