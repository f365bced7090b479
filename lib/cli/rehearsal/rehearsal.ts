/** A copy of a cluster's state in memory on which the operator runs as it would, in driven time, until it is at rest. */

import type { Cluster } from "../../apiserver/cluster.ts";
import { type JsonObject } from "../../apiserver/json.ts";
import { shelfOf } from "../../apiserver/kinds/kind.ts";
import type { Answer } from "../../apiserver/request.ts";
import { ApiServer } from "../../apiserver/server.ts";
import type { StoredObject } from "../../apiserver/store/store.ts";
import { inProcessTransport } from "../../apiserver/doors/in_process.ts";
import { watchedKinds } from "../../cluster/kinds.ts";
import type { Resource } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import type { Scope } from "../../operator/watching/watching.ts";
import type { Operator } from "../../operator/operator.ts";
import type { ClusterCache } from "../../operator/core/cluster_cache.ts";
import type { Surroundings } from "../../surroundings/run.ts";
import { DrivenTime } from "./driven_time.ts";
import { embeddedOperator } from "./embedded_operator.ts";
import { knownFacts, type Unknown } from "./known_facts.ts";
import { assumedNeighbours } from "./neighbours.ts";

/** The objects of a moment, by kind and name. */
export type Objects = ReadonlyMap<string, StoredObject>;

export interface RehearsalOptions {
  /** What there is at the beginning, with the kinds that are served. */
  readonly like: Cluster;
  /** When it begins, in milliseconds since 1970. */
  readonly at: number;
  /** Whether it is known which Secrets there are; if not, each that is asked for may well be there. */
  readonly knowsSecrets: boolean;
  /** Kinds that could not be read, as kubectl writes them: those of the cluster count as out of the operator's reach. */
  readonly unseen: readonly string[];
}

/** Nothing has been written for so long (driven milliseconds): it is at rest. */
const stillness = 90_000;
/** It is looked at in steps of this length. */
const step = 15_000;
/** What has not come to rest after so long does not. */
const longest = 3_600_000;

/** Kinds whose objects tell what happened, not what is. */
const fleeting = new Set(["events", "events.events.k8s.io", "leases.coordination.k8s.io"]);

/** Until it is disposed, the time of this thread is its own. */
export class Rehearsal implements Disposable {
  readonly server: ApiServer;
  /** What threw: faults of the program. */
  readonly faults: string[] = [];
  /** What the operator asked the outside for, and could not be told. */
  readonly unknown: Unknown[] = [];
  readonly #time: DrivenTime;
  readonly #neighbours: Surroundings;
  readonly #stop = new AbortController();
  #operator: Operator | undefined;

  constructor(private readonly options: RehearsalOptions) {
    const { like, at } = options;
    const random = chance();
    this.#time = new DrivenTime(random, at);
    const { clock } = this.#time;
    this.server = new ApiServer({ clock, random, token: "rehearsal", like });
    let settles = false;
    this.#neighbours = assumedNeighbours(this.server, {
      failed: (error) =>
        this.faults.push(error instanceof Error ? error.stack ?? error.message : String(error)),
      queued: () => {
        if (settles) return;
        settles = true;
        clock.after(0, () => {
          settles = false;
          this.#neighbours.settle();
        });
      },
    });
  }

  /** What the operator holds of it. */
  get cache(): ClusterCache {
    return this.#started().cache;
  }

  /** Answers as the API server of the copy, to `kubectl`. */
  ask(
    method: string,
    path: string,
    query: Record<string, string>,
    body?: JsonObject,
    contentType = method === "PATCH" ? "application/apply-patch+yaml" : "application/json",
  ): Answer {
    return this.server.handle({
      method,
      path,
      query: new URLSearchParams(query),
      body,
      contentType,
      userAgent: "kubectl",
    });
  }

  /** Lets the operator work until nothing is written any more. */
  async rest(): Promise<void> {
    this.#started();
    const { store, clock } = this.server.cluster;
    const began = clock.now();
    let [version, since] = [store.version, began];
    while (clock.now() - since < stillness && clock.now() - began < longest) {
      await this.#time.pass(step);
      if (store.version !== version) [version, since] = [store.version, clock.now()];
    }
  }

  /** Everything that is there now. */
  objects(): Objects {
    const { cluster } = this.server;
    const shelves = new Set(cluster.kinds.all().map(shelfOf).filter((shelf) => !fleeting.has(shelf)));
    const found = new Map<string, StoredObject>();
    for (const shelf of shelves) {
      for (const object of cluster.store.list(shelf)) {
        const { namespace = "", name } = object.metadata;
        found.set(`${shelf} ${namespace}/${name}`, object);
      }
    }
    return found;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#neighbours.stop();
    this.#time[Symbol.dispose]();
  }

  /** Where the user's rights end, the operator's do: an empty list would tell that there is nothing. */
  #scope(transport: Transport): Scope | undefined {
    const { cluster } = this.server;
    const unreadable = new Set(this.options.unseen);
    const isSeen = (resource: Resource) => !unreadable.has(shelfOf(resource));
    if (watchedKinds.every(({ resource }) => resource.namespaced || isSeen(resource))) return undefined;
    return {
      namespaces: cluster.store.list("namespaces").map(({ metadata }) => metadata.name),
      mayRead: (resource) => Promise.resolve(resource.namespaced || isSeen(resource)),
      transportOf: () => transport,
    };
  }

  #started(): Operator {
    if (this.#operator !== undefined) return this.#operator;
    const transport = inProcessTransport(this.server, "aim-engine");
    const operator = embeddedOperator({
      transport,
      scope: this.#scope(transport),
      facts: knownFacts(this.server, this.options.knowsSecrets, (what) => this.unknown.push(what)),
      fault: (what) => this.faults.push(what),
    });
    operator.run(this.#stop.signal).catch((error) => this.faults.push(String(error)));
    return this.#operator = operator;
  }
}

/** Numbers in [0, 1) that are the same in each rehearsal, so that made-up names are too (Lehmer's generator). */
function chance(): () => number {
  let state = 1;
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
}
