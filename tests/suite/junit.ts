/** Counts what a JUnit report says of a `deno test` run. */

/** Test steps count as tests of their own, as in the report; skipped ones count as neither. */
export function countJUnit(xml: string): { passed: number; failed: number } {
  let passed = 0;
  let failed = 0;
  for (
    const [, attributes, , body = ""] of xml.matchAll(/<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)
  ) {
    if (attributes === undefined || /<skipped/.test(body)) continue;
    if (/<(failure|error)\b/.test(body)) failed++;
    else passed++;
  }
  return { passed, failed };
}
