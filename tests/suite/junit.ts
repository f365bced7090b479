/** Reads what a JUnit report says of a `deno test` run. */

/** A test case that failed. */
export interface Failure {
  readonly test: string;
  /** The file that it stands in, as the report names it; empty if it names none. */
  readonly file: string;
  readonly message: string;
}

/** Test steps count as tests of their own, as in the report; skipped ones count as neither passed nor failed. */
export function readJUnit(xml: string): { passed: number; failures: Failure[] } {
  let passed = 0;
  const failures: Failure[] = [];
  for (
    const [, attributes, , body = ""] of xml.matchAll(/<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)
  ) {
    if (attributes === undefined || /<skipped/.test(body)) continue;
    if (/<(failure|error)\b/.test(body)) {
      failures.push({
        test: attribute(attributes, "name"),
        file: attribute(attributes, "classname"),
        message: attribute(body, "message"),
      });
    } else passed++;
  }
  return { passed, failures };
}

function attribute(text: string, name: string): string {
  const [, value = ""] = new RegExp(`\\b${name}="([^"]*)"`).exec(text) ?? [];
  const plain = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" } as const;
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof plain) => plain[entity]);
}
