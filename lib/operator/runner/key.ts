/** What the runner knows of one object of one controller. */

import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import type { Change } from "../../kube/cache/store.ts";
import { ApplyState, type WaitingStatuses } from "../apply/apply_state.ts";
import type { Subject } from "../apply/subject.ts";
import type { AnyController } from "../core/controller.ts";
import { managerNamed } from "../naming/labels.ts";
import type { KeyReader } from "./dependencies.ts";
import type { Queued } from "./queue.ts";
import { noReads } from "./reads.ts";

export class Key implements KeyReader, Queued, Subject {
  readonly query = undefined;
  reads = noReads;
  settled: Uint32Array | undefined = undefined;
  readonly applyState: ApplyState;
  running = false;
  woken = false;
  learnt = false;
  /** While the applier hands the cache what it was answered. */
  learning = false;
  predicted: Live<KubeObject> | undefined;
  lane: "interactive" | "bulk" = "interactive";
  failures = 0;
  sweeping = false;
  /** When it was queued, and when its writes began; monotonic milliseconds. */
  queuedAt = 0;
  startedAt = 0;
  /** Passes in a row that ended with `again`. */
  again = 0;
  #reconcileID: string | undefined;

  constructor(
    readonly controller: AnyController,
    readonly namespace: string,
    readonly name: string,
    readonly storeKey: string,
    waitingStatuses: WaitingStatuses,
  ) {
    this.applyState = new ApplyState(waitingStatuses);
  }

  get kindName(): string {
    return this.controllerName;
  }
  get controllerName(): string {
    return this.controller.name;
  }
  get reconcileID(): string {
    return this.#reconcileID ??= crypto.randomUUID();
  }
  /** A new pass begins: what is told from now on belongs to it. */
  beginPass(): void {
    this.#reconcileID = undefined;
  }
  get kind(): CachedKind<KubeObject> {
    return this.controller.kind;
  }
  get manager(): string {
    return managerNamed(this.controller.name);
  }
  get outdated(): boolean {
    return this.woken || this.learnt;
  }

  learn<R>(put: () => R): R {
    this.learning = true;
    try {
      return put();
    } finally {
      this.learning = false;
    }
  }
}

/** Whether a change is one of the key's own object. */
export function isOwn(key: Key, change: Change | undefined): boolean {
  return change !== undefined && change.kind === key.kind && change.key === key.storeKey;
}
