/**
 * Runs the controllers on a cluster in this process: keeps their view, queues what changed, carries out what they want.
 * Everything is synchronous; time passes only where the clock says so.
 */

import { keyOf, type KubeObject, type Live, type Resource } from "../kube/object.ts";
import type { Controller, Key, Watch, Write } from "./controller.ts";
import { ClusterView, resourceId } from "./view.ts";

/** Refused, in the words of the API server. */
export class Refused extends Error {}

/** What the surroundings need of a cluster. What it refuses, it throws as {@link Refused}. */
export interface Cluster {
  /** Tells of all objects of a kind, and then of each change; one that is gone is told as it was last. Gives what ends it. */
  subscribe(resource: Resource, told: (object: Live<KubeObject>, gone: boolean) => void): () => void;
  create(resource: Resource, object: KubeObject, manager: string): Live<KubeObject>;
  /** Replaces the object, or with `status` its status; the version that it carries is not compared. */
  update(resource: Resource, object: Live<KubeObject>, manager: string, subresource?: "status"): void;
  delete(resource: Resource, object: Live<KubeObject>, gracePeriodSeconds?: number): void;
  bind(pod: Live<KubeObject>, node: string): void;
  record(event: EventRecord): void;
  /** From now on that is the pod's log. */
  keepLog(pod: Live<KubeObject>, log: string): void;
  readonly clock: Clock;
}

/** An event as it is to stand in the cluster. */
export interface EventRecord {
  readonly about: Live<KubeObject>;
  readonly resource: Resource;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly component: string;
}

/** Time as it passes in a cluster. */
export interface Clock {
  now(): Date;
  /** Calls back after that many milliseconds. */
  after(milliseconds: number, callback: () => void): void;
}

export interface SurroundingsOptions {
  /** Told of what a controller threw, or of a write that was refused and should not have been. */
  readonly failed?: (error: unknown, controller: string) => void;
  /** Called when work is queued: the caller runs {@link Surroundings.settle} when it sees fit. */
  readonly queued?: () => void;
}

/** How many events' texts are remembered, so that one is not told twice. */
const remembered = 10_000;

interface Concerned {
  readonly controller: Controller;
  /** Whether it is the controller of that kind. */
  readonly isOwn: boolean;
  readonly watches: readonly Watch[];
}

