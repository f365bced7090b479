/** The cells of built-in kinds, in the order of their columns: what the API server computes of an object. */
import { at, isObject, type JsonObject } from "../json.ts";
import { ageOf, span } from "./age.ts";
import { typedSelector } from "../selectors/typed_selector.ts";
import { podCells } from "./pod_cells.ts";

type Cells = (object: JsonObject, now: number) => readonly unknown[];

const text = (value: unknown, none = ""): string =>
  value === undefined || value === null ? none : String(value);
const count = (value: unknown): number => Number(value ?? 0);
const list = (value: unknown): JsonObject[] => Array.isArray(value) ? value as JsonObject[] : [];
const size = (value: unknown): number => isObject(value) ? Object.keys(value).length : list(value).length;
const nameOf = (object: JsonObject): string => text(at(object, "metadata", "name"));
const since = (time: unknown, now: number): string =>
  typeof time === "string" && time !== "" ? ageOf(time, now) : "<unknown>";
const age: (object: JsonObject, now: number) => string = (object, now) =>
  since(at(object, "metadata", "creationTimestamp"), now);
const deleted = (object: JsonObject): boolean => at(object, "metadata", "deletionTimestamp") !== undefined;

/** `a=b,c=d`, sorted. */
function labels(value: unknown): string {
  if (size(value) === 0) return "<none>";
  return Object.entries(value as JsonObject).map(([key, item]) => `${key}=${item}`).sort().join(",");
}

const selector = (value: unknown): string => typedSelector(value) ?? "<none>";

function containers(template: unknown): [names: string, images: string] {
  const all = list(at(template, "spec", "containers"));
  return [all.map(({ name }) => name).join(","), all.map(({ image }) => text(image)).join(",")];
}

/** The first three of a list, and how many more. */
function firstThree(items: readonly string[], none: string): string {
  if (items.length === 0) return none;
  const shown = items.slice(0, 3).join(",");
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}

const modes: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};
const accessModes = (value: unknown): string =>
  Object.keys(modes).filter((mode) => list(value).includes(mode as never)).map((mode) => modes[mode]).join(
    ",",
  );

function storageClass(object: JsonObject): string {
  return text(
    at(object, "metadata", "annotations", "volume.beta.kubernetes.io/storage-class") ??
      at(object, "spec", "storageClassName"),
  );
}

function conditionHolds(object: JsonObject, type: string): boolean {
  return list(at(object, "status", "conditions")).some((each) =>
    each.type === type && each.status === "True"
  );
}

function jobStatus(object: JsonObject): string {
  const ends = ["Complete", "Failed"].find((type) => conditionHolds(object, type));
  if (ends !== undefined) return ends;
  if (deleted(object)) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find((type) => conditionHolds(object, type)) ??
    "Running";
}

