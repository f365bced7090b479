/**
 * Plays a recording to the operator, by the wire's bytes through the seam of `lib/kube`: its informers, its cache, its runner and its
 * writes are the real ones. At the end it says what the operator has missed.
 */

import { controllers } from "../../../mod.ts";
import { services, watchedKinds } from "../../../lib/cluster/kinds.ts";
import { factSources } from "../../../lib/facts/sources.ts";
import type { CachedKind } from "../../../lib/kube/cache/cached_kind.ts";
import { Discovery } from "../../../lib/kube/discovery.ts";
import { keyOf, type KubeObject, type Live, type Resource } from "../../../lib/kube/object.ts";
import { pathOf } from "../../../lib/kube/path.ts";
import type { InformerState } from "../../../lib/kube/watch/informer.ts";
import { systemClock } from "../../../lib/operator/core/clock.ts";
import { Operator } from "../../../lib/operator/operator.ts";
import { until } from "../../control_plane/until.ts";
import type { AnyObject } from "../../simulation/whole/whole_cluster.ts";
import type { PlayedCluster } from "./played_cluster.ts";

export interface PlayOptions {
  /** Steps a second; absent: as many as the operator takes. */
  readonly rate?: number;
  /** How many steps are told at least; the recording is told to its end. */
  readonly steps: number;
  /** Called once the operator is ready, before the first step. */
  readonly begins?: (operator: Operator) => Promise<void> | void;
  /** Called with how many steps were told, again and again. */
  readonly turned?: (told: number) => void;
  /** Called once it has nothing left to do. */
  readonly done?: () => Promise<void>;
}

export interface Played {
  /** Steps that were told. */
  readonly told: number;
  readonly seconds: number;
  /** Objects that came by watch, the operator's own writes among them, and lists that a watch could not go on without. */
  readonly events: number;
  readonly relists: number;
  readonly reconciles: number;
  readonly writes: number;
  /** Until nothing was left to do, from the last step on. */
  readonly secondsUntilQuiet: number;
  /** Looks at which the operator was not ready. */
  readonly notReady: number;
  /** What is not as it must be at the end, a line each. */
  readonly missed: readonly string[];
}

export async function play(cluster: PlayedCluster, options: PlayOptions): Promise<Played> {
  const live = new WholeOperator(cluster);
  await live.quiet();
  await options.begins?.(live.operator);
  const before = live.counts();
  let notReady = 0;
  const { told, seconds } = await cluster.tell(options.steps, options.rate, (told) => {
    if (!live.operator.synced) notReady++;
    options.turned?.(told);
  });
  const over = performance.now();
  await live.quiet();
  const after = live.counts();
  await options.done?.();
  const missed = [
    ...live.faults,
    ...await differencesOfCache(cluster, live.operator),
    ...await unlikeTheirEndpoints(cluster),
  ];
  await live.stop();
  return {
    told,
    seconds,
    events: after.events - before.events,
    relists: after.lists - before.lists,
    reconciles: after.reconciles - before.reconciles,
    writes: after.writes - before.writes,
    secondsUntilQuiet: (performance.now() - over) / 1_000,
    notReady,
    missed: [...missed, ...await whatAnotherWrites(cluster)],
  };
}

/** A whole operator in this thread. */
class WholeOperator {
  readonly faults: string[] = [];
  #reconciles = 0;
  readonly operator: Operator;
  readonly #states = new Set<InformerState>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<unknown>;

  constructor(private readonly cluster: PlayedCluster) {
    const { transport } = cluster;
    const nobody = {
      fetch: () => Promise.reject(new TypeError("connection refused")),
      own: () => Promise.resolve([]),
    };
    this.operator = new Operator({
      transport,
      discovery: new Discovery(transport),
      kinds: watchedKinds as readonly CachedKind<KubeObject>[],
      controllers,
      facts: factSources({ api: transport, logs: transport }, undefined, nobody),
      clock: systemClock,
      hooks: {
        reconciled: () => this.#reconciles++,
        applied: () => {},
        statusWritten: () => {},
        failed: () => {},
        crashed: ({ name }, error) => this.faults.push(`a pass of ${name} threw ${error}`),
        missedWakeup: ({ namespace, name }, what) =>
          this.faults.push(`${namespace}/${name} was not woken: ${what}`),
      },
      log: () => {},
      onInformer: (state) => this.#states.add(state),
    });
    this.#ended = this.operator.run(this.#stop.signal);
  }

