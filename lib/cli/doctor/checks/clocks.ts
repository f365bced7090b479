/** Whether clocks agree: times that are written are compared with times that others wrote. */

import { leases } from "../kinds.ts";
import type { Check, Finding } from "../survey.ts";

/** Milliseconds; an answer's date has whole seconds, and an answer takes its time. */
const tolerance = 60_000;

export const clocks: Check = (survey) => {
  const { clocks } = survey.facts;
  if (clocks === undefined) return [];
  const findings: Finding[] = [];
  const away = clocks.own - clocks.server;
  if (Math.abs(away) > tolerance) {
    findings.push({
      check: "clock-own",
      about: "this machine's clock",
      says: `it is ${
        inWords(away)
      } the API server's: what this program says of ages and of Leases may be wrong`,
      fix: "set it right (NTP), or that of the API server",
    });
  }
  for (const { metadata, spec } of survey.all(leases)) {
    const ahead = Date.parse(String(spec?.renewTime ?? "")) - clocks.server;
    if (ahead > tolerance) {
      findings.push({
        check: "clock-operator",
        about: `the clock of ${spec?.holderIdentity ?? "the operator"}`,
        says:
          `it is ${
            inWords(ahead)
          } the API server's: Lease ${metadata?.namespace}/${metadata?.name} was renewed in the ` +
          "future, and what waits for a time waits too short",
        fix: "set the clock of the node right on which the operator runs (NTP)",
      });
    }
  }
  return findings;
};

function inWords(milliseconds: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(milliseconds) / 60_000));
  return `${minutes} min ${milliseconds > 0 ? "ahead of" : "behind"}`;
}
