/** What every part of a service's reconcile needs to know: the service, and the runtime config it goes by. */

import type { AIMService, RuntimeConfigSpec } from "../../lib/api/mod.ts";
import type { Live } from "../../lib/kube/object.ts";
import { annotation, type Parent, type Propagation } from "../../lib/operator/naming/labels.ts";

export interface Context {
  readonly service: Live<AIMService>;
  /** Merged over both scopes; undefined where there is none. */
  readonly config: RuntimeConfigSpec | undefined;
  readonly parent: Parent;
  readonly propagation: Propagation | undefined;
  /** How a tie among templates is to end: the annotation of the service, else of its config. */
  readonly breakTies: string | undefined;
}

export function contextOf(
  service: Live<AIMService>,
  config: RuntimeConfigSpec | undefined,
  breakTies?: string,
): Context {
  return {
    service,
    config,
    parent: { kind: "AIMService", metadata: service.metadata },
    propagation: config?.labelPropagation,
    breakTies: service.metadata.annotations?.[annotation.breakTies] ?? breakTies,
  };
}
