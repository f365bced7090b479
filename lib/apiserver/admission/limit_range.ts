/** LimitRange: what containers get that do not say what they want, and what pods and claims may want. */
import { formatQuantity, type Quantity } from "../../api/values/quantity.ts";
import type { Cluster } from "../cluster.ts";
import { at, type JsonObject } from "../json.ts";
import { forbidden } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { type Amounts, amountsOf } from "./amounts.ts";
import { type Attributes, isBuiltIn, nameOf, namespaceOf } from "./attributes.ts";
import { amountsOfPod, containersOf, initContainersOf, items } from "./pod_amounts.ts";

/** Where it is written which of a pod's requests and limits are not its own. */
const annotation = "kubernetes.io/limit-ranger";

/** Gives a new pod's containers what the ranges of its namespace say by default; the pod belongs to the caller. */
export function giveDefaults(cluster: Cluster, attributes: Attributes): void {
  if (!isBuiltIn(attributes, "", "Pod") || attributes.operation !== "CREATE") return;
  for (const range of rangesOf(cluster, attributes)) giveDefaultsOf(range, attributes.object);
}

function giveDefaultsOf(range: StoredObject, pod: JsonObject): void {
  const defaults = { requests: {}, limits: {} };
  for (const limit of limitsOf(range, "Container")) {
    Object.assign(defaults.requests, limit.defaultRequest);
    Object.assign(defaults.limits, limit.default);
  }
  const said = [
    ...containersOf(pod.spec).flatMap((each) => complete(each, "container", defaults)),
    ...initContainersOf(pod.spec).flatMap((each) => complete(each, "init container", defaults)),
  ];
  if (said.length === 0) return;
  const metadata = pod.metadata as JsonObject;
  const text = `LimitRanger plugin set: ${said.join("; ")}`;
  metadata.annotations = { ...metadata.annotations as JsonObject, [annotation]: text };
}

/** Completes a container; says what was added. */
function complete(
  container: JsonObject,
  what: string,
  defaults: Readonly<Record<"requests" | "limits", JsonObject>>,
): string[] {
  const resources = { ...container.resources as JsonObject };
  const said = (["requests", "limits"] as const).flatMap((part) => {
    const there = (resources[part] ?? {}) as JsonObject;
    const added = Object.keys(defaults[part]).filter((name) => there[name] === undefined).sort();
    if (added.length === 0) return [];
    resources[part] = { ...defaults[part], ...there };
    return [`${added.join(", ")} ${part.slice(0, -1)} for ${what} ${container.name}`];
  });
  if (said.length > 0) container.resources = resources;
  return said;
}

/** @throws Refusal 403 for a pod or a claim that is out of a range */
export function checkLimits(cluster: Cluster, attributes: Attributes): void {
  const { object, operation, subresource, old } = attributes;
  const pod = isBuiltIn(attributes, "", "Pod");
  if (subresource || operation === "DELETE" || old?.metadata.deletionTimestamp !== undefined) return;
  if (pod ? operation !== "CREATE" : !isBuiltIn(attributes, "", "PersistentVolumeClaim")) return;
  for (const range of rangesOf(cluster, attributes)) {
    const faults = pod ? podFaults(range, object) : claimFaults(range, object);
    if (faults.length === 0) continue;
    const different = [...new Set(faults)];
    const why = different.length === 1 ? different[0] : `[${different.join(", ")}]`;
    throw forbidden(attributes.kind, nameOf(attributes), why);
  }
}

function rangesOf(cluster: Cluster, attributes: Attributes): StoredObject[] {
  return cluster.store.list("limitranges", namespaceOf(attributes));
}

function limitsOf({ spec }: JsonObject, type: string): JsonObject[] {
  return items(at(spec, "limits")).filter((limit) => limit.type === type);
}

interface Wanted {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

function podFaults(range: StoredObject, { spec }: JsonObject): string[] {
  const containers = [...containersOf(spec), ...initContainersOf(spec)].map(({ resources }) => ({
    requests: amountsOf(at(resources, "requests")),
    limits: amountsOf(at(resources, "limits")),
  }));
  const whole = {
    requests: amountsOfPod(spec, "requests", { overhead: false }),
    limits: amountsOfPod(spec, "limits", { overhead: false }),
  };
  return items(at(range.spec, "limits")).flatMap((limit) => {
    if (limit.type === "Container") return containers.flatMap((each) => faultsOf(limit, each));
    return limit.type === "Pod" ? faultsOf(limit, whole) : [];
  });
}

function claimFaults(range: StoredObject, { spec }: JsonObject): string[] {
  const requests = amountsOf(at(spec, "resources", "requests"));
  return limitsOf(range, "PersistentVolumeClaim").flatMap((limit) => [
    ...faultsOf({ type: limit.type, min: limit.min }, { requests, limits: new Map() }),
    ...[...amountsOf(limit.max)].flatMap(([name, most]) => {
      const usage = `maximum ${name} usage per ${limit.type} is ${formatQuantity(most)}`;
      const request = requests.get(name);
      if (request === undefined) return [`${usage}.  No request is specified`];
      return request.nano > most.nano ? [`${usage}, but request is ${formatQuantity(request)}`] : [];
    }),
  ]);
}

function faultsOf(limit: JsonObject, { requests, limits }: Wanted): string[] {
  const each = (list: unknown, fault: (name: string, bound: Quantity) => string | undefined) =>
    [...amountsOf(list)].flatMap(([name, bound]) => fault(name, bound) ?? []);
  return [
    ...each(limit.min, (name, least) => {
      const usage = `minimum ${name} usage per ${limit.type} is ${formatQuantity(least)}`;
      const [request, most] = [requests.get(name), limits.get(name)];
      if (request === undefined) return `${usage}.  No request is specified`;
      if (request.nano < least.nano) return `${usage}, but request is ${formatQuantity(request)}`;
      return most !== undefined && most.nano < least.nano
        ? `${usage}, but limit is ${formatQuantity(most)}`
        : undefined;
    }),
    ...each(limit.max, (name, most) => {
      const usage = `maximum ${name} usage per ${limit.type} is ${formatQuantity(most)}`;
      const [request, own] = [requests.get(name), limits.get(name)];
      if (own === undefined) return `${usage}.  No limit is specified`;
      if (own.nano > most.nano) return `${usage}, but limit is ${formatQuantity(own)}`;
      return request !== undefined && request.nano > most.nano
        ? `${usage}, but request is ${formatQuantity(request)}`
        : undefined;
    }),
    ...each(limit.maxLimitRequestRatio, (name, ratio) => {
      const rule = `${name} max limit to request ratio per ${limit.type} is ${formatQuantity(ratio)}`;
      const [request, own] = [requests.get(name), limits.get(name)];
      if (!request?.nano) return `${rule}, but no request is specified or request is 0`;
      if (!own?.nano) return `${rule}, but no limit is specified or limit is 0`;
      const shown = (Number(own.nano) / Number(request.nano)).toFixed(6);
      return own.nano * 1_000_000_000n > ratio.nano * request.nano
        ? `${rule}, but provided ratio is ${shown}`
        : undefined;
    }),
  ];
}
