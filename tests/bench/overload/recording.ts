/**
 * What a cluster tells while no operator is there: pods of endpoints are evicted and made again, fail their probes and recover, nodes
 * are labelled, and KServe says each time what has become of the endpoint. Recorded on the cluster in memory, in driven time: a seed
 * makes the same recording again.
 */

import { Cluster } from "../../../lib/apiserver/cluster.ts";
import { shelfOf } from "../../../lib/apiserver/kinds/kind.ts";
import { keyOf, type Store, type StoredObject } from "../../../lib/apiserver/store/store.ts";
import { watchedKinds } from "../../../lib/cluster/kinds.ts";
import type { CachedKind } from "../../../lib/kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { Random } from "../../simulation/random.ts";
import { type AnyObject, WholeCluster } from "../../simulation/whole/whole_cluster.ts";
import { furnish } from "../embedded_catalogue.ts";
import { service } from "../scenario.ts";

/** What became of one object. */
export interface Step {
  readonly shelf: string;
  readonly object: StoredObject;
  readonly gone: boolean;
}

export interface Recording {
  /** The cluster as it was at the beginning, with every service Running. */
  readonly start: Cluster;
  readonly steps: readonly Step[];
  /** What leads from the end to the beginning, so that it can be told again. */
  readonly back: readonly Step[];
  readonly services: number;
  /** Services whose endpoint is not ready at the end, as `namespace/name`. */
  readonly broken: ReadonlySet<string>;
}

export interface RecordingOptions {
  readonly seed: number;
  readonly services: number;
  /** How many steps there are at least. */
  readonly steps: number;
}

/** Of this group the operator writes everything itself: without it nothing happens to them. */
const ownGroup = "aim.eai.amd.com";

/** Longer, in driven seconds, and something is wrong. */
const longest = 600;

export async function record({ seed, services: count, steps: least }: RecordingOptions): Promise<Recording> {
  using cluster = new WholeCluster(seed);
  furnish(cluster, count);
  const running = cluster.start();
  for (let n = 0; n < count; n++) {
    const { path, object } = service(n);
    cluster.ask("POST", path, object);
  }
  const { store, kinds } = cluster.server.cluster;
  const services = () => store.list(`aimservices.${ownGroup}`) as AnyObject[];
  await cluster.time.pass(
    longest * 1_000,
    () => services().every(({ status }) => status?.status === "Running"),
  );
  await cluster.time.pass(60_000);
  running.stop();
  await cluster.time.pass(10_000);
  const faults = [...running.faults, ...cluster.faults];
  if (faults.length > 0) throw new Error(faults.join("\n"));
  if (services().some(({ status }) => status?.status !== "Running")) throw new Error("not all are Running");

  const start = new Cluster({ like: cluster.server.cluster });
  const steps: Step[] = [];
  for (const watched of watchedKinds as readonly CachedKind<KubeObject>[]) {
    const { group, version, plural } = watched.resource;
    const kind = kinds.find(group, version, plural);
    if (kind === undefined || group === ownGroup) continue;
    const shelf = shelfOf(kind);
    store.listen(shelf, ({ type, object, before }) => {
      const isSeen = [object, before].some((each) =>
        each && watched.selectedBy(each as Live<KubeObject>) !== 0
      );
      if (isSeen) steps.push({ shelf, object, gone: type === "DELETED" });
    });
  }
  const troubled = new Trouble(cluster, new Random(seed));
  while (steps.length < least) {
    troubled.next();
    await cluster.time.pass(200);
  }
  // What is broken in the end was well in the beginning: a service that missed the last word of it would be Running.
  troubled.breakEndpoints(Math.ceil(count / 10));
  await cluster.time.pass(60_000);
  const endpoints = store.list("inferenceservices.serving.kserve.io") as AnyObject[];
  const broken = endpoints.filter(({ status }) => !isTrue(status?.conditions, "Ready"));
  if (cluster.faults.length > 0) throw new Error(cluster.faults.join("\n"));
  return {
    start,
    steps,
    back: difference(store, start.store, [...new Set(steps.map(({ shelf }) => shelf))]),
    services: count,
    broken: new Set(broken.map(({ metadata }) =>
      keyOf(
        metadata.ownerReferences === undefined ? metadata : {
          namespace: metadata.namespace,
          name: metadata.ownerReferences[0].name,
        },
      )
    )),
  };
}

