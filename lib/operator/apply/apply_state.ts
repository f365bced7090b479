/**
 * What the applier remembers of a key between passes. In memory only: a restart begins with none. Its moments
 * are those of the monotonic clock, in milliseconds.
 */

import {
  childKey,
  type ChildRef,
  type Contested,
  type Outcome,
  type Outcomes,
  type Plan,
  type Rejected,
} from "../core/plan.ts";
import type { Urgency } from "../status/status_changes.ts";
import type { RememberedAnswer, Verdict } from "./diff/compare.ts";

/** What was there for longer than this has lasted (milliseconds): longer than the longest wait. */
export const lasting = 600_000;

export interface Rejection {
  readonly hash: string;
  readonly version: string | undefined;
  readonly outcome: Rejected;
  readonly retryAt: number;
  readonly attempts: number;
  /** When a status says so. */
  readonly toldAt: number;
}

/** What is told of a rejection by then: that the child waits, until it has lasted. */
export function outcomeBy(now: number, { outcome, toldAt }: Rejection): Outcome {
  return now < toldAt ? { result: "waiting" } : outcome;
}

export interface ChildRecord {
  /** The last comparison, valid for that version of the child and that hash of what we want. */
  verdict?: { readonly version: string; readonly hash: string; readonly verdict: Verdict };
  /** What we want (hash) when it last was as we want it; a difference after that is somebody else's. */
  agreed?: string;
  /** What a server or webhook makes of what we want: not a difference. */
  answer?: RememberedAnswer;
  /** Not sent again before `retryAt` unless what we want, or the child, has changed. */
  rejection?: Rejection;
  /** When we put back what another manager had changed. */
  corrections: { readonly path: string; readonly version: string; readonly at: number }[];
  /** Who had changed a field in that version of the child. */
  changed?: { readonly version: string; readonly path: string; readonly by: string };
  /** Whether an object of somebody else's had its name: then that is looked for before anything is sent. */
  taken?: boolean;
  /** Since when its edit or deletion has been refused in a way that passes soon. */
  failingSince?: number;
  contest?: { readonly outcome: Contested; readonly until: number };
  /** When a change (hash of what we want) that many children are due for may be sent to this one. */
  scheduled?: { readonly hash: string; readonly at: number };
  /** How often it was made in a row without lasting, and when it was made last. */
  made?: Made;
  /** UID whose deletion the server has accepted. */
  deleting?: string;
}

interface Made {
  readonly times: number;
  readonly at: number;
}

/** A status change that waits to be written. */
export interface WaitingStatus {
  /** Monotonic milliseconds, as all here. */
  readonly since: number;
  readonly lookAt: number;
  readonly urgency: Urgency;
}

/** How many statuses wait to be written, of all keys. */
export class WaitingStatuses {
  count = 0;
}

export class ApplyState {
  readonly #children = new Map<string, ChildRecord>();
  /** How often children were made that the plan does not name now: it may name them only while they are not there. */
  readonly #unnamed = new Map<string, Made>();
  #statusWaiting: WaitingStatus | undefined;
  /** When the status was last written. */
  statusWrittenAt = -Infinity;

  constructor(readonly waitingStatuses = new WaitingStatuses()) {}

  /** Since when a status change waits, and when to look at it again; undefined if none waits. */
  get statusWaiting(): WaitingStatus | undefined {
    return this.#statusWaiting;
  }
  set statusWaiting(next) {
    this.waitingStatuses.count += Number(next !== undefined) - Number(this.#statusWaiting !== undefined);
    this.#statusWaiting = next;
  }

  child(ref: ChildRef): ChildRecord {
    const key = childKey(ref);
    let record = this.#children.get(key);
    if (record === undefined) {
      this.#children.set(key, record = { corrections: [], made: this.#unnamed.get(key) });
      this.#unnamed.delete(key);
    }
    return record;
  }

  /** Forgets children that the plan no longer names, but how often they were made only when that was long ago. */
  retain(refs: Iterable<ChildRef>, now: number): void {
    for (const [key, { at }] of this.#unnamed) if (now - at > lasting) this.#unnamed.delete(key);
    if (this.#children.size === 0) return;
    const named = new Set<string>();
    for (const ref of refs) named.add(childKey(ref));
    for (const [key, { made }] of this.#children) {
      if (named.has(key)) continue;
      this.#children.delete(key);
      if (made !== undefined && now - made.at <= lasting) this.#unnamed.set(key, made);
    }
  }

  /** When the next rejected or contested child may be tried again or is to be told of, or Infinity. */
  nextTry(now: number): number {
    let next = Infinity;
    for (const { rejection, contest } of this.#children.values()) {
      // The next try may have come while the rest of the pass was carried out: then it is now.
      next = Math.min(next, rejection?.retryAt ?? Infinity, contest?.until ?? Infinity);
      if (rejection !== undefined && rejection.toldAt > now) next = Math.min(next, rejection.toldAt);
    }
    return next;
  }

  /** Takes back that children were refused for want of a right: the next pass sends them. Says whether any was. */
  forgive(): boolean {
    let any = false;
    for (const record of this.#children.values()) {
      if (record.rejection === undefined || !isMissingRight(record.rejection.outcome)) continue;
      record.rejection = undefined;
      any = true;
    }
    return any;
  }

  /** Children that the last plan named. */
  get size(): number {
    return this.#children.size;
  }

  /** Children that it did not name, and that were made lately. */
  get unnamed(): number {
    return this.#unnamed.size;
  }
}

/** Not so a policy or Pod Security, which say the same of a configuration. */
function isMissingRight({ category, reason }: Rejected): boolean {
  return category === "Infrastructure" && reason === "Forbidden";
}

/** The outcomes of one pass. */
export class PassOutcomes implements Outcomes {
  readonly #outcomes = new Map<string, Outcome>();

  constructor(private readonly plan: Pick<Plan<object>, "children" | "edits">) {}

  set(ref: ChildRef, outcome: Outcome): void {
    this.#outcomes.set(childKey(ref), outcome);
  }

  of(ref: ChildRef): Outcome {
    return this.#outcomes.get(childKey(ref)) ?? { result: "waiting" };
  }

  troubles(): { ref: ChildRef; outcome: Rejected | Contested }[] {
    const troubles: { ref: ChildRef; outcome: Rejected | Contested }[] = [];
    for (const { ref } of [...this.plan.edits ?? [], ...this.plan.children]) {
      const outcome = this.of(ref);
      if (outcome.result === "rejected" || outcome.result === "contested") troubles.push({ ref, outcome });
    }
    return troubles;
  }
}
