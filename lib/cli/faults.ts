/** What ends a command with one line instead of an answer. */

import { distance } from "fastest-levenshtein";

/** The message names what is wrong and what helps; the program prints it and ends with 1. */
export class CommandFault extends Error {
  override name = "CommandFault";
}

/** There is no such object. The names that come nearest are told, or where the others are. */
export function notThere(
  kind: string,
  namespace: string | undefined,
  name: string,
  others: readonly string[],
) {
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  const near = nearest(name, others);
  const hint = near.length > 0
    ? `: did you mean ${near.join(", or ")}?`
    : others.length === 0
    ? `: there is none${where}`
    : `: there are ${others.slice(0, listed).join(", ")}${others.length > listed ? ", …" : ""}`;
  return new CommandFault(`there is no ${kind} "${name}"${where}${hint}`);
}

const listed = 5;

/** At most three names that may have been meant: a third of the letters may differ, and a part of a name counts too. */
export function nearest(name: string, others: readonly string[]): string[] {
  return others
    .map((other) => ({ other, away: other.includes(name) ? 1 : distance(name, other) }))
    .filter(({ away }) => away <= Math.max(2, name.length / 3))
    .sort((a, b) => a.away - b.away || (a.other < b.other ? -1 : 1))
    .slice(0, 3)
    .map(({ other }) => other);
}
