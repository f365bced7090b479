/** Whom the applier writes for, and whom it tells. */

import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import type { Pass } from "../core/pass.ts";
import type { Note } from "../core/plan.ts";
import type { ApplyState } from "./apply_state.ts";

/** The key as the applier sees it. */
export interface Subject extends Pass {
  readonly kind: CachedKind<KubeObject>;
  readonly applyState: ApplyState;
  /** Set by the applier: the cache holds something of a child that the pass did not see. */
  learnt: boolean;
  /** Whether the view has changed since the pass: something it read has, or the applier has learnt something. */
  readonly outdated: boolean;
  /**
   * Hands the cache what was answered or read on behalf of the key. By what it puts the key learns; it is not woken as
   * by a change that comes from elsewhere, but for one of its own object.
   */
  learn<R>(put: () => R): R;
  /** What the key's own object will look like after the write in flight; that echo wakes nobody but others. */
  predicted: Live<KubeObject> | undefined;
}

export interface ApplierHooks {
  note(pass: Pass, object: Live<KubeObject>, note: Note): void;
  /** @param kind of the child */
  applied(pass: Pass, kind: string, result: "created" | "applied" | "deleted" | "rejected" | "failed"): void;
  statusWritten(pass: Pass, result: "written" | "conflict" | "failed"): void;
  failed(pass: Pass, action: string, error: unknown): void;
}
