/**
 * Every metric of the operator: its name, what it tells, and its labels (conventions.md §12). The reference in
 * `docs/reference/metrics.md` is written from this table.
 */

/** What a metric is called and tells. `Label` are the names of its labels. */
export interface Definition<Label extends string = string> {
  readonly name: string;
  /** One sentence, for `# HELP` and the reference. */
  readonly help: string;
  /** What the values of each label are. */
  readonly labels: Readonly<Record<Label, string>>;
}

export interface HistogramDefinition<Label extends string = string> extends Definition<Label> {
  /** Upper bounds, in seconds. */
  readonly buckets: readonly number[];
}

/**
 * How many values of a label that users choose are told apart. What comes later counts as {@link others}: a series costs
 * memory here and in every Prometheus.
 */
export const most = { registries: 100, registryCodes: 30, conditions: 2_000, configs: 100, downloads: 100 };

/** The value that stands for all that are not told apart. */
export const others = "other";

const controller = { controller: "short name of a kind: `service`, `cluster-model`, `artifact` …" };
const queue = { name: "as `controller`", ...controller };
const kind = { kind: "one of the ten kinds" };

/** Seconds. Most passes take under a millisecond; one that writes waits for the API server. */
const passes = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const waits = [0.0001, 0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** Those that only grow while the process lives. */
export const counters = {
  reconciles: {
    name: "controller_runtime_reconcile_total",
    help: "Passes by result.",
    labels: {
      ...controller,
      result:
        "`success`; `requeue_after`: nothing to write, looks again by itself later; `requeue`: runs again at once; `error`: a call failed, is tried again",
    },
  },
  errors: {
    name: "controller_runtime_reconcile_errors_total",
    help: "Passes that ended with an error.",
    labels: controller,
  },
  terminalErrors: {
    name: "controller_runtime_terminal_reconcile_errors_total",
    help: "Passes whose error is not tried again: none, all are.",
    labels: controller,
  },
  panics: {
    name: "controller_runtime_reconcile_panics_total",
    help: "Passes that threw: a mistake of the operator.",
    labels: controller,
  },
  adds: { name: "workqueue_adds_total", help: "Keys queued.", labels: queue },
  retries: { name: "workqueue_retries_total", help: "Keys queued again after an error.", labels: queue },
  requests: {
    name: "rest_client_requests_total",
    help: "Requests to the API server.",
    labels: {
      code: "HTTP status, or `<error>` without an answer",
      method: "HTTP method",
      host: "host and port of the API server",
    },
  },
  certificateReads: {
    name: "certwatcher_read_certificate_total",
    help: "Times that the certificate of the metrics server was read.",
    labels: {},
  },
  certificateErrors: {
    name: "certwatcher_read_certificate_errors_total",
    help: "Times that the certificate of the metrics server could not be read; the one before stays in use.",
    labels: {},
  },
  statusWrites: {
    name: "aim_status_writes_total",
    help: "Writes of a status.",
    labels: { ...kind, result: "`written`, `conflict`, `failed`" },
  },
  applies: {
    name: "aim_apply_total",
    help: "Children that were to be created, applied or deleted.",
    labels: {
      kind: "kind of the child",
      result: "`created`, `applied`, `deleted`, `rejected`: refused for good, `failed`: is tried again",
    },
  },
  missedWakeups: {
    name: "aim_missed_wakeups_total",
    help: "Differences that no change had announced: a mistake of the operator.",
    labels: controller,
  },
  registryRequests: {
    name: "aim_registry_requests_total",
    help: "Requests to image registries.",
    labels: {
      registry: `host of the registry; beyond the first ${most.registries} \`${others}\``,
      code: `HTTP status, or why there was no answer; beyond the first ${most.registryCodes} \`${others}\``,
    },
  },
} as const satisfies Record<string, Definition>;

/** Those that say how something is at the moment of the scrape. */
export const gauges = {
  depth: {
    name: "workqueue_depth",
    help: "Keys that wait for their turn.",
    labels: { ...queue, priority: "always empty" },
  },
  unfinished: {
    name: "workqueue_unfinished_work_seconds",
    help: "Seconds that the keys being worked on have taken, together.",
    labels: queue,
  },
  longest: {
    name: "workqueue_longest_running_processor_seconds",
    help: "Seconds that the oldest key being worked on has taken.",
    labels: queue,
  },
  active: {
    name: "controller_runtime_active_workers",
    help: "Keys with writes in flight.",
    labels: controller,
  },
  limit: {
    name: "controller_runtime_max_concurrent_reconciles",
    help: "Keys that may have writes in flight; all controllers share them.",
    labels: controller,
  },
  leads: {
    name: "leader_election_master_status",
    help: "1 while this process holds the Lease, else 0; absent without leader election.",
    labels: { name: "name of the Lease" },
  },
  resourceStatus: {
    name: "aim_resource_status",
    help: "Objects by status.",
    labels: { ...kind, status: "`status.status`; `Unset` where there is none yet" },
  },
  conditionFalse: {
    name: "aim_condition_false",
    help: "Conditions that are False, by reason.",
    labels: {
      ...kind,
      type: "type of the condition",
      reason:
        `[reason](reasons.md) of the condition; beyond ${most.conditions} pairs of type and reason both are \`${others}\``,
    },
  },
  discoveries: {
    name: "aim_discovery_jobs_active",
    help: "Discovery Jobs that run; ten may.",
    labels: {},
  },
  missingRights: {
    name: "aim_missing_rights",
    help: "Rights that the API server says the operator lacks: 1 each, gone once it is given.",
    labels: {
      verb: "`list`, `create` and the like",
      group: "API group of the resource; empty for the core group",
      resource: "plural of the kind, with `/status` and the like behind it",
    },
  },
  configUsers: {
    name: "aim_runtime_config_users",
    help: "Objects that go by a runtime config.",
    labels: {
      kind: "`AIMRuntimeConfig` or `AIMClusterRuntimeConfig`",
      namespace: "that of the config; empty for the cluster's",
      name: `name of the config; beyond ${most.configs}, cluster configs first, \`${others}\``,
      consumer: "kind of the objects",
    },
  },
  downloadBytes: {
    name: "aim_download_bytes",
    help: "Bytes on the volume of an artifact whose download is not complete.",
    labels: {
      namespace: "that of the artifact",
      artifact: `name of the artifact; beyond ${most.downloads} downloads at a time \`${others}\``,
    },
  },
} as const satisfies Record<string, Definition>;

/** Distributions, in seconds. */
export const histograms = {
  reconcileSeconds: {
    name: "controller_runtime_reconcile_time_seconds",
    help: "How long a pass took, its writes included.",
    labels: controller,
    buckets: passes,
  },
  queueSeconds: {
    name: "workqueue_queue_duration_seconds",
    help: "How long a key waited for its turn.",
    labels: queue,
    buckets: waits,
  },
  workSeconds: {
    name: "workqueue_work_duration_seconds",
    help: "How long a key was worked on.",
    labels: queue,
    buckets: waits,
  },
} as const satisfies Record<string, HistogramDefinition>;

/** What the process says of itself. */
export const processCounters = {
  cpu: { name: "process_cpu_seconds_total", help: "CPU time used, in seconds.", labels: {} },
} as const satisfies Record<string, Definition>;

/** What the process says of itself. */
export const processGauges = {
  resident: { name: "process_resident_memory_bytes", help: "Resident memory.", labels: {} },
  heap: { name: "process_heap_bytes", help: "Heap of JavaScript in use.", labels: {} },
  start: {
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970.",
    labels: {},
  },
} as const satisfies Record<string, Definition>;

/** All of them, by Prometheus' type, in the order of the reference. */
export const definitions: readonly (Definition & { readonly type: "counter" | "gauge" | "histogram" })[] = [
  ...typed("counter", counters),
  ...typed("histogram", histograms),
  ...typed("gauge", gauges),
  ...typed("counter", processCounters),
  ...typed("gauge", processGauges),
];

function typed<Type extends string>(type: Type, table: Readonly<Record<string, Definition>>) {
  return Object.values(table).map((definition) => ({ ...definition, type }));
}
