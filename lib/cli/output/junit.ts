/** A report in JUnit's XML, which build servers read. */

export interface JUnitCase {
  readonly suite: string;
  readonly name: string;
  readonly seconds: number;
  /** Absent of one that passed. */
  readonly failure?: { readonly message: string; readonly text: string };
  /** It could not run at all. */
  readonly error?: string;
}

/** A suite for each name of one, in the order in which they come. */
export function junit(name: string, cases: readonly JUnitCase[]): string[] {
  const suites = Map.groupBy(cases, ({ suite }) => suite);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...countsOf(cases) })}>`,
    ...[...suites].flatMap(([suite, own]) => [
      `  <testsuite ${attributes({ name: suite, ...countsOf(own) })}>`,
      ...own.flatMap(caseLines),
      "  </testsuite>",
    ]),
    "</testsuites>",
  ];
}

function caseLines({ suite, name, seconds, failure, error }: JUnitCase): string[] {
  const head = `    <testcase ${attributes({ classname: suite, name, time: seconds.toFixed(3) })}`;
  if (error !== undefined) {
    return [`${head}>`, `      <error ${attributes({ message: error })}/>`, "    </testcase>"];
  }
  if (failure === undefined) return [`${head}/>`];
  return [
    `${head}>`,
    `      <failure ${attributes({ message: failure.message })}>${escaped(failure.text)}</failure>`,
    "    </testcase>",
  ];
}

function countsOf(cases: readonly JUnitCase[]) {
  return {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: cases.filter(({ error }) => error !== undefined).length,
    time: cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  };
}

function attributes(of: Readonly<Record<string, string | number>>): string {
  return Object.entries(of).map(([name, value]) => `${name}="${escaped(String(value))}"`).join(" ");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** Control characters cannot stand in XML at all. */
function escaped(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd").replace(
    /[&<>"\n]/g,
    (each) => entities[each],
  );
}
