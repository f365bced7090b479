/**
 * The downloader: measures the weights of a model, and downloads them to a volume (caching-and-artifacts.md §6). What it is asked
 * to do is told by the entry that it is called by, or by its first argument.
 *
 * @module
 */

import { permissions } from "./permissions.ts";
import { missingPermissions } from "../program/permissions.ts";
import { asksForVersion, versionLine } from "../program/version.ts";
import { checkSize } from "./check_size.ts";
import { download } from "./download.ts";
import { detailOf, failureFrom } from "./failure.ts";
import { parseInvocation, usage } from "./invocation.ts";
import { stderrLog, withoutSecrets } from "./report/log.ts";
import { settingsFrom } from "./settings.ts";
import { simulate, simulationFrom } from "./simulation.ts";
import { type OwnStatus, statusReport } from "./report/status_report.ts";
import { writeTermination } from "./report/termination.ts";

/**
 * Runs the program, and returns its exit code: 0 for success, 1 for any failure, whose class and reason then stand in the
 * termination message and in the last line of the log.
 */
export async function runDownloader(args: readonly string[]): Promise<number> {
  if (asksForVersion(args)) return say(versionLine("aim-downloader"));
  if (/^--?(h|help)$/.test(args[0])) return say(usage);
  const missing = missingPermissions(permissions);
  if (missing !== undefined) {
    console.error(missing); // with what is missing no more can be done, such as writing a termination message
    return 1;
  }
  const env = (name: string) => Deno.env.get(name);
  const log = stderrLog(env);
  const temporaryFolder = env("TMPDIR") || "/tmp";
  try {
    const invocation = parseInvocation(args);
    const settings = settingsFrom(env);
    if (invocation.mode === "check-size") {
      const measured = await checkSize(invocation.uri, settings, log);
      await writeTermination(temporaryFolder, measured);
      console.log(JSON.stringify(measured)); // the last line: nothing after it
      return 0;
    }
    const reporting = await statusReport(settings.artifact, log);
    try {
      const options = {
        settings: { ...settings, targetFolder: invocation.folder ?? settings.targetFolder },
        log,
        report: (status: OwnStatus) => reporting?.report.report(status),
      };
      const simulation = simulationFrom(env);
      if (simulation === undefined) await download(invocation.uri, options);
      else await simulate(simulation, options);
      return 0;
    } finally {
      await reporting?.report.flush();
      reporting?.close();
    }
  } catch (error) {
    const failure = failureFrom(error);
    const message = withoutSecrets(failure.message, env);
    log(message);
    await writeTermination(temporaryFolder, { class: failure.class, message, detail: detailOf(failure) });
    return 1;
  }
}

function say(line: string): 0 {
  console.log(line);
  return 0;
}

if (import.meta.main) {
  Deno.exit(await runDownloader(Deno.args));
}
