/** What the operator does, as lines of its log (conventions.md §1.3, §7.2). */

import { controllerNamed } from "../operator/naming/labels.ts";
import { isStatus } from "../kube/errors.ts";
import { SilentWatchError } from "../kube/watch/watch.ts";
import type { Logger } from "@logtape/logtape";
import type { AnyKind } from "../kube/cache/cached_kind.ts";
import type { InformerState } from "../kube/watch/informer.ts";
import type { KubeObject } from "../kube/object.ts";
import type { OperatorOptions } from "../operator/operator.ts";
import { classifyRejection } from "../operator/errors/classify.ts";
import { isTransient } from "../operator/errors/errors.ts";
import type { AnyController } from "../operator/runner/runner.ts";
import { literal } from "./log.ts";

/** The part of an operator's options that only tells. */
type Told = Pick<OperatorOptions, "hooks" | "log" | "onNote" | "onInformer">;

/**
 * Lines for everything that the operator tells. Level `error` is for a fault of ours, or of what we stand on: the API
 * server, the network, our rights. What a user has to mend is told at `info`, by the event that the user sees; the metric
 * `aim_condition_false` counts it.
 */
export function logOf(log: Logger, controllers: readonly AnyController[]): Told {
  const kinds = new Map<string, AnyKind>(controllers.map(({ name, kind }) => [name, kind]));
  return {
    hooks: {
      reconciled: (controller, result, seconds) => log.debug("reconciled", { controller, result, seconds }),
      applied: (kind, result) => log.debug("applied", { kind, result }),
      statusWritten: (kind, result) => log.debug("status written", { kind, result }),
      failed: ({ manager, kind, namespace, name }, action, error) =>
        log[levelOf(error)](literal(`failed to ${action}`), {
          ...fieldsOf(controllerNamed(manager), kind, namespace, name),
          error,
        }),
      crashed: (controller, key, error) =>
        log.error("a reconcile threw", { ...fieldsOfKey(controller, kinds.get(controller), key), error }),
      missedWakeup: (controller, key, what) =>
        log.error("a change came without a wake-up", {
          ...fieldsOfKey(controller, kinds.get(controller), key),
          what,
        }),
    },
    onNote: (object, component, { type, reason, message }) => {
      const controller = controllerNamed(component);
      log.info(literal(message), {
        ...fieldsOfObject(controller, kinds.get(controller), object),
        type,
        reason,
      });
    },
    log: (message, error) => {
      if (error === undefined) log.info(literal(message));
      else log[levelOf(error)](literal(message), { error });
    },
    onInformer: informerLog(log),
  };
}

/**
 * `info` for what the API server refuses since somebody else has to act, and for a conflict, which belongs to writing:
 * what it was about is read and written again.
 */
function levelOf(error: unknown): "info" | "error" {
  const { category, reason } = classifyRejection(error);
  if (reason === "Conflict") return "info";
  return isTransient(category) || category === "Auth" ? "error" : "info";
}

/** Says once what hinders an informer, and once that it goes on. */
function informerLog(log: Logger): (state: InformerState) => void {
  const told = new WeakMap<InformerState, { readonly trouble: string; readonly level: "debug" | "error" }>();
  return (state) => {
    const { resource, failure, phase } = state;
    const fields = { resource: resource.plural, group: resource.group || undefined };
    const trouble = failure instanceof Error ? failure.message : undefined;
    if (trouble !== undefined && trouble !== told.get(state)?.trouble) {
      const level = isStepOfWatching(failure) ? "debug" : "error";
      told.set(state, { trouble, level });
      log[level](literal(`cannot list or watch ${resource.plural}`), { ...fields, error: failure });
    } else if (trouble === undefined && phase === "watching") {
      const before = told.get(state);
      told.delete(state);
      if (before?.level === "error") log.info(literal(`watching ${resource.plural} again`), fields);
    }
  };
}

/** What belongs to watching: a silent watch is opened again, and a version that the server has forgotten is listed anew. */
function isStepOfWatching(failure: unknown): boolean {
  return failure instanceof SilentWatchError || isStatus(failure, 410);
}

function fieldsOfKey(controller: string, kind: AnyKind | undefined, key: string): Record<string, unknown> {
  const slash = key.indexOf("/");
  return fieldsOf(controller, kind, key.slice(0, slash) || undefined, key.slice(slash + 1));
}

function fieldsOfObject(
  controller: string,
  kind: AnyKind | undefined,
  { metadata }: KubeObject,
): Record<string, unknown> {
  return fieldsOf(controller, kind, metadata?.namespace, metadata?.name ?? "");
}

/** The fields by which a line names the object that it is about. */
function fieldsOf(
  controller: string,
  kind: AnyKind | undefined,
  namespace: string | undefined,
  name: string,
): Record<string, unknown> {
  const { group, kind: controllerKind = "object" } = kind?.resource ?? {};
  return {
    controller,
    controllerGroup: group,
    controllerKind,
    [controllerKind]: { name, namespace },
    namespace,
    name,
  };
}
