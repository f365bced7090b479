/** `kubectl aim doctor`: what of the installation and its surroundings is broken, each with what mends it. It only reads. */

import type { Finding } from "../doctor/survey.ts";
import { type Colours, plain } from "../output/colours.ts";
import { type TableOptions, wrapped } from "../output/table.ts";

/** Everything that is told, as data. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Kinds that the user may not list: what is wrong with them is not known. */
  readonly unseen: readonly string[];
}

/** One paragraph for each thing that is broken; nothing where nothing is. */
export function diagnosisInWords(
  { findings, unseen }: Diagnosis,
  { colours = plain, width = Infinity }: TableOptions & { readonly colours?: Colours } = {},
): string[] {
  const indented = (text: string) => wrapped(text, width - 2).map((line) => `  ${line}`);
  const paragraphs = findings.map(({ check, about, says, fix }) => [
    ...wrapped(`${colours.red(check)}: ${about}`, width),
    ...indented(`${says}.`),
    ...indented(`What helps: ${fix}`),
  ]);
  const blind = unseen.length === 0 ? [] : [
    wrapped(`Not looked at, since you may not list them: ${unseen.join(", ")}.`, width),
  ];
  return [...paragraphs, ...blind].flatMap((lines, n) => n === 0 ? lines : ["", ...lines]);
}
