/** What is refused of the spec of a pod, be it a pod's own or that of a template. */
import { canonicalQuantity, isQuantity, sameQuantity } from "../../api/values/quantity.ts";
import { isObject, type JsonObject } from "../json.ts";
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "../schema/field_error.ts";
import {
  asGo,
  atLeast,
  between,
  duplicate,
  each,
  type Errors,
  isMore,
  label,
  labels,
  listOf,
  none,
  notFoundValue,
  objectOf,
  oneOf,
  port,
  portName,
  portOrName,
  present,
  qualifiedName,
  quantity,
  selector,
  subdomain,
  unique,
} from "./values.ts";

/** Specs in which nothing was wrong, as a pod's own and as a template's: a write of a status brings the stored one again. */
const judged = { own: new WeakSet<object>(), template: new WeakSet<object>() };

/** @param own whether it is a pod's own, and no template's */
export function podSpecErrors(spec: unknown, path: string, own: boolean): Errors {
  const fine = own ? judged.own : judged.template;
  const stored = isObject(spec) && Object.isFrozen(spec);
  if (stored && fine.has(spec)) return none;
  const errors = errorsOf(spec, path, own);
  if (stored && errors.length === 0) fine.add(spec);
  return errors;
}

function errorsOf(spec: unknown, path: string, own: boolean): Errors {
  const said = objectOf(spec);
  const volumeNames = new Set(listOf(said.volumes).map(({ name }) => name));
  const container = (at: string) => (each: JsonObject, place: string) =>
    containerErrors(each, place || at, volumeNames, own);
  const names = listOf(said.containers).map(({ name }) => name);
  return [
    ...volumeErrors(said.volumes, `${path}.volumes`),
    ...present(`${path}.containers`, said.containers),
    ...each(`${path}.containers`, said.containers, container(path)),
    ...unique(`${path}.containers`, names),
    ...each(`${path}.initContainers`, said.initContainers, container(path)),
    ...listOf(said.initContainers).flatMap(({ name }, i) =>
      names.includes(name) ? [duplicate(`${path}.initContainers[${i}].name`, name)] : []
    ),
    ...oneOf(`${path}.restartPolicy`, said.restartPolicy, ["Always", "OnFailure", "Never"]),
    ...oneOf(`${path}.dnsPolicy`, said.dnsPolicy, [
      "ClusterFirstWithHostNet",
      "ClusterFirst",
      "Default",
      "None",
    ]),
    ...labels(`${path}.nodeSelector`, said.nodeSelector),
    ...optional(said.serviceAccountName, (name) => subdomain(`${path}.serviceAccountName`, name)),
    ...optional(said.nodeName, (name) => subdomain(`${path}.nodeName`, name)),
    ...optional(said.hostname, (name) => label(`${path}.hostname`, name)),
    ...between(`${path}.activeDeadlineSeconds`, said.activeDeadlineSeconds, 1, 2147483647),
    ...each(`${path}.tolerations`, said.tolerations, tolerationErrors),
    ...affinityErrors(said.affinity, `${path}.affinity`),
  ];
}

function optional(value: unknown, check: (value: unknown) => Errors): Errors {
  return value === undefined || value === null || value === "" ? none : check(value);
}

function containerErrors(
  container: JsonObject,
  path: string,
  volumes: ReadonlySet<unknown>,
  own: boolean,
): Errors {
  const { name, image, resources, ports, env, volumeMounts } = container;
  return [
    ...name === undefined || name === "" ? [requiredValue(`${path}.name`)] : label(`${path}.name`, name),
    ...imageErrors(image, `${path}.image`, own),
    ...oneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, ["Always", "IfNotPresent", "Never"]),
    ...oneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, [
      "File",
      "FallbackToLogsOnError",
    ]),
    ...each(`${path}.ports`, ports, portErrors),
    ...unique(`${path}.ports`, listOf(ports).map((each) => each.name)),
    ...each(`${path}.env`, env, envErrors),
    ...each(`${path}.envFrom`, container.envFrom, sourceOfEnvErrors),
    ...each(`${path}.volumeMounts`, volumeMounts, (mount, at) => mountErrors(mount, at, volumes)),
    ...unique(
      `${path}.volumeMounts`,
      listOf(volumeMounts).map(({ mountPath }) => mountPath),
      (i) => `${path}.volumeMounts[${i}].mountPath`,
    ).map(({ field, detail }) =>
      invalidValue(field, JSON.parse(detail.slice("Duplicate value: ".length)), "must be unique")
    ),
    ...resourceErrors(resources, `${path}.resources`),
    ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((probe) =>
      isObject(container[probe]) ? probeErrors(container[probe], `${path}.${probe}`, probe) : []
    ),
    ...["postStart", "preStop"].flatMap((hook) => {
      const handler = objectOf(container.lifecycle)[hook];
      return isObject(handler)
        ? handlerErrors(handler, `${path}.lifecycle.${hook}`, ["exec", "httpGet", "tcpSocket", "sleep"])
        : [];
    }),
    ...securityErrors(container.securityContext, `${path}.securityContext`),
  ];
}

