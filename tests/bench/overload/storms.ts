/** The two storms of `deno task bench:overload`, and what is measured in them. */

import { fileURLToPath } from "node:url";
import { serveProbes } from "../../../lib/process/probes.ts";
import { startControlPlane } from "../../control_plane/control_plane.ts";
import { applyManifests } from "../../e2e/installation.ts";
import { bundledOperator, startOperator } from "../../operator_process.ts";
import { writesBy } from "../audit.ts";
import { bareClient, create, inParallel } from "../bare_client.ts";
import { benchNode, playKserve } from "../played_kserve.ts";
import { usageOf } from "../process_usage.ts";
import { Progress } from "../progress.ts";
import { operatorQuiet, quiet } from "../rest.ts";
import { prepare } from "../run.ts";
import { namespaces, service } from "../scenario.ts";
import { play } from "./play.ts";
import { type Seen, startProber } from "./prober.ts";
import { PlayedCluster } from "./played_cluster.ts";
import type { Storm, StormTask } from "./storm_client.ts";

export interface Figures {
  readonly services: number;
  readonly wantedEventsASecond: number;
  readonly eventsASecond: number;
  readonly seconds: number;
  /** Before, the most in the storm, and when all was done; `limit` is what the most may be. */
  readonly megabytes: {
    readonly of: string;
    readonly before: number;
    readonly most: number;
    readonly after: number;
    readonly limit: number;
  };
  readonly readiness: Seen;
  readonly secondsUntilQuiet: number;
  /** What else is worth to know, e.g. writes. */
  readonly counts: Record<string, number>;
  /** What is not as it must be at the end, a line each. */
  readonly missed: readonly string[];
}

interface StormOptions {
  readonly rate: number;
  readonly seconds: number;
}

const log = (line: string) => console.error(`  ${line}`);

/** The recording, at that rate, through the seam. The cluster is a thread of its own. Needs `--expose-gc`. */
export async function overloadByRecording({ rate, seconds }: StormOptions): Promise<Figures> {
  const services = 300;
  log(`recording a cluster with ${services} services`);
  using cluster = await PlayedCluster.record({ seed: 1, services, steps: 20_000 });
  log(`${cluster.recorded.steps} steps; telling ${rate} a second for ${seconds} s`);
  const every = 5 * rate;
  let before = 0;
  let most = 0;
  let after = 0;
  let looked = 0;
  let seen: Seen | undefined;
  let probes: Deno.HttpServer | undefined;
  let prober: ReturnType<typeof startProber> | undefined;
  const played = await play(cluster, {
    rate,
    steps: rate * seconds,
    begins: async (operator) => {
      probes = await serveProbes({ hostname: "127.0.0.1", port: 0 }, {
        alive: () => undefined,
        ready: () => operator.synced ? undefined : "not everything has been read",
      });
      prober = startProber((probes.addr as Deno.NetAddr).port);
      before = heldMegabytes();
    },
    turned: (told) => {
      if (Math.floor(told / every) === Math.floor(looked / every)) return;
      looked = told;
      const held = heldMegabytes();
      most = Math.max(most, held);
      log(`${told} told, ${held} MB held`);
    },
    done: async () => {
      seen = await prober!.stop();
      await probes!.shutdown();
      after = heldMegabytes();
    },
  });
  return {
    services,
    wantedEventsASecond: rate,
    eventsASecond: Math.round(played.told / played.seconds),
    seconds: Math.round(played.seconds),
    // Beside what the storm leaves in flight, nothing may grow with it.
    megabytes: { of: "operator, held", before, most, after, limit: Math.round(before * 1.5) },
    readiness: seen!,
    secondsUntilQuiet: Math.round(played.secondsUntilQuiet),
    counts: {
      events: played.events,
      relists: played.relists,
      reconciles: played.reconciles,
      writes: played.writes,
    },
    missed: played.missed,
  };
}

/** Of what something in this thread still holds. */
function heldMegabytes(): number {
  (globalThis as unknown as { gc(): void }).gc();
  return Math.round(Deno.memoryUsage().heapUsed / 1e6);
}

