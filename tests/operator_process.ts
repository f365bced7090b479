/** The operator as a process of its own, as a pod would run it: its permissions, its ServiceAccount's rights. */

import { fileURLToPath } from "node:url";
import type { ChildProcess } from "./control_plane/processes/child_process.ts";
import type { Cluster } from "./control_plane/cluster.ts";
import { allocator, denoFlagsWith } from "../lib/process/permissions.ts";
import { freePort } from "./control_plane/processes/ports.ts";

export interface OperatorProcessOptions {
  /** More flags for the operator. */
  readonly args?: readonly string[];
  /** Files and folders that it may read beside its kubeconfig. */
  readonly read?: readonly string[];
  /** Environment beside that of a pod, e.g. a proxy. */
  readonly env?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly serviceAccount?: string;
  /** Where it finds the API server, if not where it is: a proxy. */
  readonly server?: string;
  /** The port on which a debugger may look into it. */
  readonly inspectorPort?: number;
  /** The file that this Deno runs; default: the source. */
  readonly entry?: string;
  /** Flags of Deno beside its permissions. */
  readonly flags?: readonly string[];
  /** What runs it instead of this Deno: its flags follow. */
  readonly command?: readonly [program: string, ...args: string[]];
}

/**
 * The operator in few files, as they are in its image's program, and how Deno runs them: without configuration, and without
 * what V8 keeps of a first run, which such a program has no place for.
 */
export async function bundledOperator(): Promise<Required<Pick<OperatorProcessOptions, "entry" | "flags">>> {
  const folder = await Deno.makeTempDir({ prefix: "aim-bundle-" });
  const args = ["task", "--quiet", "bundle", "--outdir", folder];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root }).output();
  if (!success) throw new Error(`deno ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return { entry: `${folder}/mod.js`, flags: ["--no-config", "--no-lock", "--no-code-cache"] };
}

const root = fileURLToPath(new URL("../", import.meta.url));

/** Starts the operator beside a control plane whose manifests are installed, and waits until it is ready. */
export async function startOperator(
  plane: Cluster,
  options: OperatorProcessOptions = {},
): Promise<OperatorProcess> {
  const { namespace = "aim-system", serviceAccount = "aim-engine-controller-manager" } = options;
  const { args = [], read = [], env = {}, entry = `${root}mod.ts` } = options;
  const kubeconfig = await plane.kubeconfigFor(namespace, serviceAccount, options.server);
  const inspector = options.inspectorPort;
  const [program, ...before] = options.command ?? [
    Deno.execPath(),
    "run",
    ...(inspector === undefined ? [] : [`--inspect=127.0.0.1:${inspector}`]),
    ...denoFlagsWith({ read: [kubeconfig, ...read] }),
    ...options.flags ?? [],
    entry,
  ];
  const probePort = freePort();
  const process = await plane.run({
    name: "operator",
    program,
    args: [
      ...before,
      `--kubeconfig=${kubeconfig}`,
      `--health-probe-bind-address=127.0.0.1:${probePort}`,
      ...args,
    ],
    env: { ...allocator, ...env, AIM_SYSTEM_NAMESPACE: namespace },
    ready: () => isReady(probePort),
  });
  return new OperatorProcess(process, probePort, `system:serviceaccount:${namespace}:${serviceAccount}`);
}

async function isReady(probePort: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${probePort}/readyz`);
  await answer.body?.cancel();
  return answer.ok;
}

export class OperatorProcess {
  constructor(
    readonly process: ChildProcess,
    readonly probePort: number,
    /** The name under which the API server knows it. */
    readonly user: string,
  ) {}

  get pid(): number {
    const { pid } = this.process;
    if (pid === undefined) throw new Error("the operator does not run");
    return pid;
  }

  ready(): Promise<boolean> {
    return isReady(this.probePort).catch(() => false);
  }

  /** Ends it with SIGTERM, or as said; returns once it has ended. */
  stop(signal?: Deno.Signal): Promise<void> {
    return this.process.stop(signal);
  }

  async restart(signal?: Deno.Signal): Promise<void> {
    await this.stop(signal);
    await this.process.start();
  }

  log(): Promise<string> {
    return Deno.readTextFile(this.process.logFile);
  }
}
