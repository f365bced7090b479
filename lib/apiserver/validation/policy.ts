/** What is refused of autoscalers, budgets, quotas, limits, priorities, leases, events, nodes and roles. */
import { equalJson } from "../../kube/json/equal.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import {
  type FieldError,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from "../schema/field_error.ts";
import {
  above,
  asGo,
  atLeast,
  atMostAll,
  cidr,
  countOrPercent,
  duplicate,
  each,
  type Errors,
  isMore,
  labelValue,
  listOf,
  none,
  objectOf,
  oneOf,
  present,
  qualifiedName,
  quantity,
  selector,
} from "./values.ts";

/** What can be scaled is of a group, but for one kind. */
function groupErrors({ apiVersion = "", kind }: JsonObject): Errors {
  if (kind === "ReplicationController" || String(apiVersion).includes("/")) return none;
  return [invalidValue("spec.scaleTargetRef.apiVersion", apiVersion, "apiVersion must specify API group")];
}

export function autoscalerErrors({ spec }: JsonObject, old?: JsonObject): Errors {
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics, behavior } = objectOf(spec);
  const outside = listOf(metrics).some(({ type }) => type === "Object" || type === "External");
  const found: FieldError[] = [];
  found.push(...atLeast("spec.minReplicas", minReplicas, 1));
  found.push(...above("spec.maxReplicas", maxReplicas, 0));
  if (minReplicas !== undefined && Number(maxReplicas) < Number(minReplicas)) {
    found.push(
      invalidValue("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"),
    );
  }
  for (const name of ["kind", "name"]) {
    const value = at(scaleTargetRef, name);
    if (!value) found.push(requiredValue(`spec.scaleTargetRef.${name}`));
    else if (String(value).includes("/")) {
      found.push(invalidValue(`spec.scaleTargetRef.${name}`, value, "may not contain '/'"));
    }
  }
  const before = at(old, "spec", "scaleTargetRef");
  const sameTarget = ["apiVersion", "kind"].every((name) => at(before, name) === at(scaleTargetRef, name));
  if (!(before !== undefined && sameTarget)) found.push(...groupErrors(objectOf(scaleTargetRef)));
  found.push(...each("spec.metrics", metrics, metricErrors));
  if (minReplicas === 0 && !outside) {
    const why = "must specify at least one Object or External metric to support scaling to zero replicas";
    found.push(forbiddenValue("spec.metrics", why));
  }
  for (const name of ["scaleUp", "scaleDown"]) {
    const rules = at(behavior, name);
    if (isObject(rules)) found.push(...scalingErrors(rules, `spec.behavior.${name}`));
  }
  return found;
}

function scalingErrors({ stabilizationWindowSeconds: window, policies }: JsonObject, path: string): Errors {
  return [
    ...atLeast(`${path}.stabilizationWindowSeconds`, window, 0),
    ...Number(window ?? 0) > 3600
      ? [invalidValue(`${path}.stabilizationWindowSeconds`, window, "must be less than or equal to 3600")]
      : none,
    ...listOf(policies).length === 0
      ? [requiredValue(`${path}.policies`, "must specify at least one Policy")]
      : none,
  ];
}

const metricTypes = ["ContainerResource", "External", "Object", "Pods", "Resource"];

function metricErrors(metric: JsonObject, path: string): Errors {
  const type = String(metric.type ?? "");
  const wrong = unsupportedValue(`${path}.type`, type, metricTypes);
  if (!metricTypes.includes(type)) return [wrong, wrong]; // the original says so twice
  const key = type.charAt(0).toLowerCase() + type.slice(1);
  const source = metric[key];
  const place = `${path}.${key}`;
  if (!isObject(source)) {
    return [requiredValue(place, "must populate information for the given metric source")];
  }
  const target = objectOf(source.target);
  const { averageUtilization, averageValue, value } = target;
  const positive = (name: string, amount: unknown): Errors =>
    amount !== undefined && !isMore(amount, "0")
      ? [invalidValue(`${place}.target.${name}`, String(amount), "must be positive")]
      : none;
  const types = oneOf("", target.type, ["Utilization", "Value", "AverageValue"]).length > 0
    ? [
      invalidValue(`${place}.target.type`, target.type, "must be either Utilization, Value, or AverageValue"),
    ]
    : none;
  if (type === "Resource" || type === "ContainerResource") {
    return [
      ...source.name ? none : [requiredValue(`${place}.name`, "must specify a resource name")],
      ...types,
      ...averageUtilization === undefined && averageValue === undefined
        ? [
          requiredValue(
            `${place}.target.averageUtilization`,
            "must set either a target raw value or a target utilization",
          ),
        ]
        : none,
      ...positive("averageValue", averageValue),
    ];
  }
  const named = at(source, "metric", "name")
    ? none
    : [requiredValue(`${place}.metric.name`, "must specify a metric name")];
  if (type === "Pods") {
    return [
      ...named,
      ...types,
      ...isMore(averageValue, "0")
        ? none
        : [requiredValue(`${place}.target.averageValue`, "must specify a positive target averageValue")],
    ];
  }
  return [...named, ...types, ...positive("value", value), ...positive("averageValue", averageValue)];
}

