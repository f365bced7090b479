/** The command line of `kubectl aim`: what there is to ask, where the answer goes, and with which code it ends. */

import { Command, CommanderError, Option } from "commander";
import { stringify } from "yaml";
import { services, watchedKinds } from "../cluster/kinds.ts";
import { type Access, ConfigurationError } from "../kube/access/access.ts";
import { detectAccess } from "../kube/access/detect_access.ts";
import { ApiError, NetworkError } from "../kube/errors.ts";
import { HttpTransport } from "../kube/http_transport.ts";
import type { Transport } from "../kube/transport.ts";
import { versionLine } from "../program/version.ts";
import { type ReadCluster, readCluster } from "./cluster/read.ts";
import { explain } from "./commands/explain.ts";
import { planCommand } from "./plan/command.ts";
import { askToRebind, rebindingOfService, rebindPlan } from "./commands/rebind.ts";
import { pathInWords, pathOfService, pathsInTable, pathsOfAll } from "./commands/status.ts";
import { whyInWords, whyOf } from "./commands/why.ts";
import { CommandFault } from "./faults.ts";
import { replayCommand, snapshotCommand } from "./snapshot/command.ts";
import { coloured, plain } from "./output/colours.ts";
import type { Terminal } from "./output/terminal.ts";

/** What the program needs of the world; a test brings its own. */
export interface Surroundings {
  readonly terminal: Terminal;
  /** How a cluster is found and reached. */
  readonly connect?: (access: Access) => Transport;
}

/** A cluster that was read, and how to reach it. */
interface Read extends ReadCluster {
  readonly namespace: string;
  readonly transport: Transport;
}

/** Options that every command about a cluster has. */
interface ClusterOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly context?: string;
  readonly kubeconfig?: string;
  /** A snapshot or a folder, instead of a cluster. */
  readonly from?: string;
  readonly output?: "json" | "yaml";
}

