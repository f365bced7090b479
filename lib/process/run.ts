/** From the command line to a running operator, and to an exit code (conventions.md §1.1, §1.3). */

import type { Logger } from "@logtape/logtape";
import { kinds } from "../api/mod.ts";
import { unlessAborted } from "../kube/body.ts";
import { type Access, ConfigurationError } from "../kube/access/access.ts";
import type { AnyKind, CachedKind } from "../kube/cache/cached_kind.ts";
import { detectAccess } from "../kube/access/detect_access.ts";
import { Discovery } from "../kube/discovery.ts";
import { podNamespace } from "../kube/access/in_cluster.ts";
import { leaseIdentity } from "../kube/lease.ts";
import type { KubeObject } from "../kube/object.ts";
import { mayDo, mayRead } from "../kube/own_rights.ts";
import type { Transport } from "../kube/transport.ts";
import type { OperatorMetrics } from "../metrics/mod.ts";
import { systemClock } from "../operator/core/clock.ts";
import type { AnyFactSource } from "../operator/runner/facts.ts";
import { Operator, type OperatorOptions } from "../operator/operator.ts";
import type { AnyController } from "../operator/core/controller.ts";
import { missingPermissions } from "../program/permissions.ts";
import { asksForVersion, versionLine } from "../program/version.ts";
import { type Connections, connectionsTo } from "./connections.ts";
import { parseFlags, usage, UsageError, type Values } from "./go_flags.ts";
import { listenAddress } from "./listen.ts";
import { literal, startLog } from "./log.ts";
import { MissingRights } from "./missing_rights.ts";
import { operatorFlags } from "./operator_flags.ts";
import { permissions } from "./permissions.ts";
import { type ProbeAnswers, serveProbes } from "./probes.ts";
import { logOf } from "./reporting.ts";
import { clockCheck } from "./start/clock.ts";
import { unreachable } from "./start/unreachable.ts";
import { tracedHooks, tracingIsMissed, tracingIsOn, tracingVariable } from "./tracing.ts";

/** The name of AIM Engine's Lease: of the old and the new operator only one acts at a time. */
const leaseName = "3be10d2f.eai.amd.com";

/** What the operator reconciles. */
export interface Behaviour {
  readonly controllers: readonly AnyController[];
  readonly kinds: readonly AnyKind[];
  /** Where its reconciles get what only the outside knows. */
  readonly facts: (
    transports: { readonly api: Transport; readonly logs: Transport },
    onRegistryRequest?: (registry: string, outcome: string) => void,
  ) => readonly AnyFactSource[];
}

type OperatorFlags = Values<typeof operatorFlags>;

