/** The whole operator beside an API server in this thread: nothing of it is a stand-in. */

import { controllers } from "../../../mod.ts";
import { watchedKinds } from "../../cluster/kinds.ts";
import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import { Discovery } from "../../kube/discovery.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import { systemClock } from "../../operator/core/clock.ts";
import { Operator, type OperatorOptions } from "../../operator/operator.ts";

export interface EmbeddedOptions extends Pick<OperatorOptions, "scope" | "facts" | "election"> {
  readonly transport: Transport;
  /** Told of what a pass threw, and of wake-ups that were missed: faults of the program. */
  readonly fault: (what: string) => void;
}

/** It has not begun: {@link Operator.run} begins it. Its clock is that of the thread, which may be driven. */
export function embeddedOperator({ transport, fault, ...others }: EmbeddedOptions): Operator {
  return new Operator({
    ...others,
    transport,
    discovery: new Discovery(transport),
    kinds: watchedKinds as readonly CachedKind<KubeObject>[],
    controllers,
    clock: systemClock,
    hooks: {
      reconciled: () => {},
      applied: () => {},
      statusWritten: () => {},
      failed: () => {},
      crashed: ({ controllerName, name }, error) =>
        fault(`${controllerName} ${name} threw ${error instanceof Error ? error.stack : error}`),
      missedWakeup: ({ controllerName, namespace, name }, what) =>
        fault(`${controllerName} ${namespace}/${name} was not woken: ${what}`),
    },
    log: () => {},
  });
}
