/** One pod's life, from the moment it is bound to a node of ours to its deletion. */

import { delay } from "../../lib/kube/backoff.ts";
import {
  type Behaviour,
  type BehaviourOf,
  type BoundPod,
  type Log,
  type Run,
  usual,
} from "../../lib/surroundings/kubelet/behaviour.ts";
import {
  crashed,
  ended,
  endedBeside,
  type Moment,
  running,
  waiting,
} from "../../lib/surroundings/kubelet/pod_status.ts";

/** How often an image that was not to be had is pulled again. */
const pullEvery = 1_000;

/** A run whose log can be read. */
export interface LoggedRun {
  readonly log: Log;
  /** The same from its beginning, and what comes while it runs; absent where the log is whole already. */
  readonly follow?: AsyncIterable<string>;
  /** Whether another run is to follow: the log is then that of the previous one. */
  readonly over: boolean;
}

export class PodLife {
  readonly #behaviourOf: BehaviourOf;
  readonly #writeStatus: (pod: BoundPod, moment: Moment) => Promise<unknown>;
  readonly #stopping = new AbortController();
  #run?: LoggedRun;
  /** Resolves when nothing more is written. */
  readonly lived: Promise<void>;

  /**
   * @param write writes the pod's status; what it throws ends the life
   * @param failed is told what ended it before its time
   */
  constructor(
    public pod: BoundPod,
    behaviourOf: BehaviourOf,
    write: (pod: BoundPod, moment: Moment) => Promise<unknown>,
    failed: (error: unknown) => void,
  ) {
    this.#behaviourOf = behaviourOf;
    this.#writeStatus = write;
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
    const behaviour = await this.#started();
    const from = new Date();
    this.#run = { log: logOf(behaviour), over: false };
    await this.#write(running(from));
    if (behaviour.does === "serve") return;
    if (behaviour.milliseconds) await this.#pause(behaviour.milliseconds);
    if (behaviour.does === "crash") {
      this.#run = { ...this.#run, over: true };
      await this.#write(crashed(behaviour, from, new Date()));
    } else if (behaviour.othersStay) await this.#write(endedBeside(this.pod, behaviour, from, new Date()));
    else await this.#write(ended(behaviour, from, new Date()));
  }

  /** Waits, and says why, until the behaviour is one that starts. */
  async #started(): Promise<Extract<Behaviour, { does: "serve" | "run" | "crash" }>> {
    for (let attempt = 0;; attempt++) {
      const behaviour = this.#behaviourOf(this.pod) ?? usual(this.pod);
      if (behaviour.does === "never start") {
        if (attempt === 0) {
          await this.#write(waiting(behaviour.reason ?? "ContainerCreating", behaviour.message));
        }
      } else if (behaviour.does === "fail to pull") {
        const { message } = behaviour;
        // A kubelet alternates: the attempt with the registry's words, then the pause.
        if (attempt % 2 === 0) await this.#write(waiting("ErrImagePull", message));
        else {await this.#write(
            waiting("ImagePullBackOff", `Back-off pulling image: ErrImagePull: ${message}`),
          );}
      } else return behaviour;
      await this.#pause(pullEvery);
    }
  }

  #write(moment: Moment): Promise<unknown> {
    return this.#writeStatus(this.pod, moment);
  }

  #pause(milliseconds: number): Promise<void> {
    return delay(milliseconds, this.#stopping.signal);
  }
}

function logOf({ log = "" }: Run): Log {
  return log;
}
