/**
 * What the operator tells a Prometheus (conventions.md §12): the names that dashboards of Go operators use, and
 * our own `aim_*`. What changes with every event is counted there; everything else is read when somebody scrapes.
 */

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { countConfigUses } from "../cluster/config_users.ts";
import type { RequestReport } from "../kube/transport.ts";
import type { Operator } from "../operator/operator.ts";
import type { AnyController } from "../operator/core/controller.ts";
import { inFlight, type Load, type RunnerHooks } from "../operator/runner/runner.ts";
import { registerProcessMetrics } from "./process_metrics.ts";
import { type Count, countDiscoveries, countResources } from "./resource_counts.ts";

type MeasuredHooks = Pick<
  RunnerHooks,
  "taken" | "reconciled" | "crashed" | "applied" | "statusWritten" | "missedWakeup"
>;

/** Seconds. Most passes take under a millisecond; one that writes waits for the API server. */
const reconcileBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const queueBuckets = [0.0001, 0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** Users name registries, and registries redirect where they like: so many are told apart, the rest is `other`. */
const mostRegistries = 100;

const results = ["success", "error", "requeue", "requeue_after"] as const;

export class OperatorMetrics {
  readonly #registry = new Registry();
  readonly #controllers: readonly AnyController[];
  readonly #leaseName: string | undefined;
  #operator: Operator | undefined;

  readonly #reconciles = this.#counter("controller_runtime_reconcile_total", "Passes by result.", [
    "controller",
    "result",
  ]);
  readonly #errors = this.#counter(
    "controller_runtime_reconcile_errors_total",
    "Passes that ended with an error.",
    ["controller"],
  );
  readonly #terminalErrors = this.#counter(
    "controller_runtime_terminal_reconcile_errors_total",
    "Passes whose error is not tried again: none, all are.",
    ["controller"],
  );
  readonly #panics = this.#counter("controller_runtime_reconcile_panics_total", "Passes that threw.", [
    "controller",
  ]);
  readonly #reconcileSeconds = this.#histogram(
    "controller_runtime_reconcile_time_seconds",
    "How long a pass took, its writes included.",
    ["controller"],
    reconcileBuckets,
  );
  readonly #queueSeconds = this.#histogram(
    "workqueue_queue_duration_seconds",
    "How long a key waited for its turn.",
    ["name", "controller"],
    queueBuckets,
  );
  readonly #workSeconds = this.#histogram(
    "workqueue_work_duration_seconds",
    "How long a key was worked on.",
    ["name", "controller"],
    queueBuckets,
  );
  readonly #retries = this.#counter("workqueue_retries_total", "Keys queued again after an error.", [
    "name",
    "controller",
  ]);
  readonly #adds = this.#counter("workqueue_adds_total", "Keys queued.", ["name", "controller"]);
  readonly #depth = this.#gauge("workqueue_depth", "Keys that wait for their turn.", [
    "name",
    "controller",
    "priority",
  ]);
  readonly #unfinished = this.#gauge(
    "workqueue_unfinished_work_seconds",
    "Seconds that the keys being worked on have taken, together.",
    ["name", "controller"],
  );
  readonly #longest = this.#gauge(
    "workqueue_longest_running_processor_seconds",
    "Seconds that the oldest key being worked on has taken.",
    ["name", "controller"],
  );
  readonly #active = this.#gauge("controller_runtime_active_workers", "Keys with writes in flight.", [
    "controller",
  ]);
  readonly #limit = this.#gauge(
    "controller_runtime_max_concurrent_reconciles",
    "Keys that may have writes in flight; all controllers share them.",
    ["controller"],
  );
  readonly #leads = this.#gauge("leader_election_master_status", "Whether this process holds the lease.", [
    "name",
  ]);
  readonly #requests = this.#counter(
    "rest_client_requests_total",
    "Requests to the API server, by status code, method and host.",
    ["code", "method", "host"],
  );
  readonly #statusWrites = this.#counter("aim_status_writes_total", "Writes of a status, by outcome.", [
    "kind",
    "result",
  ]);
  readonly #applies = this.#counter("aim_apply_total", "Children created, applied or deleted, by outcome.", [
    "kind",
    "result",
  ]);
  readonly #missedWakeups = this.#counter(
    "aim_missed_wakeups_total",
    "Differences that no change had announced: a mistake of the operator.",
    ["controller"],
  );
  readonly #resourceStatus = this.#gauge("aim_resource_status", "Objects by status.", ["kind", "status"]);
  readonly #conditionFalse = this.#gauge(
    "aim_condition_false",
    "Objects with a condition that is False, by reason.",
    ["kind", "type", "reason"],
  );
  readonly #discoveries = this.#gauge("aim_discovery_jobs_active", "Discovery Jobs that run; ten may.", []);
  readonly #configUsers = this.#gauge(
    "aim_runtime_config_users",
    "Objects that go by a runtime config, by their kind.",
    ["kind", "namespace", "name", "consumer"],
  );
  readonly #registryRequests = this.#counter(
    "aim_registry_requests_total",
    "Requests to image registries, by HTTP status or by why there was no answer.",
    ["registry", "code"],
  );
  readonly #registries = new Set<string>();
  readonly #certificateReads = this.#counter(
    "certwatcher_read_certificate_total",
    "Times that the certificate of the metrics server was read.",
    [],
  );
  readonly #certificateErrors = this.#counter(
    "certwatcher_read_certificate_errors_total",
    "Times that the certificate of the metrics server could not be read.",
    [],
  );
  /** Keys taken from the queue so far. */
  readonly #taken = new Map<string, number>();

  /** @param leaseName of the lease that decides who leads; absent without leader election */
  constructor(controllers: readonly AnyController[], leaseName?: string) {
    this.#controllers = controllers;
    registerProcessMetrics(this.#registry);
    this.#leaseName = leaseName;
    for (const { name: controller } of controllers) this.#startAtZero(controller);
  }

  /** From now on that operator's cache and queue are what a scrape reads. */
  watch(operator: Operator): void {
    this.#operator = operator;
  }

  readonly hooks: MeasuredHooks = {
    taken: (controller, waitedSeconds) => {
      this.#taken.set(controller, (this.#taken.get(controller) ?? 0) + 1);
      this.#queueSeconds.observe({ name: controller, controller }, waitedSeconds);
    },
    reconciled: ({ controllerName: controller }, result, seconds) => {
      this.#reconciles.inc({ controller, result });
      this.#reconcileSeconds.observe({ controller }, seconds);
      this.#workSeconds.observe({ name: controller, controller }, seconds);
      if (result !== "error") return;
      this.#errors.inc({ controller });
      this.#retries.inc({ name: controller, controller });
    },
    crashed: ({ controllerName: controller }) => this.#panics.inc({ controller }),
    applied: (_pass, kind, result) => this.#applies.inc({ kind, result }),
    statusWritten: ({ kind }, result) => this.#statusWrites.inc({ kind: kind.resource.kind, result }),
    missedWakeup: ({ controllerName: controller }) => this.#missedWakeups.inc({ controller }),
  };

  readonly onRequest = ({ code, method, host }: RequestReport): void => {
    this.#requests.inc({ code, method, host });
  };

  readonly onRegistryRequest = (registry: string, code: string): void => {
    const known = this.#registries.has(registry);
    if (!known && this.#registries.size < mostRegistries) this.#registries.add(registry);
    this.#registryRequests.inc({ registry: this.#registries.has(registry) ? registry : "other", code });
  };

  readonly certificateRead = (succeeded: boolean): void => {
    this.#certificateReads.inc();
    if (!succeeded) this.#certificateErrors.inc();
  };

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics at this moment, in Prometheus' text form. */
  text(): Promise<string> {
    if (this.#operator !== undefined) this.#look(this.#operator);
    return this.#registry.metrics();
  }

  /** Reads what nothing was counted for: queue, lease and cache, each once. */
  #look({ runner, election, cache }: Operator): void {
    for (const load of runner.loads()) this.#lookAt(load);
    if (this.#leaseName !== undefined) {
      this.#leads.set({ name: this.#leaseName }, election?.isLeader ? 1 : 0);
    }
    const { statuses, falseConditions } = countResources(cache, this.#controllers.map(({ kind }) => kind));
    this.#discoveries.set(countDiscoveries(cache));
    fill(
      this.#configUsers,
      countConfigUses(cache).map(({ count, ...labels }) => ({ labels, count })),
    );
    fill(this.#resourceStatus, statuses);
    fill(this.#conditionFalse, falseConditions);
  }

  #lookAt({ controller, waiting, running, longestSeconds, totalSeconds }: Load): void {
    const queue = { name: controller, controller };
    this.#limit.set({ controller }, inFlight);
    this.#active.set({ controller }, running);
    this.#depth.set({ ...queue, priority: "" }, waiting);
    this.#unfinished.set(queue, totalSeconds);
    this.#longest.set(queue, longestSeconds);
    this.#adds.remove(queue);
    this.#adds.inc(queue, (this.#taken.get(controller) ?? 0) + waiting);
  }

  #startAtZero(controller: string): void {
    for (const result of results) this.#reconciles.inc({ controller, result }, 0);
    for (const counter of [this.#errors, this.#terminalErrors, this.#panics, this.#missedWakeups]) {
      counter.inc({ controller }, 0);
    }
    this.#retries.inc({ name: controller, controller }, 0);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.#registry] });
  }
}

/** Replaces all values of a gauge: what is no more counted is gone. */
function fill<Label extends string>(gauge: Gauge<Label>, counts: readonly Count<Label>[]): void {
  gauge.reset();
  for (const { labels, count } of counts) gauge.set(labels, count);
}
