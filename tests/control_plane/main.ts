/** Runs a GPU cluster in the foreground until Ctrl-C and prints how to reach it. */
import { BuildError } from "./build.ts";
import { startGpuCluster } from "./gpu_cluster.ts";
import { exports } from "./shell.ts";

if (import.meta.main) {
  try {
    const plane = await startGpuCluster({ auditLog: Deno.args.includes("--audit-log") });
    for (const line of exports(plane)) console.log(line);
    if (plane.auditLogFile) console.log(`# audit log: ${plane.auditLogFile}`);
    console.error("The cluster runs until Ctrl-C, which leaves nothing behind.");
    await new Promise(() => {}); // the signal ends us
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
