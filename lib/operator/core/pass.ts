/** One run of a key: what hooks are told of it, and what a line of the log names. */

import type { AnyKind } from "../../kube/cache/cached_kind.ts";

export interface Pass {
  /** `service` for AIMService. */
  readonly controllerName: string;
  /** Field manager of the children and source of the events, by `managerNamed`. */
  readonly manager: string;
  readonly kind: AnyKind;
  /** Empty for what is in no namespace. */
  readonly namespace: string | undefined;
  readonly name: string;
  /** The same for all lines of one pass, and for no other. Made when first asked for: most passes tell nothing. */
  readonly reconcileID: string;
}
