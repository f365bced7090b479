/** `kubectl aim snapshot` and `replay`: what was seen here, decided again somewhere else. */

import { Command, Option } from "commander";
import type { Transport } from "../../kube/transport.ts";
import type { Terminal } from "../output/terminal.ts";

interface SnapshotOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly context?: string;
  readonly kubeconfig?: string;
}

export interface SnapshotSurroundings {
  readonly terminal: Terminal;
  readonly connect: (
    options: SnapshotOptions,
  ) => Promise<{ readonly transport: Transport; readonly namespace: string }>;
}

/** Prints the bundle: this program writes no files. */
export function snapshotCommand({ terminal, connect }: SnapshotSurroundings): Command {
  return new Command("snapshot")
    .description("a support bundle without secrets, as JSON: kubectl aim snapshot > FILE")
    .option("-A, --all-namespaces", "of all namespaces")
    .addOption(new Option("-n, --namespace <namespace>", "instead of the context's"))
    .addOption(new Option("--context <context>", "of the kubeconfig, instead of the current one"))
    .addOption(new Option("--kubeconfig <file>", "instead of KUBECONFIG or ~/.kube/config"))
    .action(async (options: SnapshotOptions) => {
      const [{ liveState }, { bundleInLines }] = await Promise.all([
        import("../state/live_state.ts"),
        import("./bundle.ts"),
      ]);
      const { transport, namespace } = await connect(options);
      const namespaces = options.allNamespaces ? undefined : new Set([namespace]);
      const state = await liveState(transport, { namespace, namespaces });
      terminal.print(bundleInLines(state));
      if (state.unseen.length > 0) {
        terminal.complain(`not in it, since you may not list them: ${state.unseen.join(", ")}`);
      }
    });
}

/** @param again runs the program with other arguments */
export function replayCommand(again: (args: readonly string[]) => Promise<unknown>): Command {
  return new Command("replay")
    .description(
      "runs another command on a snapshot instead of a cluster: kubectl aim replay FILE why SERVICE",
    )
    .argument("<file>", "of kubectl aim snapshot, also compressed by gzip")
    .argument("<command...>", "status, why or plan, with its options")
    .passThroughOptions()
    .allowUnknownOption()
    .action(async (file: string, command: readonly string[]) =>
      void await again([...command, "--from", file])
    );
}
