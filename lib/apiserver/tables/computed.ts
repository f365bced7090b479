/** Cells of built-in kinds that are more than a field. */
import { at, isObject, type JsonObject } from "../json.ts";
import { ageOf, span } from "./age.ts";
import { valuesAt } from "./json_path.ts";

type Cell = (object: JsonObject, paths: readonly string[], now: number) => unknown;

const first = (object: JsonObject, path: string): unknown => valuesAt(object, path)[0];
const numberAt = (object: JsonObject, path: string): number => Number(first(object, path) ?? 0);

const cells: Readonly<Record<string, Cell>> = {
  count: (object, paths) =>
    paths.reduce((sum, path) => {
      const value = first(object, path);
      return sum + (Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0);
    }, 0),
  number: (object, [path]) => numberAt(object, path),
  ratio: (object, [done, all]) => `${numberAt(object, done)}/${numberAt(object, all)}`,
  none: () => "<none>",
  ready(object, [statuses, containers]) {
    const ready = (first(object, statuses) as { ready?: boolean }[] | undefined ?? []).filter((each) =>
      each.ready
    );
    return `${ready.length}/${(first(object, containers) as unknown[] | undefined ?? []).length}`;
  },
  restarts(object, [statuses]) {
    const all = first(object, statuses) as { restartCount?: number }[] | undefined ?? [];
    return String(all.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0));
  },
  phase: podPhase,
  ports(object, [path]) {
    const ports = first(object, path) as { port: number; protocol?: string; nodePort?: number }[] | undefined;
    if (ports === undefined) return "<none>";
    return ports.map(({ port, protocol = "TCP", nodePort }) =>
      `${port}${nodePort ? `:${nodePort}` : ""}/${protocol}`
    ).join(",");
  },
  jobStatus(object) {
    const conditions = at(object, "status", "conditions") as { type: string; status: string }[] | undefined ??
      [];
    const holds = (type: string) => conditions.some((each) => each.type === type && each.status === "True");
    return holds("Complete")
      ? "Complete"
      : holds("Failed")
      ? "Failed"
      : holds("Suspended")
      ? "Suspended"
      : "Running";
  },
  duration(object, _, now) {
    const start = first(object, ".status.startTime");
    if (typeof start !== "string") return "";
    const end = first(object, ".status.completionTime");
    return span((typeof end === "string" ? Date.parse(end) : now) - Date.parse(start));
  },
  accessModes(object, [path]) {
    const short: Record<string, string> = {
      ReadWriteOnce: "RWO",
      ReadOnlyMany: "ROX",
      ReadWriteMany: "RWX",
      ReadWriteOncePod: "RWOP",
    };
    return (first(object, path) as string[] | undefined ?? []).map((mode) => short[mode] ?? mode).join(",");
  },
  nodeStatus(object) {
    const conditions = at(object, "status", "conditions") as { type: string; status: string }[] | undefined ??
      [];
    const ready = conditions.find(({ type }) => type === "Ready");
    const state = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
    return at(object, "spec", "unschedulable") === true ? `${state},SchedulingDisabled` : state;
  },
  since(object, [path], now) {
    const time = first(object, path) ?? at(object, "metadata", "creationTimestamp");
    return typeof time === "string" ? ageOf(time, now) : "<unknown>";
  },
  involved(object) {
    const { kind = "", name = "" } = object.involvedObject as { kind?: string; name?: string } ?? {};
    return `${kind.toLowerCase()}/${name}`;
  },
};

export function computed(name: string, paths: readonly string[], object: JsonObject, now: number): unknown {
  return cells[name](object, paths, now);
}

/** Why a pod's container waits or has ended says more than the phase. */
function podPhase(object: JsonObject): string {
  if (at(object, "metadata", "deletionTimestamp") !== undefined) return "Terminating";
  const statuses = at(object, "status", "containerStatuses") as JsonObject[] | undefined ?? [];
  for (const status of statuses) {
    const waiting = at(status, "state", "waiting", "reason");
    if (typeof waiting === "string") return waiting;
    const ended = at(status, "state", "terminated", "reason");
    if (typeof ended === "string") return ended;
  }
  return String(at(object, "status", "reason") ?? at(object, "status", "phase") ?? "Unknown");
}
