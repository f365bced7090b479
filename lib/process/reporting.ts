/** What the operator does, as lines of its log (conventions.md §1.3, §7.2). */

import { group as ours } from "../api/kind.ts";
import { isStatus } from "../kube/errors.ts";
import { lackedRight } from "../kube/lacked_right.ts";
import { SilentWatchError } from "../kube/watch/watch.ts";
import type { Logger } from "@logtape/logtape";
import type { InformerState } from "../kube/watch/informer.ts";
import type { OperatorOptions } from "../operator/operator.ts";
import { classifyRejection } from "../operator/errors/classify.ts";
import { isTransient } from "../operator/errors/errors.ts";
import type { Pass } from "../operator/core/pass.ts";
import { literal } from "./log.ts";

/** The part of an operator's options that only tells. */
type Told = Pick<OperatorOptions, "hooks" | "log" | "onNote" | "onInformer">;

/**
 * Lines for everything that the operator tells. Level `error` is for a fault of ours, or of what we stand on: the API
 * server, the network, our rights. What a user has to mend is told at `info`, by the event that the user sees; the metric
 * `aim_condition_false` counts it.
 */
export function logOf(log: Logger): Told {
  return {
    hooks: {
      reconciled: (pass, result, seconds) =>
        log.debug("reconciled", () => ({ ...fieldsOf(pass), result, seconds })),
      applied: (pass, child, result) => log.debug("applied", () => ({ ...fieldsOf(pass), child, result })),
      statusWritten: (pass, result) => log.debug("status written", () => ({ ...fieldsOf(pass), result })),
      failed: (pass, action, error) =>
        log[levelOf(error)](literal(`failed to ${action}`), { ...fieldsOf(pass), error }),
      crashed: (pass, error) => log.error("a reconcile threw", { ...fieldsOf(pass), error }),
      missedWakeup: (pass, what) => log.error("a change came without a wake-up", { ...fieldsOf(pass), what }),
    },
    onNote: (pass, { type, reason, message }) =>
      log.info(literal(message), { ...fieldsOf(pass), type, reason }),
    log: (message, error) => {
      if (error === undefined) log.info(literal(message));
      else log[levelOf(error)](literal(message), { error });
    },
    onInformer: informerLog(log),
  };
}

/**
 * `info` for what the API server refuses since somebody else has to act, and for a conflict, which belongs to writing:
 * what it was about is read and written again. A right that is missing is told once, by `missing_rights.ts`.
 */
function levelOf(error: unknown): "debug" | "info" | "error" {
  if (lackedRight(error) !== undefined) return "debug";
  const { category, reason } = classifyRejection(error);
  if (reason === "Conflict") return "info";
  return isTransient(category) || category === "Auth" ? "error" : "info";
}

/**
 * Says once what hinders an informer, and once that it goes on. A kind that was there and is gone is told, too: a fault if it is
 * one of ours, while KServe and the Gateway API come and go as people like.
 */
function informerLog(log: Logger): (state: InformerState) => void {
  const told = new WeakMap<InformerState, { readonly trouble: string; readonly level: "debug" | "error" }>();
  const gone = new Set<string>();
  return (state) => {
    const { resource, failure, phase, watches } = state;
    const { plural, group } = resource;
    const kind = `${plural}.${group}`;
    const fields = { resource: resource.plural, group: resource.group || undefined };
    const trouble = failure instanceof Error ? failure.message : undefined;
    if (phase === "uninstalled") {
      if (watches === 0 || gone.has(kind)) return;
      gone.add(kind);
      const isOurs = group === ours;
      log[isOurs ? "error" : "info"](
        literal(
          `the cluster has no ${plural} any more: ${
            isOurs ? "kubectl apply -k manifests/crds" : `what needs ${kind} waits for them`
          }`,
        ),
        fields,
      );
    } else if (trouble !== undefined && trouble !== told.get(state)?.trouble) {
      const level = isStepOfWatching(failure) || lackedRight(failure) !== undefined ? "debug" : "error";
      told.set(state, { trouble, level });
      log[level](literal(`cannot list or watch ${resource.plural}`), { ...fields, error: failure });
    } else if (trouble === undefined && phase === "watching") {
      const before = told.get(state);
      told.delete(state);
      if (gone.delete(kind) || before?.level === "error") {
        log.info(literal(`watching ${resource.plural} again`), fields);
      }
    }
  };
}

/** What belongs to watching: a silent watch is opened again, and a version that the server has forgotten is listed anew. */
function isStepOfWatching(failure: unknown): boolean {
  return failure instanceof SilentWatchError || isStatus(failure, 410);
}

/** The fields by which a line names its pass and the object that it is about, as controller-runtime calls them. */
function fieldsOf({ controllerName, kind, namespace, name, reconcileID }: Pass): Record<string, unknown> {
  const { group, kind: controllerKind } = kind.resource;
  const inside = namespace || undefined;
  return {
    controller: controllerName,
    controllerGroup: group,
    controllerKind,
    [controllerKind]: { name, namespace: inside },
    namespace: inside,
    name,
    reconcileID,
  };
}
