/**
 * `kubectl aim`: explains what the operator decided, with the operator's own functions and the user's own rights.
 *
 * @module
 */

import { missingPermissions } from "../program/permissions.ts";
import { asksForVersion, versionLine } from "../program/version.ts";
import { permissions } from "./permissions.ts";

/** Runs the program, and returns its exit code. */
async function runAim(args: readonly string[]): Promise<number> {
  if (args.length === 1 && asksForVersion(args)) {
    console.log(versionLine("kubectl-aim"));
    return 0;
  }
  const missing = asksForHelp(args) ? undefined : missingPermissions(permissions);
  if (missing !== undefined) {
    console.error(missing);
    return 1;
  }
  // Loaded only now: whoever asks for the version does not wait for every command's code.
  const { run } = await import("./program.ts");
  const { standardTerminal } = await import("./output/terminal.ts");
  return await run(args, { terminal: standardTerminal(), interrupted });
}

const asksForHelp = (args: readonly string[]) => args.some((arg) => /^(-h|--help|help)$/.test(arg));

/** Aborted by ctrl-c, by who ends the process, and, where there is one, by a window that is closed. */
function interrupted(): AbortSignal {
  const stop = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, () => stop.abort());
  return stop.signal;
}

if (import.meta.main) Deno.exit(await runAim(Deno.args));
