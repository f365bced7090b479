/** `kubectl aim plan`: its options, and what they are about. The rehearsal itself is loaded only when it is asked for. */

import { Command, CommanderError, Option } from "commander";
import type { Transport } from "../../kube/transport.ts";
import { CommandFault } from "../faults.ts";
import type { Colours } from "../output/colours.ts";
import type { Terminal } from "../output/terminal.ts";

/** A plan that changes something ends with this code. */
const changesCode = 2;

export interface PlanOptions {
  readonly filename?: readonly string[];
  readonly recursive?: boolean;
  readonly from?: string;
  readonly nodeGone?: string;
  readonly upgrade?: boolean;
  readonly output?: "json" | "markdown";
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
}

/** What the command needs of its program. */
export interface PlanSurroundings {
  readonly terminal: Terminal;
  readonly colours: Colours;
  /** Reaches the user's cluster. */
  readonly connect: (
    options: PlanOptions,
  ) => Promise<{ readonly transport: Transport; readonly namespace: string }>;
}

/** The command, to be added to the program. */
export function planCommand({ terminal, colours, connect }: PlanSurroundings): Command {
  const several = (value: string, before: readonly string[] = []) => [...before, value];
  return new Command("plan")
    .description(
      "what would come of files, of a node that goes, or of an upgrade: rehearsed on a copy in memory, nothing is written",
    )
    .option(
      "-f, --filename <path>",
      "a file or folder, as of kubectl apply; - is the standard input",
      several,
    )
    .option("-R, --recursive", "folders with those in them")
    .option("--from <path>", "a folder with the state of a cluster as manifests, instead of a cluster")
    .option("--node-gone <node>", "what if this node were gone")
    .option("--upgrade", "what this build would write to the cluster as it is")
    .addOption(new Option("-n, --namespace <namespace>", "instead of the context's"))
    .addOption(new Option("--context <context>", "of the kubeconfig, instead of the current one"))
    .addOption(new Option("--kubeconfig <file>", "instead of KUBECONFIG or ~/.kube/config"))
    .addOption(
      new Option("-o, --output <format>", "for programs, or for a comment").choices(["json", "markdown"]),
    )
    .action(async (options: PlanOptions) => {
      const { filename = [], nodeGone, upgrade } = options;
      const asked = [filename.length > 0, nodeGone !== undefined, upgrade === true].filter(Boolean);
      if (asked.length === 0) {
        throw new CommandFault("say what is to be planned: -f FILE, --node-gone NODE, or --upgrade");
      }
      if (upgrade && asked.length > 1) throw new CommandFault("--upgrade is planned alone");
      const [{ readManifests }, { stateFor }, { rehearse }, words] = await Promise.all([
        import("../files/manifests.ts"),
        import("../state/state_for.ts"),
        import("./plan.ts"),
        import("./words.ts"),
      ]);
      const files = await readManifests(filename, { recursive: options.recursive });
      const { state, namespace } = await stateFor(options, files, () => connect(options));
      const { foreseen: _, ...plan } = await rehearse(state, { files, namespace, nodeGone, upgrade });
      if (options.output === "json") terminal.print([JSON.stringify(plan, undefined, 2)]);
      else if (options.output === "markdown") terminal.print(words.planInMarkdown(plan));
      else terminal.print(words.planInWords(plan, { width: terminal.width, colours }));
      if (plan.changes.length > 0) throw new CommanderError(changesCode, "aim.changes", "");
    });
}