/** Runs the operator until SIGTERM or SIGINT (0), or a failure (1); a wrong command line is 2. */
export async function runOperator(args: readonly string[], behaviour: Behaviour): Promise<number> {
  let flags: OperatorFlags;
  try {
    if (args.some((arg) => /^--?(h|help)$/.test(arg))) {
      console.log(`The AIM operator serves AI models on Kubernetes.\n\n${usage(operatorFlags)}`);
      return 0;
    }
    if (asksForVersion(args)) {
      console.log(versionLine("aim-operator"));
      return 0;
    }
    flags = flagsOf(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nUsage:\n${usage(operatorFlags)}`);
    return 2;
  }
  const log = startLog({
    encoder: flags["zap-encoder"] ?? (flags["zap-devel"] ? "console" : "json"),
    level: flags["zap-log-level"] ?? (flags["zap-devel"] ? "debug" : "info"),
    stacktraces: flags["zap-stacktrace-level"],
    time: flags["zap-time-encoding"],
  });
  const stop = stopSignal(log);
  try {
    return await run(flags, behaviour, log, stop);
  } catch (error) {
    if (stop.aborted) return 0;
    log.error("the operator cannot run", { error });
    return 1;
  }
}

function flagsOf(args: readonly string[]): OperatorFlags {
  const { values, rest } = parseFlags(operatorFlags, args);
  if (rest.length > 0) throw new UsageError(`unexpected argument: ${rest[0]}`);
  return values;
}

async function run(
  flags: OperatorFlags,
  behaviour: Behaviour,
  log: Logger,
  stop: AbortSignal,
): Promise<number> {
  const missing = missingPermissions(permissions);
  if (missing !== undefined) throw new ConfigurationError(missing);
  const metricsAddress = listenAddress(flags["metrics-bind-address"]);
  const probesAddress = listenAddress(flags["health-probe-bind-address"]);
  const access = await detectAccess(flags.kubeconfig);
  const elected = flags["leader-elect"] ? leaseName : undefined;
  const measured = metricsAddress && await import("./metrics/metrics.ts");
  const metrics = measured && new measured.OperatorMetrics(behaviour.controllers, elected);
  const checkClock = clockCheck(Date.now, (fault) => log.error(literal(fault)));
  const rights = new MissingRights({
    isScoped: flags.namespace.length > 0,
    log,
    ask: (right) => mayDo(transport, right),
    regained: () => operator.runner.tryAgain(),
    changed: metrics?.missingRights,
  }, stop);
  const connections = connectionsTo(access, {
    onRequest: (report) => {
      metrics?.onRequest(report);
      checkClock(report);
    },
    onForbidden: (error) => rights.refused(error),
  });
  const { api: transport, lease, logs } = connections;
  const discovery = new Discovery(transport);
  await unlessAborted(requireKinds(discovery, behaviour.kinds), stop).catch((failure) => {
    throw unreachable(failure, access);
  });
  await unlessAborted(requireFields(transport), stop);
  const told = logOf(log);
  const hooks = both(told.hooks, metrics?.hooks);
  if (tracingIsMissed()) log.info(`${tracingVariable} has no effect: this program was compiled without it`);
  const operator = new Operator({
    ...told,
    hooks: tracingIsOn() ? await tracedHooks(hooks) : hooks,
    transport,
    discovery,
    kinds: behaviour.kinds as readonly CachedKind<KubeObject>[],
    controllers: behaviour.controllers,
    scope: scopeOf(flags.namespace, connections),
    facts: behaviour.facts({ api: transport, logs }, metrics?.onRegistryRequest),
    clock: systemClock,
    election: elected && await electionOf(elected, access, lease),
  });
  metrics?.watch(operator);
  if (probesAddress !== undefined) await serveProbes(probesAddress, probesOf(operator));
  if (metrics !== undefined) {
    await measured!.startMetrics({ address: metricsAddress!, flags, metrics, transport, log }, stop);
  }
  const namespaces = flags.namespace.length > 0 ? flags.namespace : undefined;
  log.info("the operator starts", { cluster: access.origin, namespaces });
  if (await operator.run(stop) === "lost") {
    log.error("the operator ends: without the lease another one may act");
    return 1;
  }
  log.info("the operator has stopped");
  return 0;
}

/** What `--namespace` names as a scope; undefined where it names nothing: then all of the cluster counts. */
export function scopeOf(
  namespaces: readonly string[],
  { api, further }: Pick<Connections, "api" | "further">,
): OperatorOptions["scope"] {
  if (namespaces.length === 0) return undefined;
  const ofNamespace = new Map(namespaces.map((namespace) => [namespace, further()]));
  return {
    namespaces,
    mayRead: (resource, namespace) => mayRead(api, resource, namespace),
    transportOf: (namespace) => ofNamespace.get(namespace)!,
  };
}

async function electionOf(
  name: string,
  access: Access,
  transport: Transport,
): Promise<OperatorOptions["election"]> {
  return {
    transport,
    namespace: await podNamespace() ?? access.defaultNamespace ?? "aim-system",
    name,
    identity: leaseIdentity(Deno.hostname()),
    fieldManager: "aim-engine",
  };
}

/** Without our own kinds, or a core one, there is nothing to operate on. */
async function requireKinds(discovery: Discovery, kinds: readonly AnyKind[]): Promise<void> {
  for (const { optional, resource } of kinds) {
    if (optional || await discovery.serves(resource)) continue;
    throw new ConfigurationError(
      `the cluster has no ${resource.plural}.${resource.group}: install the CRDs first (kubectl apply -k manifests)`,
    );
  }
}

/** What an older CRD lacks would be lost without a word. */
async function requireFields(transport: Transport): Promise<void> {
  const { olderKinds } = await import("./start/older_kinds.ts");
  const fault = await olderKinds(transport, kinds);
  if (fault !== undefined) throw new ConfigurationError(fault);
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

/** A work loop that has not run for so long (milliseconds), with work waiting, counts as dead. */
const stuckLimit = 300_000;

/** What the probes say of the operator (conventions.md §1.3). */
export function probesOf(
  operator: { readonly runner: { readonly stuckFor: number }; readonly synced: boolean },
): ProbeAnswers {
  return {
    alive: () => operator.runner.stuckFor > stuckLimit ? "the work loop is stuck" : undefined,
    ready: () => operator.synced ? undefined : "the caches have not synced yet",
  };
}

type Hooks = OperatorOptions["hooks"];

/** Hooks that tell the log first and then the metrics. */
function both(log: Hooks, metrics: OperatorMetrics["hooks"] | undefined): Hooks {
  if (metrics === undefined) return log;
  return {
    ...log,
    taken: metrics.taken,
    reconciled: (...told) => (log.reconciled(...told), metrics.reconciled(...told)),
    crashed: (...told) => (log.crashed(...told), metrics.crashed(...told)),
    applied: (...told) => (log.applied(...told), metrics.applied(...told)),
    statusWritten: (...told) => (log.statusWritten(...told), metrics.statusWritten(...told)),
    missedWakeup: (...told) => (log.missedWakeup(...told), metrics.missedWakeup(...told)),
  };
}
