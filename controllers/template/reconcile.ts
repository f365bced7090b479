/** AIMServiceTemplate and AIMClusterServiceTemplate (models-and-templates.md §5). */

import type { TemplateStatus } from "../../lib/api/mod.ts";
import { jobs } from "../../lib/cluster/kinds.ts";
import { runtimeConfigOf } from "../../lib/cluster/runtime_config.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type Condition, type ExtraCondition, messageText } from "../../lib/operator/status/conditions.ts";
import { completed, type ComponentHealth } from "../../lib/operator/status/health.ts";
import { isPaused } from "../../lib/operator/naming/labels.ts";
import { nothing, type Outcomes, type Plan } from "../../lib/operator/core/plan.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { report, spokenForBy } from "../../lib/operator/status/report.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { applyGate } from "../../lib/operator/status/status.ts";
import { validated } from "../../lib/operator/stored_schema.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { cacheChild, cacheCondition, cacheReference, findCache } from "./cache.ts";
import { type Discovery, discoveryOf } from "./discovery/discovery.ts";
import {
  discoveredCondition,
  discoveryHealth,
  wasRefused,
  withRefusal,
} from "./discovery/discovery_health.ts";
import { discoveryJob } from "./discovery/discovery_job.ts";
import { gpuHealthOf } from "./gpu.ts";
import { cpuFault } from "./hardware.ts";
import { findModel, modelHealth, referenceTo } from "./model.ts";
import { modelLabel } from "./model_label.ts";
import { resultsOf } from "./discovery/results.ts";
import { clusterScope, namespaceScope, type Scope, type Template } from "./scope.ts";
import { mayDiscover } from "./discovery/job_slots.ts";

export const templateController = controllerFor(namespaceScope);
export const clusterTemplateController = controllerFor(clusterScope);

function controllerFor(scope: Scope): Controller<Template, TemplateStatus> {
  return validated<Template, TemplateStatus>({
    name: scope.controller,
    kind: scope.cached,
    reconcile: (template, view) => reconcile(template, view, scope),
  }, scope.api);
}

/** The steps of §5.2. */
function reconcile(template: Live<Template>, view: View, scope: Scope): Plan<TemplateStatus> {
  if (template.metadata.deletionTimestamp !== undefined) return nothing;
  if (isPaused(template)) return paused(template);
  const { metadata: { namespace, generation }, spec } = template;
  const runtimeConfig = runtimeConfigOf(view, scope.kind, namespace, spec?.runtimeConfigName);
  const model = findModel(template, view);
  const gpu = gpuHealthOf(spec?.hardware, view);
  const inputs = [...specHealth(template), runtimeConfig.health, modelHealth(template, model, scope, view)]
    .filter((component) => component !== undefined);
  const plannable = applyGate(inputs).open && model?.hasImage === true &&
    (gpu === undefined || gpu.state === "Ready");
  const discovery = discoveryOf(template, model, plannable, view);
  const itsTurn = discovery.phase.at === "idle" && (wasRefused(template) || mayDiscover(template, view));
  const components = [
    ...inputs,
    ...discoveryHealth(template, discovery, itsTurn),
    ...(gpu === undefined ? [] : [gpu]),
  ];

  const propagation = runtimeConfig.spec?.labelPropagation;
  const job = itsTurn ? discoveryJob(template, model!, scope, propagation) : undefined;
  const cache = findCache(template, view);
  const cacheable = plannable && hasSources(template, discovery, components);
  const kept = cache && cacheChild(template, cache, cacheable, propagation);
  const resolvedCache = cache && cacheReference(cache);
  const results = resultsOf(template, discovery, view);
  // While the result of an earlier spec serves, the edit that asks for another one is still to be carried out.
  const actedOn = servesEarlierResult(discovery)
    ? template.status?.observedGeneration ?? generation
    : generation;
  const { status, events } = report<TemplateStatus>({
    object: template,
    components,
    actedOn,
    extra: [discoveredCondition(template, discovery, itsTurn)],
    speaksFor: discovery.origin === "awaited" ? spokenForBy([jobs, "DiscoveryJob"]) : undefined,
    reached: view.reached,
    statusOf: (verdict) => ({
      observedGeneration: actedOn,
      status: verdict.status as TemplateStatus["status"],
      conditions: [...verdict.conditions] as TemplateStatus["conditions"],
      ...(runtimeConfig.reference && { resolvedRuntimeConfig: runtimeConfig.reference }),
      ...(model && { resolvedModel: referenceTo(model) }),
      ...(resolvedCache && { resolvedCache }),
      ...results,
    }),
  });
  const cacheReady = (outcomes: Outcomes) => cache && cacheCondition(cache, kept && outcomes.of(kept.ref));
  return {
    children: [...modelLabel(template, scope), ...(job ? [job] : []), ...(kept ? [kept] : [])],
    removals: discovery.removals,
    // A Job that is removed takes along what it told and that it failed: both are stored before.
    ...(discovery.removals.length > 0 && results.discovery && { sticky: { discovery: results.discovery } }),
    status: (outcomes) =>
      withCondition(withRefusal(status(outcomes), job && outcomes.of(job.ref)), cacheReady(outcomes)),
    events,
  };
}

/** Whether what is served was found out for another spec, and the present one's result is not there yet (§5.4 Better). */
function servesEarlierResult({ origin, phase }: Discovery): boolean {
  return origin === "discovered" && phase.at !== "settled" && phase.at !== "found";
}

/**
 * Sources that are known for good (§5.4 rules 3 and 4). That a discovered template is Ready is asked of this
 * pass, not of the stored status: nothing runs a pass after the write that makes it so.
 */
function hasSources(
  { status }: Template,
  { origin, phase }: Discovery,
  components: readonly ComponentHealth[],
): boolean {
  if (origin === "inline") return true;
  const sources = phase.at === "found"
    ? phase.result.modelSources
    : origin === "discovered"
    ? status?.modelSources
    : undefined;
  return (sources?.length ?? 0) > 0 && components.every((each) => completed(each).state === "Ready");
}

/** Faults of the spec that the schema lets through (api.md §2, §10.2). */
function specHealth({ spec }: Template): ComponentHealth[] {
  const fault = spec?.modelName
    ? cpuFault(spec.hardware)
    : "spec.modelName is required; set it to the name of the model";
  if (fault === undefined) return [];
  return [{
    component: "Spec",
    errors: [{ category: "InvalidSpec", reason: "InvalidSpec", message: fault }],
  }];
}

/** The status with one condition more, before `Ready`, which it does not change. */
function withCondition(status: TemplateStatus, extra: ExtraCondition | undefined): TemplateStatus {
  if (extra === undefined) return status;
  const conditions = (status.conditions ?? []) as readonly Condition[];
  const condition = {
    ...extra,
    message: messageText(extra.message),
    observedGeneration: status.observedGeneration,
  };
  return { ...status, conditions: conditions.toSpliced(-1, 0, condition) as TemplateStatus["conditions"] };
}
