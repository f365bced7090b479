/** What a reconcile wants of the cluster. What a plan says, and nothing else, changes the cluster. */

import type { AnyKind, CachedKind, Index } from "../../kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import type { Code } from "../errors/codes.ts";
import type { ErrorCategory } from "../errors/errors.ts";

/** A child by its identity; what `keep` needs, and where outcomes are found. */
export interface ChildRef {
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  readonly name: string;
}

/**
 * - `apply`: ours alone; server-side apply with force whenever something differs.
 * - `create`: only if absent; never touched again (shared by several, or immutable).
 * - `keep`: wanted, but nothing to say about it now (its inputs are not ready).
 */
export type Child =
  | {
    readonly how: "apply" | "create";
    readonly ref: ChildRef;
    readonly desired: KubeObject;
    /** How many such children there may be in the cluster; without a free one it waits, as `waiting`. */
    readonly slot?: Slot;
  }
  | { readonly how: "keep"; readonly ref: ChildRef };

/**
 * One of so many places. Taken are the objects that the index finds, and those that are being created: who
 * plans on the cache alone does not see the latter.
 */
export interface Slot {
  // deno-lint-ignore no-explicit-any
  readonly takenBy: Index<any>;
  readonly value: string;
  readonly limit: number;
}

/**
 * Checked on a consistent list just before the act, since "nobody uses it" must not be judged on a cache that
 * lags. The list is that of `kind` in the namespace; true stops the act.
 */
export interface Unless {
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  readonly inUse: (objects: readonly KubeObject[]) => boolean;
}

export interface Removal {
  readonly ref: ChildRef;
  /** Both are sent as preconditions: what we delete is what we looked at. */
  readonly uid: string;
  readonly resourceVersion: string;
  readonly unless?: Unless;
}

/** Deletes this very object, unless it has changed since, or `unless` stops it. */
export function removalOf<T extends KubeObject>(
  // deno-lint-ignore no-explicit-any
  kind: CachedKind<T, any>,
  { metadata }: Live<T>,
  unless?: Unless,
): Removal {
  const { namespace, name, uid, resourceVersion } = metadata;
  const ref = { kind: kind as AnyKind, namespace, name };
  return { ref, uid, resourceVersion, ...(unless === undefined ? {} : { unless }) };
}

/**
 * A change of some fields of an object that is there and has no single writer: the object of the pass itself (a
 * fact that outlives its events, in an annotation), or one that several share.
 */
export interface Edit extends Removal {
  /** JSON merge patch, without preconditions. The pass wants it only while the object does not say so already. */
  readonly patch: Readonly<Record<string, unknown>>;
}

/** Changes this very object, unless it has changed since, or `unless` stops it. */
export function editOf<T extends KubeObject>(
  // deno-lint-ignore no-explicit-any
  kind: CachedKind<T, any>,
  object: Live<T>,
  patch: Edit["patch"],
  unless?: Unless,
): Edit {
  return { ...removalOf(kind, object, unless), patch };
}

/** An event about the object itself. */
export interface Note {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface Rejected {
  readonly result: "rejected";
  readonly category: ErrorCategory;
  readonly reason: string;
  readonly message: string;
  /** The cause, where more is known of it than the reason says. */
  readonly code?: Code;
}

/** Another manager sets a field back each time: we have stopped insisting for a while. */
export interface Contested {
  readonly result: "contested";
  readonly path: string;
  readonly by: string;
}

export type Outcome =
  | { readonly result: "unchanged" | "sent" | "waiting" }
  | Rejected
  | Contested;

/** What became of the plan's children, in this pass or (rejections) an earlier one that still stands. */
export interface Outcomes {
  of(ref: ChildRef): Outcome;
  /** Every child that is rejected or contested, in plan order. */
  troubles(): readonly { readonly ref: ChildRef; readonly outcome: Rejected | Contested }[];
}

export interface Plan<S> {
  readonly finalizer?: { readonly name: string; readonly action: "ensure" | "release" };
  readonly children: readonly Child[];
  readonly removals: readonly Removal[];
  /** Sent before anything is made or deleted. */
  readonly edits?: readonly Edit[];
  /** References chosen for good: stored in the status before anything that depends on them is sent. */
  readonly sticky?: Partial<S>;
  /** The whole status that follows; pure; conditions without transition times. Absent: write no status. */
  readonly status?: (outcomes: Outcomes) => S;
  /** What to tell in events once a status was stored over another; pure. */
  readonly events?: (before: S | undefined, after: S, outcomes: Outcomes) => readonly Note[];
}

/** A plan that wants nothing: a paused object, or one that is being deleted and owes no clean-up. */
export const nothing = { children: [], removals: [] } as const satisfies Plan<never>;

/** All that a plan names: what it makes, changes and deletes. */
export function refsOf({ children, edits = [], removals }: Plan<object>): ChildRef[] {
  return [...children, ...edits, ...removals].map(({ ref }) => ref);
}

/** `inferenceservices/ns/name`: names a child in maps, logs and messages. */
export function childKey(ref: ChildRef): string {
  return `${ref.kind.resource.plural}/${ref.namespace ?? ""}/${ref.name}`;
}
