/** From the command line to a running operator, and to an exit code (conventions.md §1.1, §1.3). */

import type { Logger } from "@logtape/logtape";
import type { AnyKind, CachedKind } from "../kube/cached_kind.ts";
import { ConfigurationError } from "../kube/access.ts";
import { detectAccess } from "../kube/detect_access.ts";
import { Discovery } from "../kube/discovery.ts";
import { HttpTransport } from "../kube/http_transport.ts";
import { podNamespace } from "../kube/in_cluster.ts";
import { leaseIdentity } from "../kube/lease.ts";
import type { KubeObject } from "../kube/object.ts";
import { systemClock } from "../operator/clock.ts";
import { Operator } from "../operator/operator.ts";
import type { AnyController } from "../operator/runner.ts";
import { parseFlags, usage, UsageError, type Values } from "./go_flags.ts";
import { startLog } from "./log.ts";
import { operatorFlags } from "./operator_flags.ts";
import { listenAddress, serveProbes } from "./probes.ts";

/** The name of AIM Engine's Lease: of the old and the new operator only one acts at a time. */
const leaseName = "3be10d2f.eai.amd.com";

/** What the operator reconciles. */
export interface Behaviour {
  readonly controllers: readonly AnyController[];
  readonly kinds: readonly AnyKind[];
}

/** Runs the operator until SIGTERM or SIGINT (0), a failure (1); a wrong command line is 2. */
export async function runOperator(args: readonly string[], behaviour: Behaviour): Promise<number> {
  let flags: Values<typeof operatorFlags>;
  try {
    if (args.some((arg) => /^--?(h|help)$/.test(arg))) {
      console.log(`The AIM operator serves AI models on Kubernetes.\n\n${usage(operatorFlags)}`);
      return 0;
    }
    const parsed = parseFlags(operatorFlags, args);
    if (parsed.rest.length > 0) throw new UsageError(`unexpected argument: ${parsed.rest[0]}`);
    flags = parsed.values;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nUsage:\n${usage(operatorFlags)}`);
    return 2;
  }
  const log = startLog({
    encoder: flags["zap-encoder"] || (flags["zap-devel"] ? "console" : "json"),
    level: flags["zap-log-level"] || (flags["zap-devel"] ? "debug" : "info"),
    stacktraces: flags["zap-stacktrace-level"] || undefined,
    time: flags["zap-time-encoding"],
  });
  try {
    return await run(flags, behaviour, log);
  } catch (error) {
    log.error("the operator cannot run", { error });
    return 1;
  }
}

async function run(flags: Values<typeof operatorFlags>, behaviour: Behaviour, log: Logger): Promise<number> {
  const stop = stopSignal(log);
  const access = await detectAccess(flags.kubeconfig);
  const transport = new HttpTransport(access);
  const discovery = new Discovery(transport);
  await requireKinds(discovery, behaviour.kinds);
  const operator = new Operator({
    transport,
    discovery,
    kinds: behaviour.kinds as readonly CachedKind<KubeObject>[],
    controllers: behaviour.controllers,
    clock: systemClock,
    hooks: logHooks(log),
    log: (message, error) => log.error(message, { error }),
    election: flags["leader-elect"]
      ? {
        namespace: await podNamespace() ?? transport.defaultNamespace ?? "aim-system",
        name: leaseName,
        identity: leaseIdentity(Deno.hostname()),
        fieldManager: "aim-engine",
      }
      : undefined,
  });
  const probes = startProbes(flags["health-probe-bind-address"], operator);
  log.info("the operator starts", { cluster: access.origin });
  try {
    const outcome = await operator.run(stop);
    log.info(outcome === "lost" ? "the lease is lost" : "the operator has stopped");
    return outcome === "lost" ? 1 : 0;
  } finally {
    await probes?.shutdown();
  }
}

/** Without our own kinds, or a core one, there is nothing to operate on. */
async function requireKinds(discovery: Discovery, kinds: readonly AnyKind[]): Promise<void> {
  for (const { optional, resource } of kinds) {
    if (optional || await discovery.serves(resource)) continue;
    throw new ConfigurationError(
      `the cluster has no ${resource.plural}.${resource.group}: apply the CRDs first (kubectl apply -k manifests/crds)`,
    );
  }
}

/** Aborted by the first SIGTERM or SIGINT; the second ends the process at once with 1. */
function stopSignal(log: Logger): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      if (stop.signal.aborted) Deno.exit(1);
      log.info("stopping", { signal });
      stop.abort();
    });
  }
  return stop.signal;
}

/** A work loop that has had no turn for so long, with work waiting, counts as dead. */
const stuckLimit = 300_000;

function startProbes(text: string, operator: Operator): Deno.HttpServer | undefined {
  const address = listenAddress(text);
  return address && serveProbes(address, {
    alive: () => operator.runner.stuckFor > stuckLimit ? "the work loop is stuck" : undefined,
    ready: () => operator.synced ? undefined : "the caches have not synced yet",
  });
}

function logHooks(log: Logger): ConstructorParameters<typeof Operator>[0]["hooks"] {
  return {
    reconciled: (controller, result, seconds) => log.debug("reconciled", { controller, result, seconds }),
    applied: (kind, result) => log.debug("applied", { kind, result }),
    statusWritten: (kind, result) => log.debug("status written", { kind, result }),
    failed: ({ manager, namespace, name }, action, error) =>
      log.error(`failed to ${action}`, { controller: manager, namespace, name, error }),
    crashed: (controller, key, error) => log.error("a reconcile threw", { controller, key, error }),
    missedWakeup: (controller, key, what) =>
      log.error("a change came without a wake-up", { controller, key, what }),
  };
}
