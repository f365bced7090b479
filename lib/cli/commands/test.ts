/** `kubectl aim test DIR`: whether services get from a catalogue the templates that they are to get. It asks no cluster. */

import type { Result, Results } from "../catalogue/run.ts";
import { faultInWords } from "../files/yaml.ts";
import { type Colours, plain } from "../output/colours.ts";
import { junit } from "../output/junit.ts";
import { table, type TableOptions, wrapped } from "../output/table.ts";

/** Whether all that there was to test is as expected. */
export function isGood({ results, faults }: Results): boolean {
  return faults.length === 0 && results.every(passed);
}

const passed = ({ differences }: Pick<Result, "differences">) => differences.length === 0;

/** Everything that is told, as data. */
export function testData({ results, faults }: Results) {
  return {
    passed: results.filter(passed).length,
    failed: results.filter((result) => !passed(result)).length,
    faults,
    tests: results.map(({ milliseconds: _, ...result }) => ({ ...result, passed: passed(result) })),
  };
}

/** What failed, with why the choice fell as it did, and how many there are. */
export function testsInWords(
  { results, faults }: Results,
  { colours = plain, width }: TableOptions & { readonly colours?: Colours } = {},
): string[] {
  const room = width ?? Infinity;
  const failed = results.filter((result) => !passed(result));
  const counts = [
    `${results.length - failed.length} passed`,
    ...(failed.length === 0 ? [] : [`${failed.length} failed`]),
    ...(faults.length === 0 ? [] : [`${faults.length} fault${faults.length === 1 ? "" : "s"} in files`]),
  ];
  return [
    ...failed.flatMap((result) => [...failureInWords(result, colours, room), ""]),
    ...faults.flatMap((fault) => wrapped(`${colours.red("FAULT")} ${faultInWords(fault)}`, room)),
    ...(faults.length === 0 ? [] : [""]),
    `${counts.join(", ")}.`,
  ];
}

function failureInWords({ file, line, name, differences, decision }: Result, colours: Colours, room: number) {
  return [
    ...wrapped(`${colours.red("FAIL")} ${file}:${line} ${name}`, room),
    ...differences.flatMap((each) => wrapped(each, room - 2).map((text) => `  ${text}`)),
    ...(decision.candidates.length === 0 ? [] : table(
      ["CANDIDATE", "VERDICT", "WINS WITH"],
      decision.candidates.map(({ name, verdict, winsWith = "" }) => [name, verdict, winsWith]),
      { width: room - 2 },
    ).map((text) => `  ${text}`.trimEnd())),
  ];
}

/** The same for a build server. */
export function testsAsJUnit({ results, faults }: Results): string[] {
  return junit("kubectl aim test", [
    ...results.map((result) => ({
      suite: result.file,
      name: result.name,
      seconds: result.milliseconds / 1000,
      ...(!passed(result) && {
        failure: {
          message: result.differences.join("; "),
          text: failureInWords(result, plain, Infinity).join("\n"),
        },
      }),
    })),
    ...faults.map((fault) => ({
      suite: fault.file,
      name: "the file",
      seconds: 0,
      error: faultInWords(fault),
    })),
  ]);
}
