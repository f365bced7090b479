/** Who has refused an object, from what the API server quotes: it names them in its text only. */

import type { Code } from "./codes.ts";

const rows: readonly (readonly [words: RegExp, code: Code])[] = [
  [/exceeded quota:|failed quota:/i, "AIM-0801"],
  [/violates PodSecurity/, "AIM-0802"],
  [/failed calling webhook/, "AIM-0812"],
  [/admission webhook .*denied|ValidatingAdmissionPolicy .*denied/s, "AIM-0803"],
  [/because it is being terminated/, "AIM-0805"],
];

/** The code of a refusal; undefined where the API server itself finds fault with the object. */
export function readRefusalText(text: string): Code | undefined {
  return rows.find(([words]) => words.test(text))?.[1];
}
