/**
 * The command line of `kubectl aim`: what there is to ask, where the answer goes, and with which code it ends. What a
 * command needs is loaded when it is asked for: help and completion wait for none of it.
 */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { ConfigurationError } from "../kube/access/access.ts";
import { ApiError, NetworkError } from "../kube/errors.ts";
import { versionLine } from "../program/version.ts";
import type { Asked } from "./commands/fit.ts";
import { CommandFault } from "./faults.ts";
import { coloured, plain } from "./output/colours.ts";
import { pictures, type Terminal } from "./output/terminal.ts";
import type { ClusterOptions, Connect, ReadPlace } from "./place.ts";
import { planCommand } from "./plan/command.ts";
import { replayCommand, snapshotCommand } from "./snapshot/command.ts";

/** What the program needs of the world; a test brings its own. */
export interface Surroundings {
  readonly terminal: Terminal;
  /** How a cluster is found and reached. */
  readonly connect?: Connect;
  /** Begins to listen to whoever ends the program: until this is called, it ends as any does. */
  readonly interrupted?: () => AbortSignal;
}

/**
 * Runs one command.
 *
 * @returns the exit code, as kubectl's: 0, or 1 for whatever went wrong, of which one line has been told
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings;
  try {
    // kubectl takes `-o=json` as well as `-o json`, and tells who asks for nothing what there is to ask.
    const written = args.map((arg) => arg.replace(/^-([a-zA-Z])=/, "-$1"));
    await program(surroundings).parseAsync(written.length === 0 ? ["--help"] : written, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (error instanceof Interrupted) return 130;
    const said = messageOf(error);
    if (said === undefined) throw error;
    terminal.complain(`error: ${said}`);
    return 1;
  }
}

/** Prints lines, or draws them in the place of those before. */
type Show = (lines: readonly string[]) => void;

function program(surroundings: Surroundings): Command {
  const aim = commands(surroundings);
  // What a shell asks at each key: `complete -- status ch`.
  aim.command("complete", { hidden: true }).argument("[words...]").action(
    async (words: string[]) => {
      const { complete } = await import("./commands/completion.ts");
      await complete(commands(surroundings), words, surroundings.connect);
    },
  );
  return aim;
}

