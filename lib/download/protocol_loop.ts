/** The protocol loop (caching-and-artifacts.md §6.4): one attempt after the other, until one succeeds. */

import { DownloadFailure, failureFrom, isFinal } from "./failure.ts";
import type { MonitorOptions } from "./report/monitor.ts";
import { type Protocol, protocols } from "./settings.ts";

/**
 * Runs an attempt with each protocol of the sequence, in order. A name that is none counts as an attempt and is passed over. Wrong
 * credentials, a wrong name and a full volume end the loop: no other protocol helps.
 *
 * @throws DownloadFailure of the last attempt.
 */
export async function tryProtocols(
  sequence: readonly string[],
  { log, report }: Pick<MonitorOptions, "log" | "report">,
  attempt: (protocol: Protocol) => Promise<void>,
): Promise<void> {
  const common = { totalAttempts: sequence.length, protocolSequence: sequence.join(",") };
  let last: DownloadFailure | undefined;
  for (const [index, protocol] of sequence.entries()) {
    report({
      download: { ...common, protocol, attempt: index + 1, message: `Downloading with ${protocol}` },
    });
    if (!isProtocol(protocol)) {
      log(
        `warning: AIM_DOWNLOADER_PROTOCOL has ${protocol}, which is none of ${
          protocols.join(", ")
        }; going on without`,
      );
      continue;
    }
    log(`Downloading with ${protocol} (attempt ${index + 1} of ${sequence.length})`);
    try {
      await attempt(protocol);
      report({ download: { message: "Verifying integrity..." } });
      return;
    } catch (error) {
      last = failureFrom(error);
      log(`Failed with ${protocol}: ${last.message}`);
      report({ download: { message: `Failed with ${protocol}` } });
      if (isFinal(last)) throw last;
    }
  }
  report({ download: { message: `All ${sequence.length} attempts exhausted` } });
  throw last ??
    new DownloadFailure("other", `AIM_DOWNLOADER_PROTOCOL names no protocol of ${protocols.join(", ")}`);
}

function isProtocol(name: string): name is Protocol {
  return (protocols as readonly string[]).includes(name);
}