function completions({ spec, status }: JsonObject): string {
  const done = count(at(status, "succeeded"));
  const wanted = at(spec, "completions");
  if (wanted !== undefined && wanted !== null) return `${done}/${wanted}`;
  const parallelism = count(at(spec, "parallelism"));
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function duration(object: JsonObject, now: number): string {
  const { startTime, completionTime } = (object.status ?? {}) as Record<string, string | undefined>;
  if (startTime === undefined) return "";
  return span((completionTime === undefined ? now : Date.parse(completionTime)) - Date.parse(startTime));
}

/** The width of a load balancer's addresses in a table. */
const addresses = (status: unknown): string =>
  [...new Set(list(at(status, "loadBalancer", "ingress")).map(({ ip, hostname }) => text(ip ?? hostname)))]
    .filter((address) => address !== "").sort().join(",");

function externalAddress({ spec, status }: JsonObject): string {
  const own = list(at(spec, "externalIPs")).map(String);
  switch (at(spec, "type")) {
    case "ExternalName":
      return text(at(spec, "externalName"));
    case "LoadBalancer":
      return [addresses(status), ...own].filter((each) => each !== "").join(",") || "<pending>";
    default:
      return own.join(",") || "<none>";
  }
}

function servicePorts(spec: unknown): string {
  return list(at(spec, "ports")).map(({ port, protocol, nodePort }) =>
    `${port}${count(nodePort) > 0 ? `:${nodePort}` : ""}/${protocol}`
  ).join(",") || "<none>";
}

function nodeStatus(object: JsonObject): string {
  const ready = list(at(object, "status", "conditions")).find(({ type }) => type === "Ready");
  const state = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return at(object, "spec", "unschedulable") === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles(object: JsonObject): string {
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.entries((at(object, "metadata", "labels") ?? {}) as JsonObject).flatMap(
    ([key, value]) => {
      if (key.startsWith(prefix)) return [key.slice(prefix.length)];
      return key === "kubernetes.io/role" ? [String(value)] : [];
    },
  );
  return [...new Set(roles)].filter((role) => role !== "").sort().join(",") || "<none>";
}

const nodeAddress = (object: JsonObject, wanted: string): string =>
  text(list(at(object, "status", "addresses")).find(({ type }) => type === wanted)?.address, "<none>");

/** What an autoscaler compares: what is measured, and what is wanted. */
function metrics({ spec, status }: JsonObject): string {
  const specs = list(at(spec, "metrics"));
  if (specs.length === 0) return "<none>";
  const now = list(at(status, "currentMetrics"));
  const shown = specs.slice(0, 2).map((each, i) => metric(each, now[i] ?? {})).join(", ");
  return specs.length > 2 ? `${shown} + ${specs.length - 2} more...` : shown;
}

function metric(spec: JsonObject, current: JsonObject): string {
  const type = String(spec.type ?? "");
  const key = type.charAt(0).toLowerCase() + type.slice(1);
  const target = at(spec, key, "target") as JsonObject | undefined;
  const measured = at(current, key, "current") as JsonObject | undefined;
  if (target === undefined) return "<unknown type>";
  const average = target.averageValue;
  const one = (name: string) => text(measured?.[name], "<unknown>");
  switch (type) {
    case "Resource":
    case "ContainerResource": {
      const name = at(spec, key, "name");
      if (average !== undefined) return `${name}: ${one("averageValue")}/${average}`;
      const percent = measured?.averageUtilization === undefined
        ? "<unknown>"
        : `${measured.averageUtilization}%`;
      return `${name}: ${percent}/${
        target.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`
      }`;
    }
    case "Pods":
      return `${one("averageValue")}/${text(average, "0")}`;
    default:
      return average === undefined
        ? `${one("value")}/${text(target.value, "0")}`
        : `${one("averageValue")}/${average} (avg)`;
  }
}

function eventCells(object: JsonObject, now: number): unknown[] {
  const { involvedObject: about, series, source } = object as Record<string, JsonObject | undefined>;
  const first = since(object.firstTimestamp ?? object.eventTime, now);
  const last = series !== undefined
    ? since(series.lastObservedTime, now)
    : object.lastTimestamp
    ? since(object.lastTimestamp, now)
    : first;
  const kind = text(about?.kind).toLowerCase();
  const component = text(source?.component || object.reportingComponent);
  const host = text(source?.host || object.reportingInstance);
  return [
    last,
    text(object.type),
    text(object.reason),
    about?.name ? `${kind}/${about.name}` : kind,
    text(about?.fieldPath),
    host === "" ? component : `${component}, ${host}`,
    text(object.message).trim(),
    first,
    count(series?.count ?? object.count) || 1,
    nameOf(object),
  ];
}

/** What is used of what may be, for requests and for limits. */
function quota({ status }: JsonObject): [requests: string, limits: string] {
  const hard = (at(status, "hard") ?? {}) as JsonObject;
  const said = (limits: boolean) =>
    Object.keys(hard).sort().filter((name) => name.startsWith("limits.") === limits)
      .map((name) => `${name}: ${text(at(status, "used", name), "0")}/${hard[name]}`).join(", ");
  return [said(false), said(true)];
}

function subjects(object: JsonObject): string[] {
  const all = list(object.subjects);
  const names = (kind: string) => all.filter((each) => each.kind === kind);
  return [
    names("User").map(({ name }) => name).join(", "),
    names("Group").map(({ name }) => name).join(", "),
    names("ServiceAccount").map(({ name, namespace }) => namespace ? `${namespace}/${name}` : `/${name}`)
      .join(", "),
  ];
}

function binding(object: JsonObject, now: number): unknown[] {
  const { kind, name } = object.roleRef as JsonObject;
  return [nameOf(object), `${kind}/${name}`, age(object, now), ...subjects(object)];
}

function endpoints({ subsets }: JsonObject): string {
  const all = list(subsets).flatMap(({ addresses, ports }) => {
    const ips = list(addresses).map(({ ip }) => String(ip));
    return size(ports) === 0 ? ips : list(ports).flatMap(({ port }) => ips.map((ip) => `${ip}:${port}`));
  });
  return firstThree(all, "<none>");
}

function workload(object: JsonObject): unknown[] {
  return [...containers(at(object, "spec", "template")), selector(at(object, "spec", "selector"))];
}

const webhookCells: Cells = (object, now) => [nameOf(object), list(object.webhooks).length, age(object, now)];

const cells: Readonly<Record<string, Cells>> = {
  configmaps: (
    object,
    now,
  ) => [nameOf(object), size(object.data) + size(object.binaryData), age(object, now)],
  endpoints: (object, now) => [nameOf(object), endpoints(object), age(object, now)],
  events: eventCells,
  namespaces: (object, now) => [nameOf(object), text(at(object, "status", "phase")), age(object, now)],
  nodes: (object, now) => {
    const info = (name: string, none: string) =>
      text(at(object, "status", "nodeInfo", name) || undefined, none);
    return [
      nameOf(object),
      nodeStatus(object),
      nodeRoles(object),
      age(object, now),
      info("kubeletVersion", ""),
      nodeAddress(object, "InternalIP"),
      nodeAddress(object, "ExternalIP"),
      info("osImage", "<unknown>"),
      info("kernelVersion", "<unknown>"),
      info("containerRuntimeVersion", "<unknown>"),
    ];
  },
  persistentvolumeclaims: (object, now) => {
    const bound = text(at(object, "spec", "volumeName"));
    return [
      nameOf(object),
      deleted(object) ? "Terminating" : text(at(object, "status", "phase")),
      bound,
      bound === "" ? "" : text(at(object, "status", "capacity", "storage"), "0"),
      bound === "" ? "" : accessModes(at(object, "status", "accessModes")),
      storageClass(object),
      text(at(object, "spec", "volumeAttributesClassName"), "<unset>"),
      age(object, now),
      text(at(object, "spec", "volumeMode"), "<unset>"),
    ];
  },
  persistentvolumes: (object, now) => {
    const claim = at(object, "spec", "claimRef") as JsonObject | undefined;
    return [
      nameOf(object),
      text(at(object, "spec", "capacity", "storage"), "0"),
      accessModes(at(object, "spec", "accessModes")),
      text(at(object, "spec", "persistentVolumeReclaimPolicy")),
      deleted(object) ? "Terminating" : text(at(object, "status", "phase")),
      claim === undefined ? "" : `${text(claim.namespace)}/${text(claim.name)}`,
      storageClass(object),
      text(at(object, "spec", "volumeAttributesClassName"), "<unset>"),
      text(at(object, "status", "reason")),
      age(object, now),
      text(at(object, "spec", "volumeMode"), "<unset>"),
    ];
  },
  pods: (object, now) => podCells(object, age(object, now), now),
  "validatingadmissionpolicies.admissionregistration.k8s.io": (object, now) => {
    const kind = at(object, "spec", "paramKind");
    const param = kind === undefined ? "<unset>" : `${at(kind, "apiVersion")}/${at(kind, "kind")}`;
    return [nameOf(object), list(at(object, "spec", "validations")).length, param, age(object, now)];
  },
  "validatingadmissionpolicybindings.admissionregistration.k8s.io": (object, now) => {
    const name = at(object, "spec", "paramRef", "name");
    const param = name ? `${at(object, "spec", "paramRef", "namespace") ?? "*"}/${name}` : "<unset>";
    return [nameOf(object), text(at(object, "spec", "policyName")), param, age(object, now)];
  },
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhookCells,
  "validatingwebhookconfigurations.admissionregistration.k8s.io": webhookCells,
  resourcequotas: (object, now) => [nameOf(object), ...quota(object), age(object, now)],
  secrets: (object, now) => [nameOf(object), text(object.type), size(object.data), age(object, now)],
  serviceaccounts: (object, now) => [nameOf(object), age(object, now)],
  services: (object, now) => [
    nameOf(object),
    text(at(object, "spec", "type")),
    text(list(at(object, "spec", "clusterIPs"))[0], "<none>"),
    externalAddress(object),
    servicePorts(object.spec),
    age(object, now),
    labels(at(object, "spec", "selector")),
  ],
  "controllerrevisions.apps": (object, now) => {
    const owner = list(at(object, "metadata", "ownerReferences")).find(({ controller }) =>
      controller === true
    );
    const group = text(owner?.apiVersion).split("/").slice(0, -1).map((part) => `.${part}`).join("");
    const name = owner === undefined ? "<none>" : `${text(owner.kind).toLowerCase()}${group}/${owner.name}`;
    return [nameOf(object), name, count(object.revision), age(object, now)];
  },
  "daemonsets.apps": (object, now) => [
    nameOf(object),
    ...[
      "desiredNumberScheduled",
      "currentNumberScheduled",
      "numberReady",
      "updatedNumberScheduled",
      "numberAvailable",
    ].map((name) => count(at(object, "status", name))),
    labels(at(object, "spec", "template", "spec", "nodeSelector")),
    age(object, now),
    ...workload(object),
  ],
  "deployments.apps": (object, now) => [
    nameOf(object),
    `${count(at(object, "status", "readyReplicas"))}/${count(at(object, "spec", "replicas"))}`,
    count(at(object, "status", "updatedReplicas")),
    count(at(object, "status", "availableReplicas")),
    age(object, now),
    ...workload(object),
  ],
  "replicasets.apps": (object, now) => [
    nameOf(object),
    count(at(object, "spec", "replicas")),
    count(at(object, "status", "replicas")),
    count(at(object, "status", "readyReplicas")),
    age(object, now),
    ...workload(object),
  ],
  "statefulsets.apps": (object, now) => [
    nameOf(object),
    `${count(at(object, "status", "readyReplicas"))}/${count(at(object, "spec", "replicas"))}`,
    age(object, now),
    ...containers(at(object, "spec", "template")),
  ],
  "horizontalpodautoscalers.autoscaling": (object, now) => {
    const { kind, name } = at(object, "spec", "scaleTargetRef") as JsonObject;
    return [
      nameOf(object),
      `${kind}/${name}`,
      metrics(object),
      text(at(object, "spec", "minReplicas"), "<unset>"),
      count(at(object, "spec", "maxReplicas")),
      count(at(object, "status", "currentReplicas")),
      age(object, now),
    ];
  },
  "cronjobs.batch": (object, now) => {
    const last = at(object, "status", "lastScheduleTime");
    const suspend = at(object, "spec", "suspend");
    return [
      nameOf(object),
      text(at(object, "spec", "schedule")),
      text(at(object, "spec", "timeZone"), "<none>"),
      suspend === undefined ? "<unset>" : suspend === true ? "True" : "False",
      size(at(object, "status", "active")),
      last === undefined ? "<none>" : since(last, now),
      age(object, now),
      ...containers(at(object, "spec", "jobTemplate", "spec", "template")),
      selector(at(object, "spec", "jobTemplate", "spec", "selector")),
    ];
  },
  "jobs.batch": (object, now) => [
    nameOf(object),
    jobStatus(object),
    completions(object),
    duration(object, now),
    age(object, now),
    ...workload(object),
  ],
  "leases.coordination.k8s.io": (object, now) => [
    nameOf(object),
    text(at(object, "spec", "holderIdentity")),
    age(object, now),
  ],
  "endpointslices.discovery.k8s.io": (object, now) => [
    nameOf(object),
    text(object.addressType),
    firstThree(list(object.ports).map(({ port, name }) => text(port ?? name, "*")), "<unset>"),
    firstThree(list(object.endpoints).flatMap(({ addresses }) => list(addresses).map(String)), "<unset>"),
    age(object, now),
  ],
  "ingresses.networking.k8s.io": (object, now) => [
    nameOf(object),
    text(at(object, "spec", "ingressClassName"), "<none>"),
    firstThree(
      list(at(object, "spec", "rules")).map(({ host }) => text(host)).filter((host) => host !== ""),
      "*",
    ),
    addresses(object.status),
    size(at(object, "spec", "tls")) > 0 ? "80, 443" : "80",
    age(object, now),
  ],
  "networkpolicies.networking.k8s.io": (object, now) => [
    nameOf(object),
    selector(at(object, "spec", "podSelector")),
    age(object, now),
  ],
  "poddisruptionbudgets.policy": (object, now) => [
    nameOf(object),
    text(at(object, "spec", "minAvailable"), "N/A"),
    text(at(object, "spec", "maxUnavailable"), "N/A"),
    count(at(object, "status", "disruptionsAllowed")),
    age(object, now),
  ],
  "rolebindings.rbac.authorization.k8s.io": binding,
  "clusterrolebindings.rbac.authorization.k8s.io": binding,
  "priorityclasses.scheduling.k8s.io": (object, now) => [
    nameOf(object),
    count(object.value),
    object.globalDefault === true,
    age(object, now),
    text(object.preemptionPolicy),
  ],
  "csidrivers.storage.k8s.io": (object, now) => {
    const { spec } = object;
    const requests = at(spec, "tokenRequests");
    return [
      nameOf(object),
      at(spec, "attachRequired") !== false,
      at(spec, "podInfoOnMount") === true,
      at(spec, "storageCapacity") === true,
      requests === undefined ? "<unset>" : list(requests).map(({ audience }) => audience).join(","),
      at(spec, "requiresRepublish") === true,
      list(at(spec, "volumeLifecycleModes")).join(",") || "<none>",
      age(object, now),
    ];
  },
  "storageclasses.storage.k8s.io": (object, now) => {
    const annotations = at(object, "metadata", "annotations");
    const isDefault = ["storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"].some((group) =>
      at(annotations, `${group}/is-default-class`) === "true"
    );
    return [
      `${nameOf(object)}${isDefault ? " (default)" : ""}`,
      text(object.provisioner),
      text(object.reclaimPolicy, "Delete"),
      text(object.volumeBindingMode, "Immediate"),
      object.allowVolumeExpansion === true,
      age(object, now),
    ];
  },
};

/** The cells of an object. Of a kind without columns of its own: its name, and when it was made. */
export function builtInCells(shelf: string, object: JsonObject, now: number): readonly unknown[] {
  return cells[shelf]?.(object, now) ?? [nameOf(object), text(at(object, "metadata", "creationTimestamp"))];
}
