/** Reads what a JUnit report says of a `deno test` run. */

/** A test case that failed. */
export interface Failure {
  readonly test: string;
  /** The file that it stands in, as the report names it; empty if it names none. */
  readonly file: string;
  readonly message: string;
}

/** How many seconds the tests of each file took, by its path; the longest first. */
export type Seconds = ReadonlyMap<string, number>;

/**
 * Test steps count as tests of their own, as in the report, and their time is their test's; skipped ones count as neither
 * passed nor failed.
 */
export function readJUnit(xml: string): {
  passed: number;
  failures: Failure[];
  /** Those of which each case passed, by {@link nameOf}. */
  passing: ReadonlySet<string>;
  seconds: Seconds;
} {
  let passed = 0;
  const passing = new Set<string>();
  const failures: Failure[] = [];
  const seconds = new Map<string, number>();
  const tests = new Set<string>();
  for (
    const [, attributes, , body = ""] of xml.matchAll(/<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)
  ) {
    if (attributes === undefined || /<skipped/.test(body)) continue;
    const file = attribute(attributes, "classname");
    const name = attribute(attributes, "name");
    tests.add(nameOf(file, name));
    if (!isStep(nameOf(file, name), tests)) {
      seconds.set(file, (seconds.get(file) ?? 0) + Number(attribute(attributes, "time")));
    }
    if (/<(failure|error)\b/.test(body)) {
      failures.push({
        test: name,
        file,
        message: attribute(body, "message"),
      });
    } else {
      passed++;
      passing.add(nameOf(file, name));
    }
  }
  for (const { file, test } of failures) passing.delete(nameOf(file, test));
  return { passed, failures, passing, seconds: new Map([...seconds].sort(([, a], [, b]) => b - a)) };
}

/** What a test is called among those of all files. */
export function nameOf(file: string, test: string): string {
  return `${file} ${test}`;
}

/** A step is named `test > step`. */
function isStep(name: string, tests: ReadonlySet<string>): boolean {
  for (let at = name.indexOf(" > "); at >= 0; at = name.indexOf(" > ", at + 1)) {
    if (tests.has(name.slice(0, at))) return true;
  }
  return false;
}

function attribute(text: string, name: string): string {
  const [, value = ""] = new RegExp(`\\b${name}="([^"]*)"`).exec(text) ?? [];
  const plain = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" } as const;
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof plain) => plain[entity]);
}
