/**
 * `deno task control-plane`: runs a GPU cluster without the operator in the foreground until Ctrl-C, and prints how to
 * reach it. It is in memory; with `--real` it is made of Kubernetes' own parts.
 */
import { parseArgs } from "node:util";
import { startEmbeddedGpuCluster } from "../embedded/gpu_cluster.ts";
import { embeddedExports } from "../embedded/reach.ts";
import { BuildError } from "./build/build.ts";
import { startGpuCluster } from "./gpu_cluster.ts";
import { exports } from "./processes/shell.ts";

const usage = `deno task control-plane [--real [--audit-log]]

  --real       of Kubernetes' own parts, built from source at the first time (needs Go), in place of one in memory
  --audit-log  writes one line for each answered request`;

/** The lines that a shell needs to reach the cluster, which runs when they are there. */
async function start({ real, auditLog }: { real: boolean; auditLog: boolean }): Promise<string[]> {
  if (!real) {
    const { adminKubeconfig } = await startEmbeddedGpuCluster();
    return await embeddedExports(adminKubeconfig, (line) => console.error(line));
  }
  const plane = await startGpuCluster({ auditLog });
  return [...exports(plane), ...(auditLog ? [`# audit log: ${plane.auditLogFile}`] : [])];
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      real: { type: "boolean", default: false },
      "audit-log": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { real, help, "audit-log": auditLog } = values;
  if (auditLog && !real) throw new TypeError("--audit-log: only the cluster of --real writes one");
  return { real, help, auditLog };
}

/** @returns the exit code where it does not run until a signal */
async function main(): Promise<number> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  try {
    for (const line of await start(options)) console.log(line);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    return 1;
  }
  console.error("The cluster runs until Ctrl-C, which leaves nothing behind.");
  return await new Promise(() => {}); // the signal ends us
}

if (import.meta.main) Deno.exit(await main());
