/** What is refused of Pods, Deployments, ReplicaSets, Jobs and CronJobs. */
import { equalJson } from "../../kube/json/equal.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import {
  type FieldError,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from "../schema/field_error.ts";
import { podSpecErrors, tolerationErrors } from "./pod_spec.ts";
import { scheduleErrors } from "./schedule.ts";
import {
  asGo,
  atLeast,
  atMostAll,
  countOrPercent,
  each,
  type Errors,
  labels,
  listOf,
  none,
  objectOf,
  oneOf,
  selector,
  selects,
} from "./values.ts";

export function podErrors(object: JsonObject, old?: JsonObject): Errors {
  const found = podSpecErrors(object.spec, "spec", true);
  return old === undefined ? found : [...found, ...podUpdateErrors(object, old)];
}

/** Of a pod that is there only images, a deadline and tolerations may change, these by more or by other seconds. */
function podUpdateErrors(object: JsonObject, old: JsonObject): Errors {
  if (object.spec === old.spec) return none;
  const [spec, before] = [objectOf(object.spec), objectOf(old.spec)];
  for (const name of ["containers", "initContainers"]) {
    if (listOf(spec[name]).length !== listOf(before[name]).length) {
      return [forbiddenValue(`spec.${name}`, "pod updates may not add or remove containers")];
    }
  }
  const fixed = (pod: JsonObject) => ({
    ...pod,
    activeDeadlineSeconds: undefined,
    tolerations: undefined,
    schedulingGates: undefined,
    containers: listOf(pod.containers).map((each) => ({ ...each, image: undefined })),
    initContainers: listOf(pod.initContainers).map((each) => ({ ...each, image: undefined })),
  });
  const deadline = deadlineErrors(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return deadline;
  const kept = listOf(before.tolerations).every((toleration) =>
    listOf(spec.tolerations).some((each) => equalJson(withoutSeconds(each), withoutSeconds(toleration)))
  );
  const why =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
  return [
    ...deadline,
    // The original looks at them twice, and says twice what it finds.
    ...kept ? each("spec.tolerations", spec.tolerations, tolerationErrors) : [
      forbiddenValue(
        "spec.tolerations",
        "existing toleration can not be modified except its tolerationSeconds",
      ),
    ],
    ...equalJson(fixed(spec), fixed(before)) ? none : [forbiddenValue("spec", why)],
  ];
}

function withoutSeconds({ tolerationSeconds: _, ...toleration }: JsonObject): JsonObject {
  return toleration;
}

/** A deadline may only come nearer. */
function deadlineErrors(now: unknown, before: unknown): Errors {
  const path = "spec.activeDeadlineSeconds";
  if (before === undefined) return none;
  if (now === undefined) {
    return [invalidValue(path, now, "must not update from a positive integer to nil value")];
  }
  return Number(now) > Number(before)
    ? [invalidValue(path, now, "must be less than or equal to previous value")]
    : none;
}

/** A value with its members in order, as Go prints maps. */
function sorted(value: unknown): unknown {
  if (!isObject(value)) return value;
  const keys = "matchLabels" in value ? Object.keys(value) : Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

/** A pod's template: what it selects itself by, its labels, its spec. */
function templateErrors(template: unknown, path: string, own?: { selector: unknown }): Errors {
  const said = at(template, "metadata", "labels");
  const mismatch =
    own !== undefined && !selects(own.selector, said) || own?.selector === undefined && own !== undefined
      ? [invalidValue(`${path}.metadata.labels`, said ?? null, "`selector` does not match template `labels`")]
      : none;
  return [
    ...mismatch,
    ...labels(`${path}.labels`, said),
    ...podSpecErrors(at(template, "spec"), `${path}.spec`, false),
  ];
}

function alwaysRestarts(template: unknown, path: string, more: Errors = none): Errors {
  const policy = at(template, "spec", "restartPolicy");
  if (policy === undefined || policy === "Always" || policy === "") return more;
  return [unsupportedValue(`${path}.spec.restartPolicy`, policy, ["Always"]), ...more];
}

/** The selector of a workload, which must be there, select something, and stay. */
function ownSelector(value: unknown, kind: string, old?: JsonObject): Errors {
  const found: FieldError[] = [];
  if (value === undefined || value === null) found.push(requiredValue("spec.selector"));
  else {
    const wrong = selector("spec.selector", value);
    found.push(...wrong);
    if (Object.keys(objectOf(value)).length === 0) {
      found.push(invalidValue("spec.selector", value, `empty selector is invalid for ${kind}`));
    }
    if (wrong.length > 0) found.push(invalidValue("spec.selector", value, "invalid label selector"));
  }
  if (old !== undefined && !equalJson(value, at(old, "spec", "selector"))) {
    found.push(invalidValue("spec.selector", value ?? null, "field is immutable"));
  }
  return found;
}

/** Whether template and selector can be held against each other. */
function comparable(spec: JsonObject): { selector: unknown } | undefined {
  return selector("", spec.selector).length > 0 ||
      isObject(spec.selector) && Object.keys(spec.selector).length === 0
    ? undefined
    : { selector: spec.selector ?? undefined };
}

export function replicaSetErrors(object: JsonObject, old?: JsonObject): Errors {
  const spec = objectOf(object.spec);
  return [
    ...atLeast("spec.replicas", spec.replicas, 0),
    ...atLeast("spec.minReadySeconds", spec.minReadySeconds, 0),
    ...templateErrors(spec.template, "spec.template", comparable(spec)),
    ...alwaysRestarts(spec.template, "spec.template", noDeadline(spec.template)),
    ...ownSelector(spec.selector, "replica set", old),
  ];
}

function noDeadline(template: unknown): Errors {
  return at(template, "spec", "activeDeadlineSeconds") === undefined ? none : [
    forbiddenValue(
      "spec.template.spec.activeDeadlineSeconds",
      "activeDeadlineSeconds in ReplicaSet is not Supported",
    ),
  ];
}

export function deploymentErrors(object: JsonObject, old?: JsonObject): Errors {
  const spec = objectOf(object.spec);
  const { replicas, minReadySeconds = 0, revisionHistoryLimit, progressDeadlineSeconds: deadline } = spec;
  const late = deadline !== undefined && Number(deadline) <= Number(minReadySeconds)
    ? [invalidValue("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")]
    : none;
  return [
    ...atLeast("spec.replicas", replicas, 0),
    ...templateErrors(spec.template, "spec.template", comparable(spec)),
    ...alwaysRestarts(spec.template, "spec.template", noDeadline(spec.template)),
    ...strategyErrors(spec.strategy),
    ...atLeast("spec.minReadySeconds", minReadySeconds, 0),
    ...atLeast("spec.revisionHistoryLimit", revisionHistoryLimit, 0),
    ...atLeast("spec.progressDeadlineSeconds", deadline, 0),
    ...late,
    ...ownSelector(spec.selector, "deployment", old),
  ];
}

function strategyErrors(strategy: unknown): Errors {
  const { type, rollingUpdate } = objectOf(strategy);
  if (type === "Recreate") {
    return isObject(rollingUpdate)
      ? [
        forbiddenValue(
          "spec.strategy.rollingUpdate",
          "may not be specified when strategy `type` is 'Recreate'",
        ),
      ]
      : none;
  }
  if (type !== "RollingUpdate") {
    const rollout = isObject(rollingUpdate) ? asGo(rollingUpdate, ["maxUnavailable", "maxSurge"]) : null;
    return [
      unsupportedValue("spec.strategy", { Type: type, RollingUpdate: rollout }, [
        "Recreate",
        "RollingUpdate",
      ]),
    ];
  }
  const { maxSurge, maxUnavailable } = objectOf(rollingUpdate);
  const path = "spec.strategy.rollingUpdate.maxUnavailable";
  const nothing = (value: unknown) => value === 0 || value === "0%";
  return [
    ...countOrPercent(path, maxUnavailable),
    ...countOrPercent("spec.strategy.rollingUpdate.maxSurge", maxSurge),
    ...nothing(maxSurge) && nothing(maxUnavailable)
      ? [invalidValue(path, maxUnavailable, "may not be 0 when `maxSurge` is 0")]
      : none,
    ...atMostAll(path, maxUnavailable),
  ];
}

export function statefulSetErrors(object: JsonObject, old?: JsonObject): Errors {
  const spec = objectOf(object.spec);
  return [
    ...templateErrors(spec.template, "spec.template", comparable(spec)),
    ...alwaysRestarts(spec.template, "spec.template"),
    ...atLeast("spec.replicas", spec.replicas, 0),
    ...ownSelector(spec.selector, "statefulset", old),
  ];
}

/** A Job that runs has begun when it began, unless it goes on just now. */
export function jobStatusErrors({ spec, status }: JsonObject, old: JsonObject): Errors {
  const before = at(old, "status", "startTime");
  const suspended = (of: unknown) =>
    listOf(at(of, "conditions")).find(({ type }) => type === "Suspended")?.status;
  const goesOn = suspended(old.status) === "True" && suspended(status) === "False";
  if (before === undefined || at(status, "startTime") === before) return none;
  if (goesOn || at(spec, "suspend") === true) return none;
  return [requiredValue("status.startTime", "startTime cannot be removed for unsuspended job")];
}

export function jobErrors(object: JsonObject, old?: JsonObject): Errors {
  const found = jobSpecErrors(objectOf(object.spec), "spec", true);
  if (old === undefined) return [...jobSelectorErrors(object), ...found];
  // The original looks at the spec of an update twice, and says twice what it finds.
  return [...jobSelectorErrors(object, old), ...found, ...found, ...jobUpdateErrors(object, old)];
}

const counts = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
];

function jobSpecErrors(spec: JsonObject, path: string, own: boolean): Errors {
  const { completionMode, template } = spec;
  const policy = at(template, "spec", "restartPolicy");
  const wrongPolicy = policy !== "OnFailure" && policy !== "Never"
    ? [requiredValue(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]
    : none;
  return [
    ...own && (spec.selector === undefined || spec.selector === null)
      ? [requiredValue(`${path}.selector`)]
      : none,
    ...counts.flatMap((name) => atLeast(`${path}.${name}`, spec[name], 0)),
    ...oneOf(`${path}.completionMode`, completionMode, ["NonIndexed", "Indexed"]),
    ...completionMode === "Indexed" && spec.completions === undefined
      ? [requiredValue(`${path}.completions`, "when completion mode is Indexed")]
      : none,
    ...spec.backoffLimitPerIndex !== undefined && completionMode !== "Indexed"
      ? [
        invalidValue(
          `${path}.backoffLimitPerIndex`,
          spec.backoffLimitPerIndex,
          "requires indexed completion mode",
        ),
      ]
      : none,
    ...oneOf(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, ["Failed", "TerminatingOrFailed"]),
    ...own && !selects(spec.selector, at(template, "metadata", "labels")) ||
        own && spec.selector === undefined
      ? [
        invalidValue(
          `${path}.template.metadata.labels`,
          sorted(at(template, "metadata", "labels")) ?? null,
          "`selector` does not match template `labels`",
        ),
      ]
      : none,
    ...templateErrors(template, `${path}.template`),
    ...wrongPolicy,
  ];
}

/**
 * Unless whoever makes a Job chooses, its pods have labels of its UID and name, and its selector finds such labels.
 *
 * @param old a Job from before the labels with a prefix goes without them
 */
function jobSelectorErrors({ metadata, spec }: JsonObject, old?: JsonObject): Errors {
  const { manualSelector, selector: said, template } = objectOf(spec);
  if (manualSelector === true || said === undefined || said === null) return none;
  const prefixed = jobLabels(metadata, "batch.kubernetes.io/");
  const before = objectOf(at(old, "spec", "template", "metadata", "labels"));
  const wantsPrefixed = old === undefined || Object.keys(prefixed).every((name) => name in before);
  const generated = { ...jobLabels(metadata, ""), ...(wantsPrefixed ? prefixed : {}) };
  const there = objectOf(at(template, "metadata", "labels"));
  return [
    ...Object.entries(generated).filter(([name, value]) => there[name] !== value).map(([name, value]) => {
      const path = `spec.template.metadata.labels[${name}]`;
      return name in there
        ? invalidValue(path, sorted(there), `must be '${value}'`)
        : requiredValue(path, `must be '${value}'`);
    }),
    ...selects(said, generated)
      ? none
      : [invalidValue("spec.selector", sorted(said), "`selector` not auto-generated")],
  ];
}

/** What the pods of a Job are labelled with. */
export function jobLabels(metadata: unknown, prefix: string): JsonObject {
  return { [`${prefix}controller-uid`]: at(metadata, "uid"), [`${prefix}job-name`]: at(metadata, "name") };
}

function jobUpdateErrors({ spec }: JsonObject, { spec: before }: JsonObject): Errors {
  const [next, old] = [objectOf(spec), objectOf(before)];
  const names = [
    "selector",
    "podFailurePolicy",
    "completionMode",
    "backoffLimitPerIndex",
    "managedBy",
    "successPolicy",
  ];
  if (next.completionMode !== "Indexed") names.unshift("completions");
  const suspended = old.suspend === true;
  const templates = suspended && next.suspend === true || suspended
    ? [schedulable(next.template), schedulable(old.template)]
    : [next.template, old.template];
  return [
    ...names.filter((name) => !equalJson(next[name], old[name])).map((name) =>
      invalidValue(`spec.${name}`, sorted(next[name]) ?? null, "field is immutable")
    ),
    ...equalJson(templates[0] ?? null, templates[1] ?? null) ? none : [
      invalidValue(
        "spec.template",
        { labels: at(next.template, "metadata", "labels"), Spec: at(next.template, "spec") ?? {} },
        "field is immutable",
      ),
    ],
  ];
}

/** A template without what may still change while its Job is suspended. */
function schedulable(template: unknown): unknown {
  const { metadata: _, spec, ...rest } = objectOf(template);
  const { affinity: _1, nodeSelector: _2, tolerations: _3, schedulingGates: _4, ...fixed } = objectOf(spec);
  return { ...rest, spec: fixed };
}

export function cronJobErrors({ metadata, spec }: JsonObject): Errors {
  const said = objectOf(spec);
  const { timeZone } = said;
  const job = objectOf(at(said.jobTemplate, "spec"));
  return [
    ...scheduleErrors(said.schedule, "spec.schedule"),
    ...atLeast("spec.startingDeadlineSeconds", said.startingDeadlineSeconds, 0),
    ...oneOf("spec.concurrencyPolicy", said.concurrencyPolicy, ["Allow", "Forbid", "Replace"]),
    ...timeZone === undefined ? none : timeZoneErrors(String(timeZone)),
    ...atLeast("spec.successfulJobsHistoryLimit", said.successfulJobsHistoryLimit, 0),
    ...atLeast("spec.failedJobsHistoryLimit", said.failedJobsHistoryLimit, 0),
    ...jobSpecErrors(job, "spec.jobTemplate.spec", false),
    ...String(at(metadata, "name") ?? "").length > 52
      ? [invalidValue("metadata.name", at(metadata, "name"), "must be no more than 52 characters")]
      : none,
  ];
}

function timeZoneErrors(zone: string): Errors {
  const path = "spec.timeZone";
  if (zone === "") return [invalidValue(path, zone, "timeZone must be nil or non-empty string")];
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return none;
  } catch {
    return [invalidValue(path, zone, `unknown time zone ${zone}`)];
  }
}
