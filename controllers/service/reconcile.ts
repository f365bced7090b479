/** AIMService: from a model's name to a routed endpoint (services.md §2). */

import {
  type AIMService,
  aimService,
  type AIMServiceStatus,
  type AIMTemplateCache,
} from "../../lib/api/mod.ts";
import { httpRoutes, inferenceServices, services } from "../../lib/cluster/kinds.ts";
import type { HorizontalPodAutoscaler, HTTPRoute } from "../../lib/cluster/objects.ts";
import { runtimeConfigOf, type RuntimeConfigResolution } from "../../lib/cluster/runtime_config.ts";
import type { CachedKind } from "../../lib/kube/cached_kind.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { ComponentHealth } from "../../lib/operator/status/health.ts";
import { isServing } from "../../lib/operator/inspect/inference_service.ts";
import { isPaused } from "../../lib/operator/naming/labels.ts";
import { type Child, nothing, type Plan, type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import type { Controller } from "../../lib/operator/core/runner.ts";
import { serviceMilestones } from "../../lib/operator/status/milestones.ts";
import { report } from "../../lib/operator/status/report.ts";
import { applyGate } from "../../lib/operator/status/status.ts";
import { isReady, serviceStatus } from "../../lib/operator/status/status_words.ts";
import { validated } from "../../lib/operator/stored_schema.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { everyArtifactHasClaim, mountsCache } from "./cache/cache_volumes.ts";
import { type Context, contextOf, isDedicated } from "./context.ts";
import { cleanUp, finalizer } from "./deletion.ts";
import {
  routeChild,
  routedPath,
  routeHealth,
  routeSlot,
  type RouteWish,
  routeWish,
} from "./endpoint/http_route.ts";
import { inferenceServiceChild } from "./endpoint/inference_service.ts";
import { modelHealth, resolveModel } from "./resolve/model.ts";
import type { ModelResolution, ResolvedTemplate, TemplateResolution } from "./resolve/resolved.ts";
import { type InferenceServiceSlot, inferenceServiceSlot, type OwnedChild } from "./endpoint/names.ts";
import { type ContainerResources, containerResources, resourcesHealth } from "./endpoint/resources.ts";
import { inferenceServiceHealth, podsHealth } from "./endpoint/runtime_health.ts";
import { autoscalerHealth, autoscalerOf, isAutoscaled, scalingHealth } from "./endpoint/scaling.ts";
import { serviceStatusOf, speaksFor, stickyReferences } from "./status/status.ts";
import { resolveTemplate, templateHealth } from "./resolve/template.ts";
import { cacheHealth, findCache, newCache, unboundVolume } from "./cache/template_cache.ts";
import { warnings } from "./status/warnings.ts";

const checked = validated<AIMService, AIMServiceStatus>(
  { name: "service", kind: services, reconcile: pipeline },
  aimService,
  (word) => serviceStatus(word, false),
);

export const serviceController: Controller<AIMService, AIMServiceStatus> = { ...checked, reconcile };

/** Services.md §2.1: deletion, finalizer, pause, and the pipeline. The first three need no valid spec. */
function reconcile(service: Live<AIMService>, view: View): Plan<AIMServiceStatus> {
  if (service.metadata.deletionTimestamp !== undefined) return cleanUp(service, view);
  const ensured = { name: finalizer, action: "ensure" } as const;
  if (isPaused(service)) return { ...nothing, finalizer: ensured };
  return { finalizer: ensured, ...checked.reconcile(service, view) };
}

/** Services.md §2.1 rule 5: read, judge, plan. */
function pipeline(service: Live<AIMService>, view: View): Plan<AIMServiceStatus> {
  const world = readWorld(service, view);
  const components = judgeWorld(world, view);
  const { open } = applyGate(components);
  const sticky = stickyReferences(service, world.model.found, world.template.found, world.cache);
  const reporting = report({
    object: service,
    components,
    speaksFor,
    reached: view.reached,
    milestones: serviceMilestones,
    statusOf: (verdict) =>
      serviceStatusOf({
        service,
        sticky,
        resolvedRuntimeConfig: world.runtimeConfig.reference,
        routing: routingUnknown(world) ? service.status?.routing : routedPath(world.wish, world.route),
        hasInferenceService: world.slot.child?.live !== undefined,
        autoscaler: world.autoscaler,
      }, verdict),
  });
  return {
    children: [
      open ? world.model.creating?.child : undefined,
      open ? world.template.deriving : undefined,
      routeStep(world, open),
      cacheStep(world, open, view),
      inferenceServiceStep(world, open),
    ].filter((child) => child !== undefined),
    removals: removedRoute(world),
    sticky,
    status: reporting.status,
    events: (before, after, outcomes) => [
      ...reporting.events(before, after, outcomes),
      ...warnings(before, after, { model: world.model.found, template: world.ready }),
    ],
  };
}

/** Everything that this pass looked at (§2.2). */
interface World {
  readonly context: Context;
  readonly runtimeConfig: RuntimeConfigResolution;
  readonly slot: InferenceServiceSlot;
  readonly model: ModelResolution;
  readonly template: TemplateResolution;
  /** The template, if it is Ready: what depends on a template waits for that. */
  readonly ready: ResolvedTemplate | undefined;
  readonly cache: Live<AIMTemplateCache> | undefined;
  readonly resources: ContainerResources | undefined;
  /** Undefined where routing is off. */
  readonly wish: RouteWish | undefined;
  readonly route: OwnedChild<HTTPRoute> | undefined;
  readonly autoscaler: Live<HorizontalPodAutoscaler> | undefined;
}

function readWorld(service: Live<AIMService>, view: View): World {
  const runtimeConfig = runtimeConfigOf(
    view,
    "AIMService",
    service.metadata.namespace,
    service.spec?.runtimeConfigName,
  );
  const context = contextOf(service, runtimeConfig.spec);
  const slot = inferenceServiceSlot(service, view);
  const model = resolveModel(context, view);
  const template = resolveTemplate(context, model.found, view);
  const ready = isReady(template.found?.object) ? template.found : undefined;
  const wish = routeWish(context);
  return {
    context,
    runtimeConfig,
    slot,
    model,
    template,
    ready,
    cache: ready && findCache(service, ready, view),
    resources: ready && containerResources(context, ready),
    wish,
    route: routeSlot(service, view),
    autoscaler: autoscalerOf(service, slot.child?.live && slot.child.name, view),
  };
}

/** The components in the order in which conditions are listed (§11.2). */
function judgeWorld(world: World, view: View): ComponentHealth[] {
  const { context: { service }, runtimeConfig, slot, model, template, ready, cache, resources, wish, route } =
    world;
  const live = slot.child?.live;
  const inferenceService = { ready: live !== undefined && isServing(live), mountsCache: mountsCache(live) };
  return [
    modelHealth(model),
    templateHealth(template, service, live !== undefined),
    ...(runtimeConfig.health === undefined ? [] : [runtimeConfig.health]),
    slot.error ?? scalingHealth(service.spec) ?? resourcesHealth(resources) ??
      inferenceServiceHealth(slot.child, view),
    ...(live === undefined ? [] : [podsHealth(live, view)]),
    cacheHealth(cache, ready, inferenceService, isDedicated(service.spec), unboundVolume(cache, view)),
    ...(wish === undefined ? [] : [routeHealth(wish, route)]),
    ...(isAutoscaled(service.spec) ? [autoscalerHealth(world.autoscaler, inferenceService.ready)] : []),
  ];
}

/** §9: independent of model and template. */
function routeStep({ context, wish, route, slot }: World, open: boolean): Child | undefined {
  if (wish === undefined || route === undefined || slot.child === undefined || !route.installed) {
    return undefined;
  }
  const names = { route: route.name, inferenceService: slot.child.name };
  const child = open && !route.blocked ? routeChild(context, wish, names) : undefined;
  return child ?? kept(httpRoutes, route);
}

/** Whether routing is what a runtime config says, and that is missing or broken. */
function routingUnknown({ context: { service }, runtimeConfig }: World): boolean {
  return runtimeConfig.health?.errors !== undefined && service.spec?.routing?.enabled !== false;
}

/** Routing switched off, or its gateway taken away: the route that we own goes (§9 Better). */
function removedRoute(world: World): Removal[] {
  const { wish, route } = world;
  if (route?.live === undefined || wish?.gatewayRef !== undefined || routingUnknown(world)) return [];
  return [removalOf(httpRoutes, route.live)];
}

/** §7.2: one Shared cache a template, made by the first service that needs it, or one of the service's own. */
function cacheStep({ context, ready, cache }: World, open: boolean, view: View): Child | undefined {
  if (!open || ready === undefined || cache !== undefined) return undefined;
  if ((ready.object.status?.modelSources ?? []).length === 0) return undefined;
  return newCache(context, ready, view);
}

/** §8.1: created once model, template and cache are Ready; afterwards kept in step with what is resolved. */
function inferenceServiceStep(world: World, open: boolean): Child | undefined {
  const { context, slot, model, ready, cache, resources } = world;
  if (slot.child === undefined || !slot.child.installed || slot.child.blocked) return undefined;
  const { name, live } = slot.child;
  const complete = open && ready !== undefined && model.found?.object.spec?.image &&
    resources?.resources !== undefined;
  const startable = isReady(model.found?.object) && isReady(cache) && everyArtifactHasClaim(cache);
  if (!complete || (live === undefined && !startable)) return kept(inferenceServices, slot.child);
  return inferenceServiceChild(context, {
    name,
    live,
    model: model.found!,
    template: ready,
    cache,
    resources: resources.resources,
    plainResources: resources.plain,
  });
}

/** A child that stays as it is, because what it is made of is not known now. */
function kept<T extends KubeObject>(kind: CachedKind<T>, { name, live }: OwnedChild<T>): Child | undefined {
  if (live === undefined) return undefined;
  return {
    how: "keep",
    ref: { kind, namespace: live.metadata.namespace, name },
  };
}
