/** What every part of a service's reconcile needs to know: the service, and the runtime config it goes by. */

import type { AIMService, RuntimeConfigSpec } from "../../lib/api/mod.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { Parent, Propagation } from "../../lib/operator/naming/labels.ts";

export interface Context {
  readonly service: Live<AIMService>;
  /** Merged over both scopes; undefined where there is none. */
  readonly config: RuntimeConfigSpec | undefined;
  readonly parent: Parent;
  readonly propagation: Propagation | undefined;
}

export function contextOf(service: Live<AIMService>, config: RuntimeConfigSpec | undefined): Context {
  return {
    service,
    config,
    parent: { kind: "AIMService", metadata: service.metadata },
    propagation: config?.labelPropagation,
  };
}
