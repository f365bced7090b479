/**
 * What the server and its controllers do by themselves once something has been written: definitions that begin or
 * cease to serve, namespaces that empty themselves, dependents that follow their owners, events that are forgotten.
 *
 * It happens a moment after the write, by the server's clock, so that a client sees what lies between.
 */
import type { Cluster } from "../cluster.ts";
import { shelfOf } from "../kinds/kind.ts";
import type { Change } from "../store/store.ts";
import { clusterRoleChanged } from "./aggregation.ts";
import { definitionChanged } from "./definitions.ts";
import { Dependents } from "./dependents.ts";
import { EventExpiry } from "./events.ts";
import { namespaceChanged, somethingLeft } from "./namespaces.ts";

export class Lifecycle {
  readonly #watched = new Set<string>();
  readonly #dependents: Dependents;
  #waiting: Change[] = [];

  constructor(private readonly cluster: Cluster) {
    this.#dependents = new Dependents(cluster);
    const events = new EventExpiry(cluster);
    cluster.store.listen("events", (change) => events.learn(change));
    this.#watchKinds();
  }

  /** Follows every kind that is served. */
  #watchKinds(): void {
    for (const kind of this.cluster.kinds.all()) {
      const shelf = shelfOf(kind);
      if (this.#watched.has(shelf)) continue;
      this.#watched.add(shelf);
      for (const object of this.cluster.list(kind)) {
        const version = Number(object.metadata.resourceVersion);
        this.#dependents.learn(shelf, { type: "ADDED", version, object, before: undefined });
      }
      this.cluster.store.listen(shelf, (change) => {
        this.#dependents.learn(shelf, change);
        if (this.#waiting.push(change) === 1) this.cluster.clock.after(0, () => this.#follow());
      });
    }
  }

  #follow(): void {
    const changes = this.#waiting;
    this.#waiting = [];
    for (const change of changes) {
      const { kind } = change.object;
      if (kind === "CustomResourceDefinition") {
        definitionChanged(this.cluster, change);
        this.#watchKinds();
      } else if (kind === "Namespace") namespaceChanged(this.cluster, change);
      else if (kind === "ClusterRole") clusterRoleChanged(this.cluster, change);
      else if (change.type === "DELETED") somethingLeft(this.cluster, change.object.metadata.namespace);
      if (kind === "Pod" && change.type === "DELETED") {
        this.cluster.logs.delete(String(change.object.metadata.uid));
      }
      this.#dependents.follow(change);
    }
  }
}
