/** What an object uses of a quota, by the names that quotas have for it: of pods, claims, Services, and all else by number. */
import { parseQuantity, type Quantity, wholeUnits } from "../../api/values/quantity.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { qualityOf } from "../kinds/admission.ts";
import { addTo, type Amounts, amountsOf, count, zero } from "./amounts.ts";
import { amountsOfPod, containersOf, initContainersOf, items } from "./pod_amounts.ts";

/** One requirement of a quota's scopes. */
export interface Scope {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** How objects of a kind are counted. */
export interface Evaluator {
  /** Which of a quota's names concern the kind. */
  concerns(name: string): boolean;
  /** @param now milliseconds since 1970 */
  usage(object: JsonObject, now: number): Amounts;
  matches(scope: Scope, object: JsonObject): boolean;
  /** What an object must say to be counted; undefined if it does. */
  unsaid?(names: ReadonlySet<string>, object: JsonObject): string | undefined;
}

/** The names that some kinds had in quotas before all kinds could be counted. */
const oldNames: Readonly<Record<string, string>> = {
  configmaps: "configmaps",
  resourcequotas: "resourcequotas",
  replicationcontrollers: "replicationcontrollers",
  secrets: "secrets",
};

/** @param shelf plural and group: `pods`, `jobs.batch`; undefined for events, which nobody counts */
export function evaluatorOf(shelf: string): Evaluator | undefined {
  if (shelf === "events" || shelf === "events.events.k8s.io") return undefined;
  if (shelf === "pods") return ofPods;
  if (shelf === "services") return ofServices;
  if (shelf === "persistentvolumeclaims") return ofClaims;
  const names = [`count/${shelf}`, ...oldNames[shelf] === undefined ? [] : [oldNames[shelf]]];
  return {
    concerns: (name) => names.includes(name),
    usage: () => new Map(names.map((name) => [name, count(1)])),
    matches: () => false,
  };
}

/** The shelf whose objects a name of a quota counts. */
export function countedShelf(name: string): string {
  if (name.startsWith("count/")) return name.slice("count/".length);
  if (oldNames[name] !== undefined) return name;
  return ["services", "persistentvolumeclaims"].find((shelf) => evaluatorOf(shelf)!.concerns(name)) ?? "pods";
}

const podNames = new Set([
  "count/pods",
  "pods",
  ...["cpu", "memory", "ephemeral-storage"].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);

/** Names without a domain, and those of Kubernetes itself, are no extended resources. */
function isExtended(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/") && !name.startsWith("requests.");
}

const ofPods: Evaluator = {
  concerns: (name) =>
    podNames.has(name) || /^(requests\.)?hugepages-/.test(name) ||
    name.startsWith("requests.") && isExtended(name.slice("requests.".length)),
  usage(pod, now) {
    const used = new Map([["count/pods", count(1)]]);
    if (hasEnded(pod, now)) return used;
    addTo(used, ofResources(amountsOfPod(pod.spec, "requests"), amountsOfPod(pod.spec, "limits")));
    return used;
  },
  matches: podMatches,
  unsaid: unsaidOfPod,
};

/** Of a pod that is over only the object counts; so it is with one whose grace is over. */
function hasEnded({ metadata, status }: JsonObject, now: number): boolean {
  const phase = at(status, "phase");
  if (phase === "Failed" || phase === "Succeeded") return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata as JsonObject;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return now > Date.parse(String(deletionTimestamp)) + Number(deletionGracePeriodSeconds) * 1_000;
}

function ofResources(requests: Amounts, limits: Amounts): Map<string, Quantity> {
  const used = new Map([["pods", count(1)]]);
  for (const [name, amount] of requests) {
    const native = ["cpu", "memory", "ephemeral-storage"].includes(name) || name.startsWith("hugepages-");
    if (native) used.set(name, amount);
    if (native || isExtended(name)) used.set(`requests.${name}`, amount);
  }
  for (const name of ["cpu", "memory", "ephemeral-storage"]) {
    const limit = limits.get(name);
    if (limit !== undefined) used.set(`limits.${name}`, limit);
  }
  return used;
}

const mustBeSaid = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];

/** Of CPU and memory that a quota limits each container must say how much it wants. */
function unsaidOfPod(names: ReadonlySet<string>, { spec }: JsonObject): string | undefined {
  const asPod = at(spec, "resources");
  if (isObject(asPod) && (isObject(asPod.requests) || isObject(asPod.limits))) return undefined;
  const missing = mustBeSaid.filter((name) => names.has(name)).flatMap((name) => {
    const without = [...containersOf(spec), ...initContainersOf(spec)].filter(({ resources }) =>
      !ofResources(amountsOf(at(resources, "requests")), amountsOf(at(resources, "limits"))).has(name)
    );
    const containers = [...new Set(without.map((container) => String(container.name)))].sort();
    return containers.length === 0 ? [] : [`${name} for: ${containers.join(",")}`];
  });
  return missing.length === 0 ? undefined : `must specify ${missing.join("; ")}`;
}

/** Whether a pod may run for a certain time only. */
export function isTerminating({ spec }: JsonObject): boolean {
  const deadline = at(spec, "activeDeadlineSeconds");
  return deadline !== undefined && Number(deadline) >= 0;
}

function podMatches(scope: Scope, pod: JsonObject): boolean {
  const spec = pod.spec as JsonObject;
  switch (scope.scopeName) {
    case "Terminating":
      return isTerminating(pod);
    case "NotTerminating":
      return !isTerminating(pod);
    case "BestEffort":
      return qualityOf(spec) === "BestEffort";
    case "NotBestEffort":
      return qualityOf(spec) !== "BestEffort";
    case "PriorityClass":
      return isAmong(scope, spec.priorityClassName as string | undefined);
    case "CrossNamespacePodAffinity":
      return looksElsewhere(spec);
    default:
      return false;
  }
}

function isAmong({ operator, values = [] }: Scope, value: string | undefined): boolean {
  const there = value !== undefined && value !== "";
  switch (operator) {
    case "Exists":
      return there;
    case "DoesNotExist":
      return !there;
    case "In":
      return there && values.includes(value);
    default:
      return !there || !values.includes(value);
  }
}

/** Whether a pod chooses its neighbours in other namespaces. */
function looksElsewhere({ affinity }: JsonObject): boolean {
  return ["podAffinity", "podAntiAffinity"].some((kind) => {
    const hard = items(at(affinity, kind, "requiredDuringSchedulingIgnoredDuringExecution"));
    const soft = items(at(affinity, kind, "preferredDuringSchedulingIgnoredDuringExecution"))
      .map((each) => each.podAffinityTerm);
    return [...hard, ...soft].some((term) =>
      ((at(term, "namespaces") ?? []) as string[]).length > 0 || at(term, "namespaceSelector") !== undefined
    );
  });
}

const serviceNames = ["count/services", "services", "services.nodeports", "services.loadbalancers"];

const ofServices: Evaluator = {
  concerns: (name) => serviceNames.includes(name),
  usage({ spec }) {
    const { type, ports, allocateLoadBalancerNodePorts } = spec as JsonObject;
    const balanced = type === "LoadBalancer";
    const open = balanced && allocateLoadBalancerNodePorts === false
      ? items(ports).filter(({ nodePort }) => nodePort)
      : items(ports);
    return new Map([
      ["count/services", count(1)],
      ["services", count(1)],
      ["services.loadbalancers", balanced ? count(1) : zero],
      ["services.nodeports", balanced || type === "NodePort" ? count(open.length) : zero],
    ]);
  },
  matches: () => false,
};

const claimNames = ["count/persistentvolumeclaims", "persistentvolumeclaims", "requests.storage"];
const ofClass = ".storageclass.storage.k8s.io/";

const ofClaims: Evaluator = {
  concerns: (name) =>
    claimNames.includes(name) ||
    ["persistentvolumeclaims", "requests.storage"].some((what) => name.endsWith(`${ofClass}${what}`)),
  usage({ metadata, spec, status }) {
    const used = new Map([["persistentvolumeclaims", count(1)], ["count/persistentvolumeclaims", count(1)]]);
    const storageClass = at(metadata, "annotations", "volume.beta.kubernetes.io/storage-class") ??
      at(spec, "storageClassName");
    if (storageClass) used.set(`${storageClass}${ofClass}persistentvolumeclaims`, count(1));
    const storage = storageOf(spec, status);
    if (storage === undefined) return used;
    used.set("requests.storage", storage);
    if (storageClass) used.set(`${storageClass}${ofClass}requests.storage`, storage);
    return used;
  },
  matches({ scopeName, operator, values }, { spec, status }) {
    if (scopeName !== "VolumeAttributesClass") return false;
    const names = [
      at(spec, "volumeAttributesClassName"),
      at(status, "currentVolumeAttributesClassName"),
      at(status, "modifyVolumeStatus", "targetVolumeAttributesClassName"),
    ].filter((name) => typeof name === "string" && name !== "") as string[];
    const scope = { scopeName, operator, values };
    return names.length === 0 ? isAmong(scope, undefined) : names.some((name) => isAmong(scope, name));
  },
};

/** Whole bytes of what is asked for, or of what is given where that is more. */
function storageOf(spec: unknown, status: unknown): Quantity | undefined {
  const asked = at(spec, "resources", "requests", "storage");
  if (asked === undefined) return undefined;
  const given = at(status, "allocatedResources", "storage");
  const wanted = parseQuantity(asked as string);
  const has = given === undefined ? wanted : parseQuantity(given as string);
  const { nano, notation } = has.nano > wanted.nano ? has : wanted;
  return { nano: wholeUnits({ nano, notation }) * 1_000_000_000n, notation };
}