/** Pods of a real API server change at that rate; the operator is a process of its own. */
export async function overloadOfRealServer({ rate, seconds }: StormOptions): Promise<Figures> {
  const services = 200;
  await using plane = await startControlPlane({
    kserve: {},
    gatewayApi: true,
    auditLog: true,
  });
  await plane.request("POST", "/api/v1/nodes", benchNode());
  await applyManifests(plane);
  const client = await bareClient(plane.adminKubeconfig);
  await prepare(client);
  const operator = await startOperator(plane, await bundledOperator());
  const stop = new AbortController();
  const progress = new Progress(client, stop.signal, playKserve(client, namespaces));
  const all = Array.from({ length: services }, (_, n) => service(n));
  await inParallel(all, ({ path, object }) => create(client, path, object));
  await progress.services(services, "Running");
  stop.abort();
  await quiet(plane, operator.user, 3);
  const before = Math.round((await usageOf(operator.pid)).residentMegabytes);
  log(`${services} services Running, ${before} MB; ${rate} changes a second for ${seconds} s`);

  const began = Date.now();
  const prober = startProber(operator.probePort);
  const storm = await stormBy({ kubeconfig: plane.adminKubeconfig, rate, seconds });
  const over = Date.now();
  await quiet(plane, operator.user, 3);
  const secondsUntilQuiet = Math.round((Date.now() - over) / 1000 - 3);
  const readiness = await prober.stop();
  const usage = await usageOf(operator.pid);
  const writes = writesBy(operator.user, await plane.auditEvents(), began).length;
  const missed = await unlikeTheirPods(client, new Set(storm.unready), services);
  log("another one, which has seen nothing of it");
  const restarted = Date.now();
  await operator.restart();
  await operatorQuiet(operator, restarted);
  await quiet(plane, operator.user, 5);
  const late = writesBy(operator.user, await plane.auditEvents(), restarted);
  await operator.stop();
  return {
    services,
    wantedEventsASecond: rate,
    eventsASecond: Math.round(storm.sent / storm.seconds),
    seconds: Math.round(storm.seconds),
    megabytes: {
      of: "operator, resident",
      before,
      most: Math.round(usage.peakMegabytes),
      after: Math.round(usage.residentMegabytes),
      // That of a thousand services at work (`../limits.ts`).
      limit: 170,
    },
    readiness,
    secondsUntilQuiet,
    counts: { changes: storm.sent, refused: storm.refused, writes },
    missed: [...missed, ...late.map(({ verb, requestURI }) => `left to do: ${verb} ${requestURI}`)],
  };
}

/** The storm comes from a process of its own: what it costs is not the operator's. */
async function stormBy(task: StormTask): Promise<Storm> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--no-check", "--frozen"],
      fileURLToPath(new URL("storm_client.ts", import.meta.url)),
      JSON.stringify(task),
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("there was no storm");
  return JSON.parse(new TextDecoder().decode(stdout));
}

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** A service says of its pods what was said of them last. */
async function unlikeTheirPods(
  client: Awaited<ReturnType<typeof bareClient>>,
  unready: ReadonlySet<string>,
  services: number,
): Promise<string[]> {
  const path = "/apis/aim.eai.amd.com/v1alpha1/aimservices";
  const { items } = await client.performRequest({ method: "GET", path, expectJson: true }) as Listed;
  const wrong = items.flatMap(({ metadata: { namespace, name }, status }) => {
    const isReady = status?.conditions?.find(({ type }) =>
      type === "InferenceServicePodsReady"
    )?.status === "True";
    const should = ![...unready].some((pod) => pod.startsWith(`${namespace}/${name}-`));
    return isReady === should ? [] : [`service ${name} says its pods are ${isReady ? "" : "not "}ready`];
  });
  return [
    ...wrong,
    ...(items.length === services ? [] : [`${items.length} services instead of ${services}`]),
  ];
}
