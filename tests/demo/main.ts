/**
 * `deno task demo`: ten lines of YAML become a running endpoint, before your eyes. The exit code is 0 when the service runs, 1 when it does not get there, 130 after Ctrl-C.
 */

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { duration } from "../control_plane/build/build_progress.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { quoted } from "../control_plane/processes/shell.ts";
import { type OperatorProcess, startOperator } from "../operator_process.ts";
import { defaultDownloadImage } from "../../lib/api/mod.ts";
import { serveRoutes } from "../node_agent/gateway.ts";
import { downloaderImage } from "../node_agent/images/downloader_image.ts";
import type { Image } from "../node_agent/processes/image.ts";
import { packages } from "../packages.ts";
import { follow } from "./follow.ts";
import * as clusters from "./clusters.ts";
import { deployments, program } from "./image.ts";
import { nextSteps } from "./next_steps.ts";
import { readObjects } from "./path.ts";
import { startHub } from "./weights.ts";
import { type Screen, screenOn, standardOutput } from "./screen.ts";

const usage = `deno task demo [--real] [--keep] [--seconds=N]

  --real       on Kubernetes' own parts, built from source at the first time (needs Go), in place of a cluster in memory
  --keep       leave the cluster up until Ctrl-C, and say how to reach it
  --seconds=N  how long to wait until the service runs (default 120)`;

const settings = fileURLToPath(new URL("cluster.yaml", import.meta.url));
const service = fileURLToPath(new URL("service.yaml", import.meta.url));
/** What stands in service.yaml. */
const [namespace, name] = ["ml-team", "chat"];

export interface DemoOptions {
  readonly keep: boolean;
  readonly seconds: number;
  /** Whether the cluster is made of Kubernetes' own parts. */
  readonly real: boolean;
}

/** Runs the demo on a screen and returns the exit code. With `keep` it only returns when it has failed. */
export async function demo(screen: Screen, { keep, seconds, real }: DemoOptions): Promise<number> {
  const began = performance.now();
  const setting = real ? clusters.real : clusters.embedded;
  for (const line of setting.says) screen.line(line);
  screen.line();
  screen.progress("Starting the cluster …");
  await using kept = new AsyncDisposableStack();
  const images = new Map<string, Image>([[defaultDownloadImage, downloaderImage]]);
  const agentOptions = { imageOf: (name: string) => images.get(name) };
  const { cluster, image, exports } = await setting.start(agentOptions, kept, logOn(screen));
  images.set(image, program);
  screen.line(`The Deployment of the operator is scaled to 0: it runs as a process here, ${setting.rights}`);
  const starting = startOperator(cluster, { args: ["--leader-elect"] });
  packages(); // asked while the operator starts, so that the first container need not wait for it
  const progress = new AbortController();
  await using hub = startHub(progress.signal);
  await using gateway = serveRoutes(cluster);
  const operator = await starting;
  screen.line(`The operator is ready, ${duration((performance.now() - began) / 1000)} after the start.`);
  screen.line();
  await applySample(cluster, { image, hub: hub.endpoint }, screen);
  const read = () => readObjects(cluster, namespace, name);
  const outcome = await follow(read, screen, { seconds, onDownloading: () => progress.abort() });
  if (!outcome.running) {
    screen.line();
    await explainFailure(screen, operator, seconds, outcome.says);
    return 1;
  }
  screen.line();
  screen.line(`Why this template: ${outcome.choice}`);
  screen.line();
  await askEndpoint(gateway.addr.port, screen);
  screen.line(`Running, ${duration((performance.now() - began) / 1000)} after the start.`);
  if (!keep) {
    screen.line("Next: the same with --keep leaves the cluster up and lists commands to try on it.");
    return 0;
  }
  tellNextSteps(cluster, await exports(logOn(screen)), screen);
  return await new Promise(() => {}); // a signal ends the cluster, the operator, and us
}

/** The cluster's settings by their file, the ten lines in full. */
async function applySample(
  cluster: Cluster,
  { image, hub }: { image: string; hub: string },
  screen: Screen,
): Promise<void> {
  screen.line(`$ crane push … ${image}     # ${deployments.length} ways to run it, on its labels`);
  screen.line("$ kubectl apply -f tests/demo/cluster.yaml     # a namespace, a gateway, a hub");
  await cluster.apply((await Deno.readTextFile(settings)).replace(/http:\/\/hub\.[\w.]+/, hub));
  screen.line("$ kubectl apply -f -");
  const text = (await Deno.readTextFile(service)).replace(/(?<=image: ).*/, image);
  for (const line of text.trimEnd().split("\n")) screen.line(`    ${line}`);
  await cluster.apply(text);
  screen.line();
}

/** Asks the endpoint which model it has, along the route that was made for it. */
async function askEndpoint(port: number, screen: Screen): Promise<void> {
  const url = `http://127.0.0.1:${port}/${namespace}/${name}/v1/models`;
  screen.line(`$ curl ${url}`);
  screen.line(JSON.stringify(await (await fetch(url)).json()));
  screen.line();
}

async function explainFailure(
  screen: Screen,
  operator: OperatorProcess,
  seconds: number,
  says: readonly string[],
): Promise<void> {
  screen.line(`The service does not run after ${seconds} s. What its status says:`);
  for (const line of says) screen.line(`  ${line}`);
  screen.line("The end of the operator's log:");
  for (const line of (await operator.log()).trimEnd().split("\n").slice(-10)) screen.line(`  ${line}`);
}

function tellNextSteps(cluster: Cluster, exports: readonly string[], screen: Screen): void {
  screen.line();
  screen.line("The cluster stays up until Ctrl-C, which leaves nothing behind. In another terminal:");
  screen.line();
  for (const line of exports) screen.line(line);
  for (const { shows, command } of nextSteps(namespace, name)) {
    screen.line();
    screen.line(`# ${shows}`);
    screen.line(command);
  }
  screen.line();
  screen.line("# the operator's log");
  screen.line(`tail -f ${quoted(cluster.process("operator").logFile)}`);
}

/** Lines that say how long something will still take make way for the next one. */
function logOn(screen: Screen): (line: string) => void {
  return (line) => / so far, about /.test(line) ? screen.progress(line) : screen.line(line);
}

function readArguments(): DemoOptions {
  const { values } = parseArgs({
    options: {
      keep: { type: "boolean", default: false },
      real: { type: "boolean", default: false },
      seconds: { type: "string", default: "120" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    Deno.exit(0);
  }
  const seconds = Number(values.seconds);
  if (values.seconds.trim() === "" || !(seconds >= 0)) {
    throw new TypeError(`--seconds: ${values.seconds} is no number of seconds`);
  }
  return { keep: values.keep, real: values.real, seconds };
}

if (import.meta.main) {
  let options: DemoOptions;
  try {
    options = readArguments();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    Deno.exit(2);
  }
  try {
    Deno.exit(await demo(screenOn(standardOutput), options));
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