/** Takes a step on a cluster where an operator lives: of what the operator applies, only the status is anybody else's. */
export function take(store: Store, { shelf, object, gone }: Step): void {
  const { namespace, name } = object.metadata;
  const now = store.get(shelf, namespace, name);
  if (gone) {
    if (now !== undefined) store.remove(shelf, now);
  } else if (shelf === "inferenceservices.serving.kserve.io" && now !== undefined) {
    store.put(shelf, { ...now, status: object.status });
  } else store.put(shelf, { ...object });
}

/** What happens to pods and nodes. */
class Trouble {
  #turn = 0;

  constructor(private readonly cluster: WholeCluster, private readonly random: Random) {}

  next(): void {
    const act = this.random.pick([
      () => this.#evict(),
      () => this.#fail(this.#anyPod(), false),
      () => this.#fail(this.#anyPod(), true),
      () => this.#fail(this.#anyPod(), true),
      () => this.#labelNode(),
    ]);
    act();
  }

  breakEndpoints(count: number): void {
    const pods = this.#pods();
    for (const pod of pods.slice(0, count)) this.#fail(pod, false);
  }

  #pods(): AnyObject[] {
    return (this.cluster.server.cluster.store.list("pods") as AnyObject[]).filter(({ metadata }) =>
      metadata.labels?.["serving.kserve.io/inferenceservice"] !== undefined &&
      metadata.deletionTimestamp === undefined
    );
  }

  #anyPod(): AnyObject {
    return this.random.pick(this.#pods());
  }

  #evict(): void {
    const { metadata: { namespace, name } } = this.#anyPod();
    this.cluster.ask("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`);
  }

  /** Its probe fails, or succeeds again. */
  #fail({ metadata: { namespace, name }, status }: AnyObject, ready: boolean): void {
    const conditions = status?.conditions?.map((condition: AnyObject) =>
      ["Ready", "ContainersReady"].includes(condition.type)
        ? { ...condition, status: ready ? "True" : "False" }
        : condition
    );
    const containerStatuses = status?.containerStatuses?.map((each: AnyObject) => ({ ...each, ready }));
    if (containerStatuses === undefined || conditions === undefined) return; // it has not started
    this.cluster.ask(
      "PATCH",
      `/api/v1/namespaces/${namespace}/pods/${name}/status`,
      structuredClone({ status: { conditions, containerStatuses } }), // what is stored is frozen
      "application/merge-patch+json",
    );
  }

  #labelNode(): void {
    const { metadata: { name } } = this.random.pick(this.cluster.server.cluster.store.list("nodes"));
    const labels = { "example.com/turn": String(this.#turn++) };
    this.cluster.ask(
      "PATCH",
      `/api/v1/nodes/${name}`,
      { metadata: { labels } },
      "application/merge-patch+json",
    );
  }
}

function isTrue(conditions: readonly AnyObject[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
}

/** The steps from one state to another. */
function difference(from: Store, to: Store, shelves: readonly string[]): Step[] {
  return shelves.flatMap((shelf) => {
    const wanted = to.list(shelf);
    const keys = new Set(wanted.map(({ metadata }) => keyOf(metadata)));
    const surplus = from.list(shelf).filter(({ metadata }) => !keys.has(keyOf(metadata)));
    const other = wanted.filter((object) => {
      const now = from.get(shelf, object.metadata.namespace, object.metadata.name);
      return now?.metadata.resourceVersion !== object.metadata.resourceVersion;
    });
    return [
      ...surplus.map((object) => ({ shelf, object, gone: true })),
      ...other.map((object) => ({ shelf, object, gone: false })),
    ];
  });
}