function commands(surroundings: Surroundings): Command {
  const { terminal, connect, interrupted = () => new AbortController().signal } = surroundings;
  const { width } = terminal;
  const colours = terminal.isColoured ? coloured : plain;

  /** Reads the namespace that counts, or all. */
  const read = async (options: ClusterOptions): Promise<ReadPlace> => {
    const { readPlace } = await import("./place.ts");
    return await readPlace(options, connect);
  };
  /** Tells what there is, and again whenever it has changed, until somebody ends it. */
  const follow = async (
    options: ClusterOptions,
    tellOf: (cluster: ReadPlace, show: Show) => void,
  ): Promise<never> => {
    const { followPlace, placeOf } = await import("./place.ts");
    const place = await placeOf(options, connect);
    const signal = interrupted();
    const cluster = await followPlace(place, signal).catch((failure) => {
      throw signal.aborted ? new Interrupted() : failure;
    });
    const show = pictures(terminal, options.output === "yaml" ? "---" : "");
    for await (const _ of cluster.changes()) {
      const { cache, unseen, at, trouble } = cluster;
      const isTold = trouble !== "" && options.output === undefined;
      const note = isTold ? [`This may be older than now: ${trouble}`, ""] : [];
      tellOf({ cache, unseen, at, ...place }, (lines) => show([...note, ...lines]));
    }
    throw new Interrupted();
  };
  const tell = async (
    data: unknown,
    { output }: ClusterOptions,
    words: () => readonly string[],
    show: Show = terminal.print,
  ) => {
    if (output === "json") show([JSON.stringify(data, undefined, 2)]);
    else if (output === "yaml") show([(await import("yaml")).stringify(data).trimEnd()]);
    else show(words());
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
    .option("-w, --watch", "draws it anew whenever it changes, until ctrl-c")
    .action(async (service: string | undefined, options: ClusterOptions & { readonly watch?: boolean }) => {
      const { pathInWords, pathOfService, pathsInTable, pathsOfAll } = await import("./commands/status.ts");
      const { placeInWords } = await import("./place.ts");
      const tellOf = (cluster: ReadPlace, show?: Show) => {
        const { width } = terminal;
        if (service !== undefined) {
          const path = pathOfService(cluster, cluster.namespace, service);
          return tell(path, options, () => pathInWords(path, { width, colours }), show);
        }
        const paths = pathsOfAll(cluster, { withRebinding: options.output !== undefined });
        const none = [`No services in ${placeInWords(cluster)}.`];
        return tell(paths, options, () => paths.length === 0 ? none : pathsInTable(paths, { width }), show);
      };
      if (options.watch) await follow(options, tellOf);
      await tellOf(await read(options));
    });

  onCluster("why <service>")
    .description(
      "how the choice of a service's template falls, candidate by candidate, and what it looked at",
    )
    .option("--not <template>", "only why this one is not it")
    .action(async (service: string, options: ClusterOptions & { readonly not?: string }) => {
      const { whyInWords, whyOf } = await import("./commands/why.ts");
      const cluster = await read(options);
      const why = whyOf(cluster, cluster.namespace, service);
      await tell(why, options, () => whyInWords(why, { width, not: options.not }));
    });

  onCluster("rebind <service>")
    .description(
      "resolves a service's model and template anew: shows what would come of it, and asks before it does",
    )
    .option("--yes", "do not ask")
    .action(async (service: string, options: ClusterOptions & { readonly yes?: boolean }) => {
      const { askToRebind, rebindingOfService, rebindPlan } = await import("./commands/rebind.ts");
      const cluster = await read(options);
      const rebinding = rebindingOfService(cluster, cluster.namespace, service);
      if (rebinding === undefined) {
        return tell({}, options, () => [`${service} would stay on its template: nothing is changed.`]);
      }
      await tell(rebinding, options, () => rebindPlan(service, rebinding));
      if (!(options.yes ?? agreed(terminal.ask("Go on?")))) throw new CommandFault("nothing was changed");
      await askToRebind(cluster.transport, cluster.namespace, service);
      terminal.complain(
        `${service} is resolved anew: kubectl aim status ${service} -n ${cluster.namespace} shows how far it is`,
      );
    });

  onCluster("dashboard")
    .description("a page of all this that changes as it happens, for a browser on this machine only")
    .option("-A, --all-namespaces", "services of all namespaces")
    .option("--port <port>", "of 127.0.0.1, instead of a free one")
    .action(async (options: ClusterOptions & { readonly port?: string }) => {
      const { serveDashboard } = await import("./dashboard/serve.ts");
      const { placeOf } = await import("./place.ts");
      await serveDashboard(await placeOf(options, connect), {
        port: options.port,
        signal: interrupted(),
        onListen: (url) =>
          tell({ url }, options, () => [`Open ${url}`, "It shows what you may see. End it with ctrl-c."]),
      });
    });

  /** Reaches the user's cluster, of which nothing is read yet. */
  const reach = async ({ kubeconfig, context, namespace }: Omit<ClusterOptions, "output" | "from">) => {
    const { placeOf } = await import("./place.ts");
    return await placeOf({ kubeconfig, context, namespace }, connect);
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

  aim.command("explain <what>")
    .description(
      "what a code (AIM-0412), a reason or a type of condition means, what causes it and what helps; asks no cluster",
    )
    .action(async (what: string) => {
      const { explain } = await import("./commands/explain.ts");
      terminal.print(explain(what, { width }));
    });

  onCluster("fit [service]")
    .description(
      "how many replicas of a service fit, on which nodes, what is short for more, and which service would make room",
    )
    .addOption(new Option("--template <template>", "of this template").conflicts("model"))
    .addOption(new Option("--model <model>", "of each template of this model"))
    .addOption(new Option("--replicas <count>", "so many are wanted").argParser(countOf))
    .action(async (service: string | undefined, options: ClusterOptions & Omit<Asked, "service">) => {
      const { template, model, replicas } = options;
      if ([service, template, model].filter((each) => each !== undefined).length !== 1) {
        throw new CommandFault("name a service, or a template (--template), or a model (--model)");
      }
      const [{ fitInWords, fitOf }, { readFleet }] = await Promise.all([
        import("./commands/fit.ts"),
        import("./capacity/read_fleet.ts"),
      ]);
      const cluster = await read(options);
      const fleet = await readFleet(cluster.transport, cluster.namespace);
      const fits = fitOf(cluster, fleet, cluster.namespace, { service, template, model, replicas });
      await tell(fits.length === 1 ? fits[0] : fits, options, () => fitInWords(fits, { width }));
    });

  onCluster("doctor")
    .description("what of the installation and its surroundings is broken, and what mends it; it only reads")
    .action(async (options: ClusterOptions) => {
      if (options.from !== undefined) {
        throw new CommandFault(
          "doctor asks the cluster itself: what a snapshot leaves out would look broken",
        );
      }
      const [{ connectByHttp, placeOf }, { diagnose }, { readSurvey }, { diagnosisInWords }] = await Promise
        .all([
          import("./place.ts"),
          import("./doctor/diagnosis.ts"),
          import("./doctor/read_survey.ts"),
          import("./commands/doctor.ts"),
        ]);
      let clocks: { readonly server: number; readonly own: number } | undefined;
      const { transport } = await placeOf(
        options,
        (access) =>
          (connect ?? connectByHttp)(access, ({ date }) => {
            if (date !== undefined) clocks ??= { server: Date.parse(date), own: Date.now() };
          }),
      );
      const survey = await readSurvey(transport, () => clocks);
      const findings = diagnose(survey);
      const diagnosis = { findings, unseen: survey.unseen };
      await tell(diagnosis, options, () => diagnosisInWords(diagnosis, { width, colours }));
      if (findings.length > 0) throw new CommandFault(brokenInWords(findings.length));
    });

  aim.command("test <dir>")
    .description(
      "tests of a catalogue: whether services get the templates that they are to get; asks no cluster",
    )
    .addOption(new Option("-o, --output <format>", "for programs").choices(["json", "yaml", "junit"]))
    .action(async (path: string, { output }: { readonly output?: "json" | "yaml" | "junit" }) => {
      const [{ runTests }, { isGood, testData, testsAsJUnit, testsInWords }] = await Promise.all([
        import("./catalogue/run.ts"),
        import("./commands/test.ts"),
      ]);
      const results = await runTests(path);
      if (output === "junit") terminal.print(testsAsJUnit(results));
      else await tell(testData(results), { output }, () => testsInWords(results, { width, colours }));
      if (!isGood(results)) throw new CommandFault(`not all tests of ${path} are as expected`);
    });

  aim.command("completion <shell>")
    .description("prints what lets bash, zsh, fish or kubectl itself complete the words of this program")
    .action(async (shell: string) => {
      const { printCompletionScript } = await import("./commands/completion_script.ts");
      printCompletionScript(shell, terminal.print);
    });
  return aim;
}

/** Somebody has ended the program: it goes with the code that kubectl goes with then. */
class Interrupted extends Error {}

function countOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("A whole number is wanted.");
  return Number(text);
}

function brokenInWords(count: number): string {
  return count === 1 ? "one thing is broken" : `${count} things are broken`;
}

/** A program cannot be asked. */
function agreed(answer: boolean | undefined): boolean {
  if (answer === undefined) {
    throw new CommandFault("there is nobody to ask: say --yes to go on, nothing was changed");
  }
  return answer;
}

/** What a user is told of a failure; undefined of one that is a fault of this program. */
function messageOf(error: unknown): string | undefined {
  const isExpected = error instanceof CommandFault || error instanceof ConfigurationError ||
    error instanceof ApiError || error instanceof NetworkError;
  return isExpected ? error.message : undefined;
}
