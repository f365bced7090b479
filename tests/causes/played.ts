/** What the pods of one namespace do, until they are mended. */

import type { Behaviour, BehaviourOf } from "../../lib/surroundings/kubelet/behaviour.ts";

export interface PlayedPods {
  readonly job?: Behaviour;
  readonly serving?: Behaviour;
  /** They do so only once the fault has begun. */
  readonly later?: true;
}

export class Played {
  #begun: boolean;
  #mended = false;

  constructor(private readonly pods: PlayedPods = {}) {
    this.#begun = pods.later !== true;
  }

  /** From now on they do what is wrong. */
  begin(): void {
    this.#begun = true;
  }

  /** From now on they do what they should. */
  mend(): void {
    this.#mended = true;
  }

  get isMended(): boolean {
    return this.#mended;
  }

  behaviour(isOfJob: boolean): Behaviour | undefined {
    if (!this.#begun || this.#mended) return undefined;
    return isOfJob ? this.pods.job : this.pods.serving;
  }
}

/** Each pod does what its namespace says. */
export function played(places: ReadonlyMap<string, Played>): BehaviourOf {
  return ({ metadata }) => {
    const isOfJob = metadata?.ownerReferences?.some(({ kind }) => kind === "Job") === true;
    return places.get(metadata?.namespace ?? "")?.behaviour(isOfJob);
  };
}
