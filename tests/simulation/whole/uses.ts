/** Who uses weights: what is looked at before they are deleted. */

import { resourceOf } from "./users_objects.ts";
import type { AnyObject, WholeCluster } from "./whole_cluster.ts";

const [services, caches, artifacts] = (["aimservices", "aimtemplatecaches", "aimartifacts"] as const).map(
  resourceOf,
);

/** As long may a list be under way, and then the deletion that it proves right. */
const underWay = 4_000;

export class Uses {
  /** Requests that hang until then prove nothing. */
  lateUntil = -Infinity;
  /** Since when somebody has recorded the use of an object, by the UIDs of both. */
  readonly #since = new Map<string, number>();

  constructor(private readonly cluster: WholeCluster) {
    const { store } = cluster.server.cluster;
    for (const users of [services, caches]) {
      for (const object of store.list(users)) this.#note(object, usedBy(object));
      store.listen(users, ({ object }) => this.#note(object, usedBy(object)));
    }
  }

  /** Who has used an object for so long that whoever deletes it must have seen it. */
  of(resource: string, { metadata: { uid } }: AnyObject): string | undefined {
    const { clock, store } = { clock: this.cluster.time.clock, store: this.cluster.server.cluster.store };
    const users = resource === caches ? services : resource === artifacts ? caches : undefined;
    if (users === undefined || clock.now() < this.lateUntil) return undefined;
    const user = store.list(users).find((each) =>
      each.metadata.deletionTimestamp === undefined && usedBy(each).includes(uid) &&
      clock.now() - this.#since.get(`${each.metadata.uid} ${uid}`)! > underWay
    );
    return user && `${user.kind} ${user.metadata.name}`;
  }

  #note({ metadata }: AnyObject, used: readonly string[]): void {
    for (const uid of used) {
      const use = `${metadata.uid} ${uid}`;
      if (!this.#since.has(use)) this.#since.set(use, this.cluster.time.clock.now());
    }
  }
}

/** UIDs of the cache that a service, or of the artifacts that a cache has recorded. */
function usedBy({ status }: AnyObject): string[] {
  const recorded = [
    status?.cache?.templateCacheRef,
    ...Object.values(status?.artifacts ?? {}),
  ] as AnyObject[];
  return recorded.flatMap((each) => each?.uid ?? []);
}