/**
 * Runs one command.
 *
 * @returns the exit code, as kubectl's: 0, or 1 for whatever went wrong, of which one line has been told
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings;
  try {
    // kubectl takes `-o=json` as well as `-o json`.
    const written = args.map((arg) => arg.replace(/^-([a-zA-Z])=/, "-$1"));
    await program(surroundings).parseAsync(written, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const said = messageOf(error);
    if (said === undefined) throw error;
    terminal.complain(`error: ${said}`);
    return 1;
  }
}

function program(surroundings: Surroundings): Command {
  const { terminal, connect = (access) => new HttpTransport(access, { userAgent: "kubectl-aim" }) } =
    surroundings;
  const { width } = terminal;
  const colours = terminal.isColoured ? coloured : plain;

  /** Reads the namespace that counts, or all, and tells its name. */
  const read = async (options: ClusterOptions): Promise<Read> => {
    if (options.from !== undefined) return await readFrom(options.from, options);
    const access = await detectAccess(options.kubeconfig, options.context);
    const namespace = options.namespace ?? access.defaultNamespace ?? "default";
    const transport = connect(access);
    const cluster = await readCluster(transport, watchedKinds, options.allNamespaces ? undefined : namespace);
    requireServices(
      cluster,
      options.allNamespaces ? "all namespaces: name one with -n" : `namespace ${namespace}`,
    );
    return { ...cluster, namespace, transport };
  };
  /** The same of a snapshot, or of a folder. */
  const readFrom = async (
    path: string,
    { namespace = "default", allNamespaces }: ClusterOptions,
  ): Promise<Read> => {
    const { replayed } = await import("./snapshot/replayed.ts");
    const { transport, at } = await replayed(path);
    const cluster = await readCluster(transport, watchedKinds, allNamespaces ? undefined : namespace);
    requireServices(cluster, path);
    return { ...cluster, at, namespace, transport };
  };
  const tell = (data: unknown, { output }: ClusterOptions, words: () => readonly string[]) => {
    if (output === "json") terminal.print([JSON.stringify(data, undefined, 2)]);
    else if (output === "yaml") terminal.print([stringify(data).trimEnd()]);
    else terminal.print(words());
  };

  const aim = new Command("kubectl aim")
    .description(
      "Tells what the AIM operator does and why. It asks with your own rights; only rebind writes.",
    )
    .version(versionLine("kubectl-aim"), "--version", "of this program")
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => terminal.print([text.trimEnd()]),
      writeErr: (text) => terminal.complain(text.trimEnd()),
      getOutHelpWidth: () => width ?? 100,
    });
  const onCluster = (name: string) =>
    aim.command(name)
      .addOption(new Option("-n, --namespace <namespace>", "instead of the context's"))
      .addOption(new Option("--context <context>", "of the kubeconfig, instead of the current one"))
      .addOption(new Option("--kubeconfig <file>", "instead of KUBECONFIG or ~/.kube/config"))
      .addOption(new Option("--from <path>", "a snapshot, or a folder of manifests, instead of a cluster"))
      .addOption(new Option("-o, --output <format>", "for programs").choices(["json", "yaml"]));

  onCluster("status [service]")
    .description(
      "the path from a service's model to its route, and where it breaks; without a service all of them",
    )
    .option("-A, --all-namespaces", "services of all namespaces")
    .action(async (service: string | undefined, options: ClusterOptions) => {
      const cluster = await read(options);
      if (service !== undefined) {
        const path = pathOfService(cluster, cluster.namespace, service);
        return tell(path, options, () => pathInWords(path, { width, colours }));
      }
      const paths = pathsOfAll(cluster);
      const where = options.allNamespaces ? "" : ` in namespace ${cluster.namespace}`;
      tell(
        paths,
        options,
        () => paths.length === 0 ? [`No services${where}.`] : pathsInTable(paths, { width }),
      );
    });

  onCluster("why <service>")
    .description(
      "how the choice of a service's template falls, candidate by candidate, and what it looked at",
    )
    .option("--not <template>", "only why this one is not it")
    .action(async (service: string, options: ClusterOptions & { readonly not?: string }) => {
      const cluster = await read(options);
      const why = whyOf(cluster, cluster.namespace, service);
      tell(why, options, () => whyInWords(why, { width, not: options.not }));
    });

  onCluster("rebind <service>")
    .description(
      "resolves a service's model and template anew: shows what would come of it, and asks before it does",
    )
    .option("--yes", "do not ask")
    .action(async (service: string, options: ClusterOptions & { readonly yes?: boolean }) => {
      const cluster = await read(options);
      const rebinding = rebindingOfService(cluster, cluster.namespace, service);
      if (rebinding === undefined) {
        return tell({}, options, () => [`${service} would stay on its template: nothing is changed.`]);
      }
      tell(rebinding, options, () => rebindPlan(service, rebinding));
      if (!(options.yes ?? agreed(terminal.ask("Go on?")))) throw new CommandFault("nothing was changed");
      await askToRebind(cluster.transport, cluster.namespace, service);
      terminal.complain(
        `${service} is resolved anew: kubectl aim status ${service} -n ${cluster.namespace} shows how far it is`,
      );
    });

  /** Reaches the user's cluster, of which nothing is read yet. */
  const reach = async ({ kubeconfig, context, namespace }: Omit<ClusterOptions, "output">) => {
    const access = await detectAccess(kubeconfig, context);
    return { transport: connect(access), namespace: namespace ?? access.defaultNamespace ?? "default" };
  };
  const again = async (args: readonly string[]) => {
    const code = await run(args, surroundings);
    if (code !== 0) throw new CommanderError(code, "aim.replay", "");
  };
  for (
    const command of [
      planCommand({ terminal, colours, connect: reach }),
      snapshotCommand({ terminal, connect: reach }),
      replayCommand(again),
    ]
  ) aim.addCommand(command.copyInheritedSettings(aim));

  aim.command("explain <reason>")
    .description(
      "what a reason in a condition or event means, what causes it and what helps; asks no cluster",
    )
    .action((reason: string) => terminal.print(explain(reason, { width })));

  return aim;
}

/** A program cannot be asked. */
function agreed(answer: boolean | undefined): boolean {
  if (answer === undefined) {
    throw new CommandFault("there is nobody to ask: say --yes to go on, nothing was changed");
  }
  return answer;
}

/** Without services there is nothing to tell. */
function requireServices({ cache }: ReadCluster, where: string): void {
  const { state } = cache.store(services);
  if (state === "unreadable") {
    throw new CommandFault(`you may not list aimservices.aim.eai.amd.com in ${where}`);
  }
  if (state === "uninstalled") {
    throw new CommandFault(
      "this cluster has no AIMService: install the operator first (kubectl apply -k manifests)",
    );
  }
}

/** What a user is told of a failure; undefined of one that is a fault of this program. */
function messageOf(error: unknown): string | undefined {
  const isExpected = error instanceof CommandFault || error instanceof ConfigurationError ||
    error instanceof ApiError || error instanceof NetworkError;
  return isExpected ? error.message : undefined;
}
