/** One played pod's life, from the moment it is bound to a node of ours to its deletion. */

import { delay } from "../../lib/kube/backoff.ts";
import {
  type BehaviourOf,
  type BoundPod,
  type Log,
  usual,
} from "../../lib/surroundings/kubelet/behaviour.ts";
import { logAt, momentAfter } from "../../lib/surroundings/kubelet/moments.ts";
import type { Moment } from "../../lib/surroundings/kubelet/pod_status.ts";

/** A run whose log can be read. */
export interface LoggedRun {
  readonly log: Log;
  /** The same from its beginning, and what comes while it runs; absent where the log is whole already. */
  readonly follow?: AsyncIterable<string>;
  /** Whether another run is to follow: the log is then that of the previous one. */
  readonly over: boolean;
}

/** Writes a pod's status; gives what it has written. */
export type WriteStatus = (pod: BoundPod, moment: Moment) => Promise<BoundPod["status"]>;

export class PodLife {
  readonly #stopping = new AbortController();
  #run?: LoggedRun;
  /** Resolves when nothing more is written. */
  readonly lived: Promise<void>;

  /**
   * @param behaviourOf undefined leaves it to the pod's owner
   * @param write what it throws ends the life
   * @param failed is told what ended it before its time
   */
  constructor(
    public pod: BoundPod,
    private readonly behaviourOf: BehaviourOf,
    private readonly write: WriteStatus,
    failed: (error: unknown) => void,
  ) {
    this.lived = this.#live().catch((error) => {
      if (!this.#stopping.signal.aborted) failed(error);
    });
  }

  /** The run that has a log, if one has begun; all containers of a played pod say the same. */
  runOf(_container: string): LoggedRun | undefined {
    return this.#run;
  }

  /** Ends it as its pod is deleted: nothing runs that could need time. */
  async terminate(): Promise<void> {
    this.stop();
    await this.lived;
  }

  /** Ends it; what is being written is written. */
  stop(): void {
    this.#stopping.abort(new Error("the pod is gone"));
  }

  async #live(): Promise<void> {
    // What is seen of the pod may be older than what was written of it last.
    let { status } = this.pod;
    let pauses = 0;
    for (;;) {
      this.#stopping.signal.throwIfAborted();
      const behaviour = this.behaviourOf(this.pod) ?? usual(this.pod);
      const next = momentAfter({ ...this.pod, status }, behaviour, new Date(), pauses);
      if (next === undefined) return;
      if (next.moment !== undefined) {
        const log = logAt(behaviour, next.moment);
        if (log !== undefined) this.#run = { log, over: false };
        else if (this.#run !== undefined && behaviour.does === "crash") {
          this.#run = { ...this.#run, over: true };
        }
        status = await this.write(this.pod, next.moment);
      }
      pauses = "pauses" in next ? next.pauses : 0;
      if (next.again) await delay(next.again, this.#stopping.signal);
    }
  }
}