export function budgetErrors({ spec }: JsonObject): Errors {
  const said = objectOf(spec);
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = said;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const fields = ["minAvailable", "selector", "maxUnavailable", "unhealthyPodEvictionPolicy"];
    return [invalidValue("spec", asGo(said, fields), "minAvailable and maxUnavailable cannot be both set")];
  }
  return [
    ...["minAvailable", "maxUnavailable"].flatMap((name) => [
      ...countOrPercent(`spec.${name}`, said[name]),
      ...atMostAll(`spec.${name}`, said[name]),
    ]),
    ...oneOf("spec.unhealthyPodEvictionPolicy", unhealthyPodEvictionPolicy, [
      "AlwaysAllow",
      "IfHealthyBudget",
    ]),
    ...selector("spec.selector", said.selector),
  ];
}

/** Names without a prefix that a quota may count. */
const quotaNames =
  /^((requests|limits)\.)?(cpu|memory|ephemeral-storage)$|^requests\.storage$|^(pods|services|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims|services\.(nodeports|loadbalancers))$|^(requests\.)?hugepages-/;
const scopes = [
  "Terminating",
  "NotTerminating",
  "BestEffort",
  "NotBestEffort",
  "PriorityClass",
  "CrossNamespacePodAffinity",
];

export function quotaErrors({ spec }: JsonObject, old?: JsonObject): Errors {
  const { hard, scopes: said } = objectOf(spec);
  const before = listOf(at(old, "spec", "scopes"));
  const fixed = old !== undefined && !equalJson([...listOf(said)].sort(), [...before].sort());
  return [
    ...Object.entries(objectOf(hard)).flatMap(([name, value]) => {
      const path = `spec.hard[${name}]`;
      const whole = !/cpu|memory|storage/.test(name);
      if (name.includes("/")) return [...qualifiedName(path, name), ...quantity(path, value, { whole })];
      if (quotaNames.test(name)) return quantity(path, value, { whole });
      return [
        ...name === "storage"
          ? none
          : [invalidValue(path, name, "must be a standard resource type or fully qualified")],
        invalidValue(path, name, "must be a standard resource for quota"),
      ];
    }),
    ...listOf(said).some((scope) => !scopes.includes(scope as unknown as string))
      ? [invalidValue("spec.scopes", said, "unsupported scope")]
      : none,
    ...fixed ? [invalidValue("spec.scopes", said ?? null, "field is immutable")] : none,
  ];
}

export function limitErrors({ spec }: JsonObject): Errors {
  const types = new Set<unknown>();
  return each("spec.limits", at(spec, "limits"), (limit, path) => {
    const { type } = limit;
    if (!type) return qualifiedName(`${path}.type`, "");
    if (types.has(type)) return [duplicate(`${path}.type`, type)];
    types.add(type);
    return Object.entries(objectOf(limit.min)).flatMap(([name, least]) => [
      ...tooSmall(least, at(limit.max, name), `${path}.min[${name}]`, least, "max value"),
      ...tooSmall(
        least,
        at(limit.defaultRequest, name),
        `${path}.defaultRequest[${name}]`,
        at(limit.defaultRequest, name),
        "default request value",
      ),
      ...tooSmall(least, at(limit.default, name), `${path}.default[${name}]`, least, "default value"),
    ]);
  });
}

function tooSmall(least: unknown, value: unknown, path: string, shown: unknown, what: string): Errors {
  if (!isMore(least, value)) return none;
  return [invalidValue(path, String(shown), `min value ${least} is greater than ${what} ${value}`)];
}

export function priorityErrors(object: JsonObject, old?: JsonObject): Errors {
  const value = Number(object.value ?? 0);
  if (old !== undefined) {
    return ["value", "preemptionPolicy"].filter((name) => !equalJson(object[name], old[name])).map((name) =>
      forbiddenValue(name, "may not be changed in an update.")
    );
  }
  const name = String(at(object, "metadata", "name") ?? "");
  const mine = name.startsWith("system-");
  return [
    ...mine
      ? [
        forbiddenValue(
          "metadata.name",
          "priority class names with 'system-' prefix are reserved for system use only. error: " +
            `${name} is not a known system priority class`,
        ),
      ]
      : none,
    ...value > 1_000_000_000 && !mine
      ? [forbiddenValue("value", "maximum allowed value of a user defined priority is 1000000000")]
      : none,
    ...oneOf("preemptionPolicy", object.preemptionPolicy, ["PreemptLowerPriority", "Never"]),
  ];
}

