/** Reads what a JUnit report says of a `deno test` run. */

/** A test case that failed. */
export interface Failure {
  readonly test: string;
  /** The file that it stands in, as the report names it; empty if it names none. */
  readonly file: string;
  readonly message: string;
}

/** How long the tests of a file took. */
export interface Slow {
  readonly file: string;
  readonly seconds: number;
}

/** How many files are named as slow. */
const most = 10;

/** Test steps count as tests of their own, as in the report; skipped ones count as neither passed nor failed. */
export function readJUnit(xml: string): { passed: number; failures: Failure[]; slowest: Slow[] } {
  let passed = 0;
  const failures: Failure[] = [];
  const seconds = new Map<string, number>();
  for (
    const [, attributes, , body = ""] of xml.matchAll(/<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)
  ) {
    if (attributes === undefined || /<skipped/.test(body)) continue;
    const file = attribute(attributes, "classname");
    seconds.set(file, (seconds.get(file) ?? 0) + Number(attribute(attributes, "time")));
    if (/<(failure|error)\b/.test(body)) {
      failures.push({
        test: attribute(attributes, "name"),
        file,
        message: attribute(body, "message"),
      });
    } else passed++;
  }
  const slowest = [...seconds].map(([file, seconds]) => ({ file, seconds }))
    .sort((a, b) => b.seconds - a.seconds).slice(0, most);
  return { passed, failures, slowest };
}

function attribute(text: string, name: string): string {
  const [, value = ""] = new RegExp(`\\b${name}="([^"]*)"`).exec(text) ?? [];
  const plain = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" } as const;
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof plain) => plain[entity]);
}
