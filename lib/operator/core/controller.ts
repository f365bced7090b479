/** What the author of a reconcile provides. */

import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import type { Plan } from "./plan.ts";
import type { View } from "./view.ts";

/** One kind's behaviour. `reconcile` is pure and synchronous; what it reads is what it watches. */
export interface Controller<T extends KubeObject, S extends object> {
  /** Names field manager and event source, by `managerNamed`. */
  readonly name: string;
  readonly kind: CachedKind<T, false>;
  reconcile(object: Live<T>, view: View): Plan<S>;
}

/** A controller of any kind, as the runner holds it. */
// deno-lint-ignore no-explicit-any
export type AnyController = Controller<any, any>;