export function leaseErrors({ spec }: JsonObject): Errors {
  const { leaseDurationSeconds, leaseTransitions } = objectOf(spec);
  return [
    ...above("spec.leaseDurationSeconds", leaseDurationSeconds, 0),
    ...atLeast("spec.leaseTransitions", leaseTransitions, 0),
  ];
}

export function eventErrors(object: JsonObject): Errors {
  const namespace = at(object, "metadata", "namespace");
  const about = at(object, "involvedObject", "namespace") ?? "";
  if (about !== namespace && !(about === "" && namespace === "default")) {
    return [invalidValue("involvedObject.namespace", about, "does not match event.namespace")];
  }
  if (!object.eventTime) return none;
  return [
    ...object.reportingComponent ? none : [requiredValue("reportingComponent")],
    ...qualifiedName("reportingComponent", object.reportingComponent ?? ""),
    ...present("reportingInstance", object.reportingInstance),
    ...present("action", object.action),
    ...present("reason", object.reason),
  ];
}

export function nodeErrors({ spec }: JsonObject): Errors {
  const { taints, podCIDR } = objectOf(spec);
  const seen = new Set<string>();
  return [
    ...each("metadata.taints", taints, ({ key, value, effect }, path) => {
      const pair = `${key}/${effect}`;
      const again = seen.has(pair);
      seen.add(pair);
      const words = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
      return [
        ...qualifiedName(`${path}.key`, key ?? ""),
        ...labelValue(`${path}.value`, value ?? ""),
        ...oneOf(`${path}.effect`, effect, words, false),
        ...again ? [doubledTaint(path, key, value, effect)] : none,
      ];
    }),
    ...podCIDR ? cidr("spec.podCIDRs[0]", podCIDR) : none,
  ];
}

function doubledTaint(path: string, key: unknown, value: unknown, effect: unknown): FieldError {
  const { detail, ...rest } = duplicate(path, {
    Key: key,
    Value: value ?? "",
    Effect: effect,
    TimeAdded: null,
  });
  return { ...rest, detail: `${detail}: taints must be unique by key and effect pair` };
}

/** @param namespaced whether it holds in one namespace */
export function roleErrors(object: JsonObject, namespaced: boolean): Errors {
  return each("rules", object.rules, ({ verbs, apiGroups, resources, nonResourceURLs }, path) => {
    const none_ = (value: unknown) => listOf(value).length === 0;
    const found: FieldError[] = [];
    if (none_(verbs)) found.push(requiredValue(`${path}.verbs`, "verbs must contain at least one value"));
    if (!none_(nonResourceURLs)) {
      if (!namespaced) return found;
      const why = "namespaced rules cannot apply to non-resource URLs";
      return [...found, invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, why)];
    }
    if (none_(apiGroups)) {
      found.push(requiredValue(`${path}.apiGroups`, "resource rules must supply at least one api group"));
    }
    if (none_(resources)) {
      found.push(requiredValue(`${path}.resources`, "resource rules must supply at least one resource"));
    }
    return found;
  });
}

export function bindingErrors(object: JsonObject, old: JsonObject | undefined, namespaced: boolean): Errors {
  const { apiGroup, kind, name } = objectOf(object.roleRef);
  const kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  const before = objectOf(old?.roleRef);
  return [
    ...apiGroup === "rbac.authorization.k8s.io"
      ? none
      : [unsupportedValue("roleRef.apiGroup", apiGroup ?? "", ["rbac.authorization.k8s.io"])],
    ...kinds.includes(kind as string) ? none : [unsupportedValue("roleRef.kind", kind ?? "", kinds)],
    ...name ? none : [requiredValue("roleRef.name")],
    ...each("subjects", object.subjects, (subject, path) => [
      ...subject.name ? none : [requiredValue(`${path}.name`)],
      ...oneOf(`${path}.kind`, subject.kind ?? "", ["ServiceAccount", "User", "Group"], false),
      ...subject.kind === "ServiceAccount" && !subject.namespace && !namespaced
        ? [requiredValue(`${path}.namespace`)]
        : none,
    ]),
    ...old === undefined || equalJson(object.roleRef, old.roleRef) || Object.keys(before).length === 0
      ? none
      : [invalidValue("roleRef", { APIGroup: apiGroup, Kind: kind, Name: name }, "cannot change roleRef")],
  ];
}
