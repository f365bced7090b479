/** Whether this machine's clock is right, as far as the API server's tells. */

import type { RequestReport } from "../../kube/transport.ts";

/** So far apart (milliseconds) clocks may be; an answer's date has whole seconds, and an answer takes its time. */
const tolerance = 60_000;

/**
 * Looks at the first answer that says what time it is.
 *
 * @param now this machine's time, in milliseconds since 1970
 * @param tell is told of a clock that is wrong
 */
export function clockCheck(
  now: () => number,
  tell: (fault: string) => void,
): (report: Pick<RequestReport, "date">) => void {
  let checked = false;
  return ({ date }) => {
    if (checked || date === undefined) return;
    checked = true;
    const fault = clockFault(date, now());
    if (fault !== undefined) tell(fault);
  };
}

/** What to say of a clock that is wrong; undefined if it is not, or if the date is none. */
function clockFault(date: string, now: number): string | undefined {
  const difference = now - Date.parse(date);
  if (Number.isNaN(difference) || Math.abs(difference) < tolerance) return undefined;
  const minutes = Math.round(Math.abs(difference) / 60_000);
  return `this machine's clock is ${minutes} min ${
    difference > 0 ? "ahead of" : "behind"
  } the API server's: ` +
    "times that the operator writes are wrong, and what waits for a time waits too short or too long; set it right";
}
