/**
 * AIMRuntimeConfig and AIMClusterRuntimeConfig: says on the config itself what its consumers would trip over
 * (model-sources-and-config.md §9 Better). It makes nothing, and a fault here keeps nothing else from being read.
 */

import type {
  AIMClusterRuntimeConfig,
  AIMRuntimeConfig,
  Kind,
  RuntimeConfigStatus,
} from "../../lib/api/mod.ts";
import { aimClusterRuntimeConfig, aimRuntimeConfig } from "../../lib/api/mod.ts";
import { isConfigUsed } from "../../lib/cluster/config_users.ts";
import { clusterRuntimeConfigs, runtimeConfigs } from "../../lib/cluster/kinds.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { nothing, type Plan } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { controllerNames, isPaused } from "../../lib/operator/naming/labels.ts";
import { type Condition, type ExtraCondition, messageText } from "../../lib/operator/status/conditions.ts";
import { milestones } from "../../lib/operator/status/milestones.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { progressConditions } from "../../lib/operator/status/progress_conditions.ts";
import { type Config, faultsOf } from "./faults.ts";
import { remarksOf } from "./remarks.ts";

export const runtimeConfigController: Controller<AIMRuntimeConfig, RuntimeConfigStatus> = {
  name: controllerNames.AIMRuntimeConfig,
  kind: runtimeConfigs,
  reconcile: (config, view) => reconcile(aimRuntimeConfig, config, view),
};

export const clusterRuntimeConfigController: Controller<AIMClusterRuntimeConfig, RuntimeConfigStatus> = {
  name: controllerNames.AIMClusterRuntimeConfig,
  kind: clusterRuntimeConfigs,
  reconcile: (config, view) => reconcile(aimClusterRuntimeConfig, config, view),
};

/** A pass reads the storage class that the config names, its twin in the other scope, and whether it is used. */
function reconcile(kind: Kind, config: Config, view: View): Plan<RuntimeConfigStatus> {
  const { deletionTimestamp, generation } = config.metadata;
  if (deletionTimestamp !== undefined) return nothing;
  if (isPaused(config)) return paused(config);
  const ready = readyOf(kind, config, view);
  const conditions = [inUse(config, view), ...progressConditions("Failed", ready), ready].map(
    (condition): Condition => ({
      ...condition,
      message: messageText(condition.message),
      ...(generation !== undefined && { observedGeneration: generation }),
    }),
  );
  return {
    ...nothing,
    status: () => ({
      observedGeneration: generation,
      conditions: conditions as RuntimeConfigStatus["conditions"],
    }),
    events: (before) =>
      milestones({
        previous: before?.conditions,
        next: conditions.filter(({ type }) => type === "Ready"),
        failing: new Set(ready.status === "False" ? ["Ready"] : []),
      }),
  };
}

/** `Ready`: False with the first faults, each with field, value and remedy; else True with what is worth a thought. */
function readyOf(kind: Kind, config: Config, view: View): ExtraCondition {
  const faults = faultsOf(kind, config, view);
  if (faults.length === 0) {
    const message = ["Configuration is valid", ...remarksOf(config, view)].join("; ");
    return { type: "Ready", status: "True", reason: "ConfigurationValid", message };
  }
  const [{ reason }] = faults;
  return { type: "Ready", status: "False", reason, message: listed(faults.map(({ message }) => message)) };
}

const mostListed = 5;

function listed(messages: readonly string[]): string {
  const more = messages.length - mostListed;
  return [...messages.slice(0, mostListed), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}

/** `InUse`: whether anybody goes by it. It changes with the first and the last one only; a metric counts them. */
function inUse({ metadata: { namespace, name } }: Config, view: View): ExtraCondition {
  if (isConfigUsed(view, namespace, name)) {
    const message = "Objects go by this config";
    return { type: "InUse", status: "True", reason: "InUse", message };
  }
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  const message = name === "default"
    ? `No object${where} is without spec.runtimeConfigName`
    : `No object${where} has spec.runtimeConfigName: ${name}`;
  return { type: "InUse", status: "False", reason: "Unused", message };
}