  counts(): { events: number; lists: number; reconciles: number; writes: number } {
    const counts = { events: 0, lists: 0, reconciles: this.#reconciles, writes: this.cluster.writes.length };
    for (const { events, lists } of this.#states) {
      counts.events += events;
      counts.lists += lists;
    }
    return counts;
  }

  /** Resolves once it leads, has nothing to do, holds no status back, and has written nothing for two seconds. */
  async quiet(): Promise<void> {
    let writes = -1;
    let since = 0;
    await until("the operator has nothing left to do", () => {
      const { length } = this.cluster.writes;
      const { leading, runner } = this.operator;
      const isBusy = !leading || !runner.quiet || runner.sizes.held > 0 || length !== writes;
      if (isBusy) since = performance.now();
      writes = length;
      return performance.now() - since > 2_000;
    }, { seconds: 300 });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

/** What there is of a kind now. */
async function listed(cluster: PlayedCluster, resource: Resource): Promise<Live<AnyObject>[]> {
  const path = pathOf(resource);
  const { items } = await cluster.transport.performRequest({ method: "GET", path, expectJson: true }) as {
    items: Live<AnyObject>[];
  };
  return items;
}

/** The cache beside what the server has. */
async function differencesOfCache(cluster: PlayedCluster, { cache }: Operator): Promise<string[]> {
  const differences: string[] = [];
  for (const watched of watchedKinds as readonly CachedKind<KubeObject>[]) {
    const { plural } = watched.resource;
    const held = cache.store(watched);
    if (held.state === "uninstalled") continue;
    const there = (await listed(cluster, watched.resource)).filter((object) =>
      watched.selectedBy(object) !== 0
    );
    const keys = new Set(there.map(({ metadata }) => keyOf(metadata.namespace, metadata.name)));
    for (const key of held.keys()) {
      if (!keys.has(key)) differences.push(`${plural} ${key} is cached, and gone`);
    }
    for (const object of there) {
      const { namespace, name, resourceVersion } = object.metadata;
      const cached = held.get(namespace, name);
      const version = cached?.metadata.resourceVersion;
      if (version !== resourceVersion || !watched.sameProjection(cached!, watched.project(object))) {
        differences.push(
          `${plural} ${namespace}/${name} is cached as of ${version}, it is of ${resourceVersion}`,
        );
      }
    }
  }
  return differences;
}

/** A service is Running where its endpoint is ready, and nowhere else. */
async function unlikeTheirEndpoints(cluster: PlayedCluster): Promise<string[]> {
  const { services: count, broken } = cluster.recorded;
  const all = await listed(cluster, services.resource);
  const isBroken = ({ namespace, name }: { namespace?: string; name: string }) =>
    broken.includes(`${namespace}/${name}`);
  const wrong = all.filter(({ metadata, status }) =>
    (status?.status === "Running") === isBroken(metadata) ||
    status?.observedGeneration !== metadata.generation
  );
  return [
    ...(all.length === count ? [] : [`${all.length} services instead of ${count}`]),
    ...wrong.map(({ metadata, status }) =>
      `service ${metadata.name} is ${status?.status}, its endpoint is ${
        isBroken(metadata) ? "not " : ""
      }ready`
    ),
  ];
}

/** Another operator, which has seen nothing of it all, finds everything done. */
async function whatAnotherWrites(cluster: PlayedCluster): Promise<string[]> {
  const before = cluster.writes.length;
  const other = new WholeOperator(cluster);
  await other.quiet();
  await other.stop();
  return [...other.faults, ...cluster.writes.slice(before).map((write) => `left to do: ${write}`)];
}
