/** AIMTemplateCache: the weights of one template in a namespace (caching-and-artifacts.md §4). */

import { type AIMTemplateCache, aimTemplateCache, type AIMTemplateCacheStatus } from "../../lib/api/mod.ts";
import { templateCaches } from "../../lib/cluster/kinds.ts";
import { runtimeConfigOf } from "../../lib/cluster/runtime_config.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type ComponentHealth, failing } from "../../lib/operator/status/health.ts";
import { isPaused, type Propagation } from "../../lib/operator/naming/labels.ts";
import { type Child, type Edit, nothing, type Plan } from "../../lib/operator/core/plan.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { report } from "../../lib/operator/status/report.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { applyGate } from "../../lib/operator/status/status.ts";
import { validated } from "../../lib/operator/stored_schema.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { adoptedArtifact, newArtifact } from "./artifact.ts";
import { correctedArtifacts } from "./correction.ts";
import { cleanUp, finalizer, unusedCache } from "./deletion.ts";
import { matchOf } from "./matching.ts";
import { wishesOf } from "./sources.ts";
import { artifactsHealth, cacheStatus, type Served, speaksFor } from "./status.ts";
import { templateHealth, templateOf } from "./template.ts";

/** Only the pipeline asks whether today's schema takes the spec: a cache that it refuses can still be deleted. */
const checked = validated<AIMTemplateCache, AIMTemplateCacheStatus>(
  { name: "template-cache", kind: templateCaches, reconcile: pipeline },
  aimTemplateCache,
);

export const templateCacheController: Controller<AIMTemplateCache, AIMTemplateCacheStatus> = {
  ...checked,
  reconcile,
};

/** Deletion and finalizer, pause, the end of use, and the pipeline; the finalizer also where it is paused (§4.5). */
function reconcile(cache: Live<AIMTemplateCache>, view: View): Plan<AIMTemplateCacheStatus> {
  if (cache.metadata.deletionTimestamp !== undefined) return cleanUp(cache, view);
  const ensured = { name: finalizer, action: "ensure" } as const;
  if (isPaused(cache)) return { ...paused(cache), finalizer: ensured };
  const unused = unusedCache(cache, view);
  if (unused !== undefined) return { ...nothing, removals: [unused], finalizer: ensured };
  return { finalizer: ensured, ...checked.reconcile(cache, view) };
}

function pipeline(cache: Live<AIMTemplateCache>, view: View): Plan<AIMTemplateCacheStatus> {
  const { metadata, spec } = cache;
  const runtimeConfig = runtimeConfigOf(
    view,
    "AIMTemplateCache",
    metadata.namespace,
    spec?.runtimeConfigName,
  );
  const template = templateOf(cache, view);
  const served = wishesOf(cache, template).map((wish) => ({ wish, artifact: matchOf(cache, wish, view) }));
  const components: ComponentHealth[] = [
    ...(runtimeConfig.health === undefined ? [] : [runtimeConfig.health]),
    spec === undefined ? specMissing : templateHealth(template, spec, view),
    artifactsHealth(served, template),
  ];
  const { open } = applyGate(components);
  return {
    children: open ? newArtifacts(cache, served, runtimeConfig.spec?.labelPropagation) : [],
    removals: [],
    edits: open ? [...adoptedArtifacts(cache, served, view), ...correctedArtifacts(cache, served, view)] : [],
    ...report({
      object: cache,
      components,
      speaksFor,
      reached: view.reached,
      statusOf: (verdict) => cacheStatus(cache, { runtimeConfig, template, served }, verdict),
    }),
  };
}

function adoptedArtifacts(cache: Live<AIMTemplateCache>, served: readonly Served[], view: View): Edit[] {
  return served.filter(({ artifact }) => artifact === undefined)
    .flatMap(({ wish }) => adoptedArtifact(cache, wish, view));
}

const specMissing = failing({ component: "Spec", dependency: "none" }, {
  category: "InvalidSpec",
  reason: "InvalidSpec",
  message: "spec is missing; set spec.templateName and spec.templateScope",
});

/**
 * One for each source without a match; sources of equal inputs share one (§4.3). By name: of several made in
 * one pass the first is the one whose labels the namespace's RoleBinding carries (§5.9).
 */
function newArtifacts(
  cache: Live<AIMTemplateCache>,
  served: readonly Served[],
  propagation: Propagation | undefined,
): Child[] {
  const lacking = served.filter(({ artifact }) => artifact === undefined);
  const byName = new Map(lacking.map(({ wish }) => [wish.artifactName, wish]));
  return [...byName.keys()].sort().map((name) => newArtifact(cache, byName.get(name)!, propagation));
}