export class Surroundings {
  readonly #view: ClusterView;
  readonly #queue = new Map<string, { readonly controller: Controller; readonly key: Key }>();
  /** When an object is to be seen again, by controller and object: the earliest wins. */
  readonly #due = new Map<string, number>();
  readonly #told = new Set<string>();
  readonly #concerned = new Map<string, readonly Concerned[]>();
  readonly #subscriptions: (() => void)[] = [];
  #busy = false;
  #stopped = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly controllers: readonly Controller[],
    private readonly options: SurroundingsOptions = {},
  ) {
    this.#view = new ClusterView(
      () => cluster.clock.now(),
      (resource) =>
        this.#subscriptions.push(
          cluster.subscribe(resource, (object, gone) => this.#changed(resource, object, gone)),
        ),
    );
    for (const { resource, watches = [] } of controllers) {
      for (const each of [resource, ...watches.map((watch) => watch.resource)]) {
        if (each !== undefined) this.#view.list(each);
      }
    }
  }

  /** Does nothing any more, whatever happens in the cluster. */
  stop(): void {
    this.#stopped = true;
    this.#queue.clear();
    for (const end of this.#subscriptions.splice(0)) end();
  }

  /** Whether nothing is left to do now. */
  get isSettled(): boolean {
    return this.#queue.size === 0;
  }

  /**
   * Runs what is queued, and what comes of it.
   * @param most stops after that many runs
   */
  settle(most = Infinity): void {
    if (this.#busy) return; // called from a write of ours: the loop below goes on
    this.#busy = true;
    try {
      for (let run = 0; run < most; run++) {
        const next = this.#queue.entries().next();
        if (next.done) return;
        const [id, { controller, key }] = next.value;
        this.#queue.delete(id);
        this.#run(controller, key);
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Whom a change of a kind concerns, in their order, and by which of their watches. */
  #concernedBy(id: string): readonly Concerned[] {
    let concerned = this.#concerned.get(id);
    if (concerned === undefined) {
      concerned = this.controllers.flatMap((controller) => {
        const isOwn = resourceId(controller.resource) === id;
        const watches = (controller.watches ?? []).filter(({ resource }) =>
          resource === undefined || resourceId(resource) === id
        );
        return isOwn || watches.length > 0 ? [{ controller, isOwn, watches }] : [];
      });
      this.#concerned.set(id, concerned);
    }
    return concerned;
  }

  #changed(resource: Resource, object: Live<KubeObject>, gone: boolean): void {
    const { namespace, name } = object.metadata;
    const before = gone ? this.#view.remove(resource, object) : this.#view.put(resource, object);
    for (const { controller, isOwn, watches } of this.#concernedBy(resourceId(resource))) {
      if (isOwn && gone) controller.gone?.(object);
      else if (isOwn) this.#enqueue(controller, { namespace, name });
      for (const watch of watches) {
        for (const key of watch.keysOf(object, this.#view)) this.#enqueue(controller, key);
        // What has lost its owner or a label concerns those whose it was.
        if (before === undefined || before.metadata === object.metadata) continue;
        for (const key of watch.keysOf(before, this.#view)) this.#enqueue(controller, key);
      }
    }
  }

  #enqueue(controller: Controller, key: Key): void {
    if (this.#stopped) return;
    const wasEmpty = this.#queue.size === 0;
    this.#queue.set(this.#idOf(controller, key), { controller, key });
    if (wasEmpty && !this.#busy) this.options.queued?.();
  }

  #run(controller: Controller, key: Key): void {
    const object = this.#view.get(controller.resource, key.namespace, key.name);
    if (object === undefined) return;
    try {
      this.#carryOut(controller, key, controller.reconcile(object, this.#view));
    } catch (error) {
      this.options.failed?.(error, controller.name);
    }
  }

  /** Carries writes out in their order, up to the first that is refused. */
  #carryOut(controller: Controller, key: Key, writes: readonly Write[]): void {
    for (const write of writes) {
      if ("requeueAfter" in write) this.#requeue(controller, key, write.requeueAfter);
      else if ("event" in write) this.#tell(controller, write);
      else if ("log" in write) this.cluster.keepLog(write.of, write.log);
      else if ("bind" in write) this.cluster.bind(write.bind, write.node);
      else if ("delete" in write) this.cluster.delete(write.resource, write.delete, write.gracePeriodSeconds);
      else if ("update" in write) this.cluster.update(write.resource, write.update, controller.name);
      else if ("updateStatus" in write) {
        this.cluster.update(write.resource, write.updateStatus, controller.name, "status");
      } else if (!this.#create(controller, key, write)) return;
    }
  }

  #create(controller: Controller, key: Key, write: Extract<Write, { create: KubeObject }>): boolean {
    let object;
    try {
      object = this.cluster.create(write.resource, write.create, controller.name);
    } catch (error) {
      if (write.refused === undefined || !(error instanceof Refused)) throw error;
      this.#carryOut(controller, key, write.refused(error.message));
      return false;
    }
    this.#carryOut(controller, key, write.created?.(object) ?? []);
    return true;
  }

  #tell(
    { name: component }: Controller,
    { event, about, resource }: Extract<Write, { about: unknown }>,
  ): void {
    const text = JSON.stringify([about.metadata.uid, event.reason, event.message]);
    if (this.#told.has(text)) return;
    if (this.#told.size >= remembered) this.#told.delete(this.#told.values().next().value!);
    this.#told.add(text);
    this.cluster.record({ about, resource, ...event, component });
  }

  /** Short, since it is made for each object that concerns a controller, and hashed. */
  #idOf(controller: Controller, { namespace, name }: Key): string {
    return `${this.controllers.indexOf(controller)} ${keyOf(namespace, name)}`;
  }

  #requeue(controller: Controller, key: Key, milliseconds: number): void {
    const id = this.#idOf(controller, key);
    const due = this.cluster.clock.now().getTime() + milliseconds;
    if ((this.#due.get(id) ?? Infinity) <= due) return;
    this.#due.set(id, due);
    this.cluster.clock.after(milliseconds, () => {
      if (this.#due.get(id) !== due) return;
      this.#due.delete(id);
      this.#enqueue(controller, key);
    });
  }
}
