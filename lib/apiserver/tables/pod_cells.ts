/** The cells of a pod: what of its containers says most about it. */
import { at, type JsonObject } from "../json.ts";
import { ageOf } from "./age.ts";

const list = (value: unknown): JsonObject[] => Array.isArray(value) ? value as JsonObject[] : [];

/** What has been counted of a pod's containers. */
interface Seen {
  reason: string;
  ready: number;
  restarts: number;
  /** When one of them ended last, in milliseconds; 0 if never. */
  lastRestart: number;
}

export function podCells(pod: JsonObject, age: string, now: number): unknown[] {
  const { spec, status } = pod;
  const sidecars = new Set(
    list(at(spec, "initContainers")).filter(({ restartPolicy }) => restartPolicy === "Always").map((
      { name },
    ) => name),
  );
  const seen = look(pod, sidecars);
  const restarts = seen.restarts > 0 && seen.lastRestart > 0
    ? `${seen.restarts} (${ageOf(new Date(seen.lastRestart).toISOString(), now)} ago)`
    : String(seen.restarts);
  const or = (value: unknown) => value === undefined || value === "" ? "<none>" : value;
  return [
    at(pod, "metadata", "name"),
    `${seen.ready}/${list(at(spec, "containers")).length + sidecars.size}`,
    seen.reason,
    restarts,
    age,
    or(list(at(status, "podIPs"))[0]?.ip),
    or(at(spec, "nodeName")),
    or(at(status, "nominatedNodeName")),
    gates(pod),
  ];
}

function look(pod: JsonObject, sidecars: ReadonlySet<unknown>): Seen {
  const { phase = "", reason } = (pod.status ?? {}) as Record<string, string | undefined>;
  const conditions = list(at(pod, "status", "conditions"));
  const gated = conditions.some((each) => each.type === "PodScheduled" && each.reason === "SchedulingGated");
  const seen: Seen = {
    reason: gated ? "SchedulingGated" : reason || phase,
    ready: 0,
    restarts: 0,
    lastRestart: 0,
  };
  const ofSidecars = { restarts: 0, lastRestart: 0 };
  const initializing = lookAtInit(pod, sidecars, seen, ofSidecars);
  if (!initializing || conditions.some(({ type, status }) => type === "Initialized" && status === "True")) {
    Object.assign(seen, ofSidecars);
    lookAtContainers(list(at(pod, "status", "containerStatuses")), conditions, seen);
  }
  if (at(pod, "metadata", "deletionTimestamp") !== undefined) {
    if (reason === "NodeLost") seen.reason = "Unknown";
    else if (phase !== "Succeeded" && phase !== "Failed") seen.reason = "Terminating";
  }
  return seen;
}

/** @returns whether the pod is still being initialized, or that has failed */
function lookAtInit(
  pod: JsonObject,
  sidecars: ReadonlySet<unknown>,
  seen: Seen,
  ofSidecars: { restarts: number; lastRestart: number },
): boolean {
  for (const [i, status] of list(at(pod, "status", "initContainerStatuses")).entries()) {
    addRestarts(seen, status);
    const isSidecar = sidecars.has(status.name);
    if (isSidecar) addRestarts(ofSidecars, status);
    const ended = at(status, "state", "terminated") as JsonObject | undefined;
    if (ended !== undefined && Number(ended.exitCode ?? 0) === 0) continue;
    if (isSidecar && status.started === true) {
      if (status.ready === true) seen.ready++;
      continue;
    }
    const waits = at(status, "state", "waiting", "reason");
    if (ended !== undefined) seen.reason = `Init:${endOf(ended)}`;
    else if (waits && waits !== "PodInitializing") seen.reason = `Init:${waits}`;
    else seen.reason = `Init:${i}/${list(at(pod, "spec", "initContainers")).length}`;
    return true;
  }
  return false;
}

function lookAtContainers(statuses: JsonObject[], conditions: JsonObject[], seen: Seen): void {
  let running = false;
  let failed = "";
  for (const status of statuses.toReversed()) {
    addRestarts(seen, status);
    const waits = at(status, "state", "waiting", "reason");
    const ended = at(status, "state", "terminated") as JsonObject | undefined;
    if (waits) seen.reason = String(waits);
    else if (ended !== undefined) {
      seen.reason = endOf(ended);
      if (Number(ended.exitCode ?? 0) !== 0) failed = seen.reason;
    } else if (status.ready === true && at(status, "state", "running") !== undefined) {
      running = true;
      seen.ready++;
    }
  }
  if (seen.reason !== "Completed") return;
  if (running && conditions.some(({ type, status }) => type === "Ready" && status === "True")) {
    seen.reason = "Running";
  } else if (failed !== "") seen.reason = failed;
  else if (running) seen.reason = "NotReady";
}

function addRestarts(to: { restarts: number; lastRestart: number }, status: JsonObject): void {
  to.restarts += Number(status.restartCount ?? 0);
  const ended = Date.parse(String(at(status, "lastState", "terminated", "finishedAt") ?? ""));
  if (ended > to.lastRestart) to.lastRestart = ended;
}

function endOf({ reason, signal, exitCode = 0 }: JsonObject): string {
  if (reason) return String(reason);
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function gates(pod: JsonObject): string {
  const wanted = list(at(pod, "spec", "readinessGates"));
  if (wanted.length === 0) return "<none>";
  const conditions = list(at(pod, "status", "conditions"));
  const open = wanted.filter(({ conditionType }) =>
    conditions.find(({ type }) => type === conditionType)?.status === "True"
  );
  return `${open.length}/${wanted.length}`;
}

/** What a row says of a pod that has ended. */
export function podRowConditions({ status }: JsonObject): JsonObject[] | undefined {
  const phase = at(status, "phase");
  if (phase !== "Succeeded" && phase !== "Failed") return undefined;
  const message = phase === "Succeeded" ? "The pod has completed successfully." : "The pod failed.";
  return [{ type: "Completed", status: "True", reason: phase, message }];
}