function imageErrors(image: unknown, path: string, own: boolean): Errors {
  if (image === undefined || image === "") return [requiredValue(path)];
  return own && String(image).trim() !== image
    ? [invalidValue(path, image, "must not have leading or trailing whitespace")]
    : none;
}

function portErrors({ name, containerPort, hostPort, protocol }: JsonObject, path: string): Errors {
  return [
    ...optional(name, (value) => portName(`${path}.name`, value)),
    ...containerPort === undefined || containerPort === 0
      ? [requiredValue(`${path}.containerPort`)]
      : port(`${path}.containerPort`, containerPort),
    ...hostPort === undefined || hostPort === 0 ? none : port(`${path}.hostPort`, hostPort),
    ...oneOf(`${path}.protocol`, protocol, ["SCTP", "TCP", "UDP"], false),
  ];
}

/** Fields of a pod that a variable may have the value of. */
const fieldPaths = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

function envErrors({ name, value, valueFrom }: JsonObject, path: string): Errors {
  const why =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";
  const named = name === undefined || name === ""
    ? [requiredValue(`${path}.name`)]
    : /^[ -<>-~]+$/.test(String(name))
    ? none
    : [invalidValue(`${path}.name`, name, why)];
  return [...named, ...isObject(valueFrom) ? valueFromErrors(value, valueFrom, `${path}.valueFrom`) : none];
}

function valueFromErrors(value: unknown, from: JsonObject, path: string): Errors {
  const { fieldRef, secretKeyRef, configMapKeyRef } = from;
  const said = Object.keys(from).length;
  const several = "may not have more than one field specified at a time";
  const which =
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
  const key = (ref: unknown, name: string): Errors =>
    isObject(ref)
      ? [
        ...subdomain(`${path}.${name}.name`, ref.name),
        ...ref.key === undefined || ref.key === "" ? [requiredValue(`${path}.${name}.key`)] : none,
      ]
      : none;
  return [
    ...isObject(fieldRef) ? fieldPathErrors(fieldRef.fieldPath, `${path}.fieldRef.fieldPath`) : none,
    ...key(configMapKeyRef, "configMapKeyRef"),
    ...key(secretKeyRef, "secretKeyRef"),
    ...said === 0 ? [invalidValue(path, "", which)] : none,
    ...value !== undefined && value !== "" && said > 0
      ? [invalidValue(path, "", "may not be specified when `value` is not empty")]
      : said > 1
      ? [invalidValue(path, "", several)]
      : none,
  ];
}

