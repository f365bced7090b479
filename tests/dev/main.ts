/**
 * `deno task dev`: the operator from this checkout, with a log for people, against the cluster of the current
 * kubeconfig context; with `--cluster` against a local cluster that is started for it.
 *
 * The operator is a process of its own: it may read the kubeconfig with the files that it names and reach the
 * network, and may neither write nor run anything, but for the exec plugin of the kubeconfig, if it has one. What starts it here may in addition run programs and write
 * below /tmp.
 */

import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Access, ConfigurationError } from "../../lib/kube/access/access.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { execCommandOf, kubeconfigAccess } from "../../lib/kube/access/kubeconfig.ts";
import { denoFlagsWith } from "../../lib/process/permissions.ts";
import { Warden } from "../control_plane/processes/warden.ts";
import type { ClusterUp } from "./cluster.ts";
import { filesToRead, kubeconfigFiles } from "./kubeconfig_files.ts";
import { preflight } from "./preflight.ts";

const usage =
  `deno task dev [--cluster [--real] | --context=NAME | --kubeconfig=FILE] [-- flags of the operator]

  --cluster          start a local cluster with GPU nodes on paper, in memory, and run against it
  --real             of Kubernetes' own parts, built from source at the first time (needs Go)
  --context=NAME     a context of the kubeconfig; default: the current one
  --kubeconfig=FILE  default: KUBECONFIG, else ~/.kube/config

Its log is console text at level debug; "-- --zap-log-level=info" says less.`;

/** Where the operator is to run. */
interface Target {
  readonly kubeconfigs: readonly string[];
  readonly context?: string;
}

const operatorEntry = fileURLToPath(new URL("../../mod.ts", import.meta.url));
const clusterEntry = fileURLToPath(new URL("cluster.ts", import.meta.url));

/** Starts the operator for a target and returns its exit code; 1 if something is in the way. */
async function runAgainst({ kubeconfigs, context }: Target, flags: readonly string[]): Promise<number> {
  const access = await kubeconfigAccess(kubeconfigs, context);
  if (!await clear(access)) return 1;
  const plugin = await execCommandOf(kubeconfigs, context);
  const files = context === undefined ? kubeconfigs : [await contextFile(context), ...kubeconfigs];
  const operator = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      ...denoFlagsWith({ read: await filesToRead(files) }),
      ...(plugin === undefined ? [] : [`--allow-run=${plugin}`]),
      operatorEntry,
      "--zap-devel",
      "--health-probe-bind-address=0", // no kubelet asks, and the port may be taken
      ...flags,
    ],
    env: { ...(plugin === undefined ? {} : withoutLoaderVariables()), KUBECONFIG: files.join(":") },
    stdin: plugin === undefined ? "null" : "inherit", // a plugin may ask on the terminal
  }).spawn();
  return await guarded(operator);
}

/** Deno starts nothing under a restricted `--allow-run` while one of these is set; blank is allowed. */
function withoutLoaderVariables(): Record<string, string> {
  const names = Object.keys(Deno.env.toObject()).filter((name) => /^(LD|DYLD)_/.test(name));
  return Object.fromEntries(names.map((name) => [name, ""]));
}

/** Says what is in the way and what is good to know; whether the way is clear. */
async function clear(access: Access): Promise<boolean> {
  console.error(`Cluster ${access.server.href}, from ${access.origin}`);
  const { obstacles, remarks } = await preflight(new HttpTransport(access));
  for (const line of [...obstacles, ...remarks]) console.error(line);
  return obstacles.length === 0;
}

/** A kubeconfig that only names the context: of several files the first that says something wins. */
async function contextFile(context: string): Promise<string> {
  const file = `${await temporaryFolder()}/context.json`;
  await Deno.writeTextFile(file, JSON.stringify({ "current-context": context }));
  return file;
}

let folder: string | undefined;
async function temporaryFolder(): Promise<string> {
  return folder ??= await Deno.makeTempDir({ dir: "/tmp", prefix: "aim-dev-" });
}

/** Waits for a child that ends with us, however we end; passes SIGTERM on (Ctrl-C reaches it by itself). */
async function guarded(child: Deno.ChildProcess): Promise<number> {
  const warden = new Warden(folder);
  await warden.add(child.pid);
  const passOn = () => child.kill("SIGTERM");
  const wait = () => {};
  Deno.addSignalListener("SIGTERM", passOn);
  Deno.addSignalListener("SIGINT", wait);
  const { code } = await child.status;
  Deno.removeSignalListener("SIGTERM", passOn);
  Deno.removeSignalListener("SIGINT", wait);
  await warden.remove(child.pid);
  await warden.close();
  return code;
}

/** Starts the local cluster, runs the operator on the rights of its ServiceAccount, ends both. */
async function runWithCluster(flags: readonly string[], real: boolean): Promise<number> {
  const cluster = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", clusterEntry, ...(real ? ["--real"] : [])],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  try {
    const up = await firstLine(cluster.stdout);
    if (up === undefined) return (await cluster.status).code || 1;
    const reach: ClusterUp = JSON.parse(up);
    console.error(
      real
        ? "The cluster is up; the operator runs with the token of its own ServiceAccount. To use it:"
        : "The cluster is up, in memory: whoever has its token may do everything. To use it:",
    );
    for (const line of reach.exports) console.error(`  ${line}`);
    console.error("  kubectl apply -f tests/dev/catalogue.yaml -f tests/dev/service.yaml");
    console.error("Ctrl-C ends both and leaves nothing behind.");
    return await runAgainst({ kubeconfigs: [reach.operatorKubeconfig] }, flags);
  } finally {
    await cluster.stdin.close().catch(() => {}); // its end tells the cluster to end
    await cluster.status;
  }
}

/** The first line of a stream; the rest is read and dropped. Undefined if the stream ends before. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return undefined;
    text += value;
    const end = text.indexOf("\n");
    if (end >= 0) {
      reader.releaseLock();
      return text.slice(0, end);
    }
  }
}

function readArguments() {
  const separator = Deno.args.indexOf("--");
  const [own, flags] = separator < 0
    ? [Deno.args, []]
    : [Deno.args.slice(0, separator), Deno.args.slice(separator + 1)];
  const { values } = parseArgs({
    args: own,
    options: {
      cluster: { type: "boolean", default: false },
      real: { type: "boolean", default: false },
      context: { type: "string" },
      kubeconfig: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.cluster && (values.context ?? values.kubeconfig) !== undefined) {
    throw new TypeError("--cluster brings its own kubeconfig");
  }
  if (values.real && !values.cluster) throw new TypeError("--real says what --cluster starts: give both");
  return { ...values, flags };
}

async function main(): Promise<number> {
  let chosen: ReturnType<typeof readArguments>;
  try {
    chosen = readArguments();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  const { cluster, real, context, kubeconfig, help, flags } = chosen;
  if (help) {
    console.log(usage);
    return 0;
  }
  try {
    if (cluster) return await runWithCluster(flags, real);
    const kubeconfigs = kubeconfig === undefined
      ? kubeconfigFiles({ KUBECONFIG: Deno.env.get("KUBECONFIG"), HOME: Deno.env.get("HOME") })
      : [resolve(kubeconfig)];
    return await runAgainst({ kubeconfigs, context }, flags);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof ConfigurationError) {
      console.error("Without a cluster of your own: deno task dev --cluster");
    }
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main());
