/**
 * What the operator tells a Prometheus (conventions.md §12): the names that dashboards of Go operators use, and
 * our own `aim_*`. What changes with every event is counted there; everything else is read when somebody scrapes.
 */

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { type ConfigUse, countConfigUses } from "../cluster/config_users.ts";
import type { Right } from "../kube/lacked_right.ts";
import type { RequestReport } from "../kube/transport.ts";
import type { Operator } from "../operator/operator.ts";
import type { AnyController } from "../operator/core/controller.ts";
import { inFlight, type Load, type RunnerHooks } from "../operator/runner/runner.ts";
import {
  counters,
  type Definition,
  gauges,
  type HistogramDefinition,
  histograms,
  most,
  others,
} from "./definitions.ts";
import { registerProcessMetrics } from "./process_metrics.ts";
import { countDiscoveries, ResourceTally } from "./resource_tally.ts";
import { type Count, Tally } from "./tally.ts";
import { ToldApart } from "./told_apart.ts";

type MeasuredHooks = Pick<
  RunnerHooks,
  "taken" | "reconciled" | "crashed" | "applied" | "statusWritten" | "missedWakeup"
>;

const results = ["success", "error", "requeue", "requeue_after"] as const;

export class OperatorMetrics {
  readonly #registry = new Registry();
  readonly #controllers: readonly AnyController[];
  readonly #leaseName: string | undefined;
  #watched: { readonly operator: Operator; readonly tally: ResourceTally } | undefined;

  readonly #reconciles = this.#counter(counters.reconciles);
  readonly #errors = this.#counter(counters.errors);
  readonly #terminalErrors = this.#counter(counters.terminalErrors);
  readonly #panics = this.#counter(counters.panics);
  readonly #retries = this.#counter(counters.retries);
  readonly #adds = this.#counter(counters.adds);
  readonly #requests = this.#counter(counters.requests);
  readonly #statusWrites = this.#counter(counters.statusWrites);
  readonly #applies = this.#counter(counters.applies);
  readonly #missedWakeups = this.#counter(counters.missedWakeups);
  readonly #registryRequests = this.#counter(counters.registryRequests);
  readonly #certificateReads = this.#counter(counters.certificateReads);
  readonly #certificateErrors = this.#counter(counters.certificateErrors);
  readonly #reconcileSeconds = this.#histogram(histograms.reconcileSeconds);
  readonly #queueSeconds = this.#histogram(histograms.queueSeconds);
  readonly #workSeconds = this.#histogram(histograms.workSeconds);
  readonly #depth = this.#gauge(gauges.depth);
  readonly #unfinished = this.#gauge(gauges.unfinished);
  readonly #longest = this.#gauge(gauges.longest);
  readonly #active = this.#gauge(gauges.active);
  readonly #limit = this.#gauge(gauges.limit);
  readonly #leads = this.#gauge(gauges.leads);
  readonly #resourceStatus = this.#gauge(gauges.resourceStatus);
  readonly #conditionFalse = this.#gauge(gauges.conditionFalse);
  readonly #discoveries = this.#gauge(gauges.discoveries);
  readonly #missingRights = this.#gauge(gauges.missingRights);
  readonly #configUsers = this.#gauge(gauges.configUsers);
  readonly #downloadBytes = this.#gauge(gauges.downloadBytes);
  readonly #registries = new ToldApart(most.registries);
  readonly #registryCodes = new ToldApart(most.registryCodes);
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
    const tally = new ResourceTally(operator.cache, this.#controllers.map(({ kind }) => kind));
    this.#watched = { operator, tally };
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
    this.#registryRequests.inc({
      registry: this.#registries.has(registry) ? registry : others,
      code: this.#registryCodes.has(code) ? code : others,
    });
  };

  readonly missingRights = (rights: readonly Pick<Right, "verb" | "group" | "resource">[]): void => {
    this.#missingRights.reset();
    for (const { verb, group, resource } of rights) this.#missingRights.set({ verb, group, resource }, 1);
  };

  readonly certificateRead = (succeeded: boolean): void => {
    this.#certificateReads.inc();
    if (!succeeded) this.#certificateErrors.inc();
  };

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics at this moment, in Prometheus' text form. Whatever else there is to do has its turn meanwhile. */
  async text(): Promise<string> {
    const turns = new Turns();
    if (this.#watched !== undefined) await this.#look(this.#watched.operator, this.#watched.tally, turns);
    const texts: string[] = [];
    for (const { name } of this.#registry.getMetricsAsArray()) {
      texts.push(await this.#registry.getSingleMetricAsString(name));
      if (turns.isOver) await turns.next();
    }
    return `${texts.join("\n\n")}\n`;
  }

  /** Reads how it is now: queue, lease and cache, each once. */
  async #look({ runner, election, cache }: Operator, tally: ResourceTally, turns: Turns): Promise<void> {
    for (const load of runner.loads()) this.#lookAt(load);
    if (this.#leaseName !== undefined) {
      this.#leads.set({ name: this.#leaseName }, election?.isLeader ? 1 : 0);
    }
    this.#discoveries.set(countDiscoveries(cache));
    fill(this.#configUsers, await boundedUses(countConfigUses(cache), turns));
    fill(this.#resourceStatus, tally.statuses);
    fill(this.#conditionFalse, tally.falseConditions);
    fill(this.#downloadBytes, tally.downloads);
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

  #counter<Label extends string>({ name, help, labels }: Definition<Label>): Counter<Label> {
    return new Counter({ name, help, labelNames: namesOf(labels), registers: [this.#registry] });
  }

  #gauge<Label extends string>({ name, help, labels }: Definition<Label>): Gauge<Label> {
    return new Gauge({ name, help, labelNames: namesOf(labels), registers: [this.#registry] });
  }

  #histogram<Label extends string>(
    { name, help, labels, buckets }: HistogramDefinition<Label>,
  ): Histogram<Label> {
    const registers = [this.#registry];
    return new Histogram({ name, help, labelNames: namesOf(labels), buckets: [...buckets], registers });
  }
}

function namesOf<Label extends string>(labels: Readonly<Record<Label, string>>): Label[] {
  return Object.keys(labels) as Label[];
}

/** The first configs one by one, and the rest together. */
async function boundedUses(
  uses: Iterable<ConfigUse>,
  turns: Turns,
): Promise<Count<keyof typeof gauges.configUsers.labels>[]> {
  const tally = new Tally<keyof typeof gauges.configUsers.labels>();
  const known = new ToldApart(most.configs);
  for (const { count, ...labels } of uses) {
    const isKnown = known.has(`${labels.namespace}/${labels.name}`);
    tally.add(isKnown ? labels : { ...labels, namespace: "", name: others }, count);
    if (turns.isOver) await turns.next();
  }
  return tally.counts;
}

/** Milliseconds that a scrape works at a stretch. */
const stretch = 5;

/** Lets others have their turn whenever a stretch is over. */
class Turns {
  #began = performance.now();

  get isOver(): boolean {
    return performance.now() - this.#began >= stretch;
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#began = performance.now();
  }
}

/** Replaces all values of a gauge: what is no more counted is gone. */
function fill<Label extends string>(gauge: Gauge<Label>, counts: readonly Count<Label>[]): void {
  gauge.reset();
  for (const { labels, count } of counts) gauge.set(labels, count);
}