function fieldPathErrors(fieldPath: unknown, path: string): Errors {
  const said = String(fieldPath ?? "");
  if (said === "") return [requiredValue(path)];
  if (fieldPaths.includes(said) || /^metadata\.(labels|annotations)\['[^']+'\]$/.test(said)) return none;
  return [invalidValue(path, said, `error converting fieldPath: field label not supported: ${said}`)];
}

function sourceOfEnvErrors({ configMapRef, secretRef }: JsonObject, path: string): Errors {
  const named = [["configMapRef", configMapRef], ["secretRef", secretRef]] as const;
  return named.flatMap(([key, ref]) => isObject(ref) ? subdomain(`${path}.${key}.name`, ref.name) : []);
}

function mountErrors({ name, mountPath }: JsonObject, path: string, volumes: ReadonlySet<unknown>): Errors {
  return [
    ...name === undefined || name === "" ? [requiredValue(`${path}.name`)] : none,
    ...volumes.has(name) ? none : [notFoundValue(`${path}.name`, name ?? "")],
    ...present(`${path}.mountPath`, mountPath),
  ];
}

const ofContainers = ["cpu", "memory", "ephemeral-storage"];

/** Resources of which more may be promised than there is. */
const overcommitted = (name: string): boolean =>
  !name.includes("/") && !name.startsWith("hugepages-") || name.includes("kubernetes.io/");

function resourceErrors(resources: unknown, path: string): Errors {
  const limits = objectOf(objectOf(resources).limits);
  const requests = objectOf(objectOf(resources).requests);
  return [
    ...Object.entries(limits).flatMap(([name, value]) =>
      amountErrors(name, value, `${path}.limits[${name}]`)
    ),
    ...Object.entries(requests).flatMap(([name, value]) =>
      amountErrors(name, value, `${path}.requests[${name}]`)
    ),
    ...Object.entries(requests).flatMap(([name, value]) => balance(name, value, limits[name], path)),
  ];
}

function amountErrors(name: string, value: unknown, path: string): Errors {
  const whole = name.includes("/") && !name.includes("kubernetes.io/");
  if (name.includes("/")) return [...qualifiedName(path, name), ...quantity(path, value, { whole })];
  if (ofContainers.includes(name) || name.startsWith("hugepages-")) return quantity(path, value);
  return [
    invalidValue(path, name, "must be a standard resource type or fully qualified"),
    invalidValue(path, name, "must be a standard resource for containers"),
  ];
}

function balance(name: string, request: unknown, limit: unknown, path: string): Errors {
  const text = isQuantity(request) ? canonicalQuantity(request) : request;
  if (limit === undefined) {
    return overcommitted(name)
      ? none
      : [requiredValue(`${path}.limits`, "Limit must be set for non overcommitable resources")];
  }
  const most = isQuantity(limit) ? canonicalQuantity(limit) : limit;
  if (!overcommitted(name) && isQuantity(request) && isQuantity(limit) && !sameQuantity(request, limit)) {
    return [invalidValue(`${path}.requests`, text, `must be equal to ${name} limit of ${most}`)];
  }
  return isMore(request, limit)
    ? [invalidValue(`${path}.requests`, text, `must be less than or equal to ${name} limit of ${most}`)]
    : none;
}

function probeErrors(probe: JsonObject, path: string, kind: string): Errors {
  const counts = [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ];
  const { successThreshold } = probe;
  return [
    ...handlerErrors(probe, path, ["exec", "httpGet", "tcpSocket", "grpc"]),
    ...counts.flatMap((name) => atLeast(`${path}.${name}`, probe[name], 0)),
    ...kind !== "readinessProbe" && successThreshold !== undefined && successThreshold !== 1
      ? [invalidValue(`${path}.successThreshold`, successThreshold, "must be 1")]
      : none,
  ];
}

function handlerErrors(handler: JsonObject, path: string, handlers: readonly string[]): Errors {
  const said = handlers.filter((name) => isObject(handler[name]));
  if (said.length === 0) return [requiredValue(path, "must specify a handler type")];
  return said.flatMap((name, i) => {
    const at = `${path}.${name}`;
    if (i > 0) return [forbiddenValue(at, "may not specify more than 1 handler type")];
    const action = handler[name] as JsonObject;
    if (name === "exec") return present(`${at}.command`, action.command);
    if (name === "sleep") return none;
    return [
      ...name === "httpGet" ? present(`${at}.path`, action.path) : none,
      ...portOrName(`${at}.port`, action.port),
      ...name === "httpGet" ? oneOf(`${at}.scheme`, action.scheme, ["HTTP", "HTTPS"]) : none,
    ];
  });
}

function securityErrors(context: unknown, path: string): Errors {
  const { privileged, allowPrivilegeEscalation, runAsUser, runAsGroup } = objectOf(context);
  const ids = [["runAsUser", runAsUser], ["runAsGroup", runAsGroup]] as const;
  return [
    ...ids.flatMap(([name, id]) => between(`${path}.${name}`, id, 0, 2147483647)),
    ...privileged === true && allowPrivilegeEscalation === false
      ? [
        invalidValue(
          path,
          asGo(objectOf(context), securityFields),
          "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        ),
      ]
      : none,
  ];
}

const securityFields = [
  "capabilities",
  "privileged",
  "seLinuxOptions",
  "windowsOptions",
  "runAsUser",
  "runAsGroup",
  "runAsNonRoot",
  "readOnlyRootFilesystem",
  "allowPrivilegeEscalation",
  "procMount",
  "seccompProfile",
  "appArmorProfile",
];

function volumeErrors(volumes: unknown, path: string): Errors {
  return [
    ...each(path, volumes, (volume, at) => {
      const { name, ...sources } = volume;
      const said = Object.keys(sources);
      return [
        ...name === undefined || name === "" ? [requiredValue(`${at}.name`)] : label(`${at}.name`, name),
        ...said.slice(1).map((type) =>
          forbiddenValue(`${at}.${type}`, "may not specify more than 1 volume type")
        ),
        ...said.length === 0
          ? [requiredValue(at, "must specify a volume type")]
          : sourceErrors(said[0], objectOf(sources[said[0]]), at),
      ];
    }),
    ...unique(path, listOf(volumes).map(({ name }) => name)),
  ];
}

function sourceErrors(type: string, source: JsonObject, path: string): Errors {
  const at = `${path}.${type}`;
  switch (type) {
    case "persistentVolumeClaim":
      return present(`${at}.claimName`, source.claimName);
    case "secret":
      return [
        ...present(`${at}.secretName`, source.secretName),
        ...each(`${at}.items`, source.items, keyErrors),
      ];
    case "configMap":
      return [...present(`${at}.name`, source.name), ...each(`${at}.items`, source.items, keyErrors)];
    case "hostPath":
      return hostPathErrors(source, at);
    default:
      return none;
  }
}

export function hostPathErrors({ path: said }: JsonObject, at: string): Errors {
  if (said === undefined || said === "") return [requiredValue(`${at}.path`)];
  return String(said).split("/").includes("..")
    ? [invalidValue(`${at}.path`, said, "must not contain '..'")]
    : none;
}

function keyErrors({ key, path: said }: JsonObject, at: string): Errors {
  const place = String(said ?? "");
  const wrong = place === ""
    ? [requiredValue(`${at}.path`)]
    : place.startsWith("/")
    ? [invalidValue(`${at}.path`, place, "must be a relative path")]
    : place.split("/").includes("..")
    ? [invalidValue(`${at}.path`, place, "must not contain '..'")]
    : none;
  return [...present(`${at}.key`, key), ...wrong];
}

export function tolerationErrors(
  { key, operator, value, effect, tolerationSeconds }: JsonObject,
  path: string,
): Errors {
  const found: FieldError[] = [];
  const said = operator === undefined || operator === "" ? "Equal" : operator;
  if (key) found.push(...qualifiedName(`${path}.key`, key));
  else if (said !== "Exists") {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    found.push(invalidValue(`${path}.operator`, operator ?? "", why));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    found.push(
      invalidValue(
        `${path}.effect`,
        effect ?? "",
        "effect must be 'NoExecute' when `tolerationSeconds` is set",
      ),
    );
  }
  if (said === "Exists" && value) {
    found.push(invalidValue(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  }
  found.push(...oneOf(`${path}.operator`, said, ["Equal", "Exists"]));
  found.push(...oneOf(`${path}.effect`, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"]));
  return found;
}

function affinityErrors(affinity: unknown, path: string): Errors {
  const { nodeAffinity, podAffinity, podAntiAffinity } = objectOf(affinity);
  const required = objectOf(nodeAffinity).requiredDuringSchedulingIgnoredDuringExecution;
  const preferred = objectOf(nodeAffinity).preferredDuringSchedulingIgnoredDuringExecution;
  const node = `${path}.nodeAffinity`;
  const terms = `${node}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  return [
    ...isObject(required)
      ? [
        ...present(terms, required.nodeSelectorTerms, "must have at least one node selector term"),
        ...each(terms, required.nodeSelectorTerms, nodeTermErrors),
      ]
      : none,
    ...each(
      `${node}.preferredDuringSchedulingIgnoredDuringExecution`,
      preferred,
      ({ weight, preference }, at) => [
        ...Number(weight ?? 0) >= 1 && Number(weight) <= 100
          ? none
          : [invalidValue(`${at}.weight`, weight ?? 0, "must be in the range 1-100")],
        ...nodeTermErrors(objectOf(preference), `${at}.preference`),
      ],
    ),
    ...podTerms(podAffinity, `${path}.podAffinity`),
    ...podTerms(podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

function nodeTermErrors({ matchExpressions }: JsonObject, path: string): Errors {
  return each(`${path}.matchExpressions`, matchExpressions, ({ key, operator, values }, at) => [
    ...operator === "In" || operator === "NotIn"
      ? present(`${at}.values`, values, "must be specified when `operator` is 'In' or 'NotIn'")
      : ["Exists", "DoesNotExist"].includes(String(operator)) && listOf(values).length > 0
      ? [forbiddenValue(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
      : ["Gt", "Lt"].includes(String(operator)) && listOf(values).length !== 1
      ? [requiredValue(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
      : ["Exists", "DoesNotExist", "Gt", "Lt"].includes(String(operator))
      ? none
      : [invalidValue(`${at}.operator`, operator ?? "", "not a valid selector operator")],
    ...qualifiedName(`${at}.key`, key),
  ]);
}

function podTerms(affinity: unknown, path: string): Errors {
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = objectOf(affinity);
  return each(
    `${path}.requiredDuringSchedulingIgnoredDuringExecution`,
    required,
    ({ topologyKey, labelSelector }, at) => [
      ...selector(`${at}.labelSelector`, labelSelector),
      ...topologyKey === undefined || topologyKey === ""
        ? [requiredValue(`${at}.topologyKey`, "can not be empty")]
        : none,
    ],
  );
}
