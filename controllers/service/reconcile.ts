/** AIMService: from a model's name to a routed endpoint (services.md §2). */

import {
  type AIMService,
  aimService,
  type AIMServiceStatus,
  type AIMTemplateCache,
  type LocalObjectReference,
} from "../../lib/api/mod.ts";
import {
  clusterModels,
  clusterTemplates,
  httpRoutes,
  inferenceServices,
  services,
} from "../../lib/cluster/kinds.ts";
import { awaitingAnother } from "../../lib/cluster/reach.ts";
import type { HorizontalPodAutoscaler, HTTPRoute, InferenceService } from "../../lib/operator/objects.ts";
import { isDedicatedService } from "../../lib/cluster/cache_users.ts";
import { runtimeConfigOf, type RuntimeConfigResolution } from "../../lib/cluster/runtime_config.ts";
import type { AnyKind, CachedKind } from "../../lib/kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { ExtraCondition } from "../../lib/operator/status/conditions.ts";
import { completed, type ComponentHealth } from "../../lib/operator/status/health.ts";
import { annotation, isPaused } from "../../lib/operator/naming/labels.ts";
import { type Child, type Edit, type Plan, type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { report } from "../../lib/operator/status/report.ts";
import { applyGate } from "../../lib/operator/status/status.ts";
import { isReady, serviceStatus } from "../../lib/operator/status/status_words.ts";
import { validated } from "../../lib/operator/stored_schema.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { everyArtifactHasClaim } from "./endpoint/cache_volumes.ts";
import { type Context, contextOf } from "./context.ts";
import { cleanUp, finalizer } from "./deletion.ts";
import {
  routeChild,
  routedPath,
  routeHealth,
  routeSlot,
  type RouteWish,
  routeWish,
} from "./endpoint/http_route.ts";
import { inferenceServiceChild, type Ingredients } from "./endpoint/inference_service.ts";
import {
  isEdited,
  isOfAnother,
  rescaledEndpoint,
  waitingEdits,
  waitingHealth,
  type Wanted,
} from "./endpoint/kept_endpoint.ts";
import { endpointPullSecrets } from "./endpoint/pull_secrets.ts";
import { isUsable, modelHealth } from "./resolve/model.ts";
import { accessEdit } from "./resolve/model_access.ts";
import { refOf, type ResolvedModel, type ResolvedTemplate } from "./resolve/resolved.ts";
import { reboundEdit, resolve, type Standing } from "./resolve/standing.ts";
import { type InferenceServiceSlot, inferenceServiceSlot, type OwnedChild } from "./endpoint/names.ts";
import { type ContainerResources, containerResources, resourcesHealth } from "./endpoint/resources.ts";
import { inferenceServiceHealth, isAnswering, isUp, podsHealth } from "./endpoint/runtime_health.ts";
import { autoscalerHealth, autoscalerOf, isAutoscaled, scalingHealth } from "./endpoint/scaling.ts";
import { serviceStatusOf, speaksFor, stickyReferences } from "./status/status.ts";
import { selectedCondition, templateHealth, templateName } from "./resolve/template.ts";
import { cacheHealth } from "./cache/cache_health.ts";
import { correctedCache } from "./cache/correction.ts";
import { adoptedCache, findCache, leftCache, newCache } from "./cache/template_cache.ts";
import { notesOf } from "./status/notes.ts";

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
  if (isPaused(service)) return { ...paused(service), finalizer: ensured };
  return { finalizer: ensured, ...checked.reconcile(service, view) };
}

/**
 * Services.md §2.1 rule 5: read, judge, plan. What is read is the overview of the seed page: model and template, cache,
 * InferenceService, route.
 */
function pipeline(service: Live<AIMService>, view: View): Plan<AIMServiceStatus> {
  const world = readWorld(service, view);
  const found = judgeWorld(world, view);
  const gate = gateOf(found);
  const edits = editsThatWait(world, gate);
  const components = edits.length === 0 ? found : withWaiting(found, world, edits);
  const actedOn = edits.length === 0 && !isUndecided(world)
    ? service.metadata.generation
    : service.status?.observedGeneration ?? service.metadata.generation;
  const { standing, selected } = world;
  const sticky = stickyReferences(service, standing.model.found, standing.template.found, world.cache);
  const reporting = report({
    object: service,
    components,
    ...(selected === undefined ? {} : { extra: [selected] }),
    actedOn,
    speaksFor,
    coded: true,
    serving: world.serving,
    reached: view.reached,
    statusOf: (verdict) =>
      serviceStatusOf({
        service,
        sticky,
        observedGeneration: actedOn,
        resolvedRuntimeConfig: world.runtimeConfig.reference,
        routing: routingUnknown(world) ? service.status?.routing : routedPath(world.wish, world.route),
        serving: world.serving,
        autoscaler: world.autoscaler,
      }, verdict),
  });
  return {
    children: [
      gate.open ? standing.model.creating?.child : undefined,
      gate.open ? standing.template.deriving : undefined,
      routeStep(world, gate),
      cacheStep(world, gate, view),
      inferenceServiceStep(world, gate),
    ].filter((child) => child !== undefined),
    removals: removedRoute(world),
    edits: [
      ...reboundEdit(service, standing),
      ...accessEdit(service, standing.model),
      ...correctionStep(world, gate, view),
    ],
    sticky,
    status: reporting.status,
    events: (before, after, outcomes) => [
      ...reporting.events(before, after, outcomes),
      ...notesOf(before, after, { service, standing, selected }),
    ],
  };
}

/** Everything that this pass looked at (§2.2). */
interface World {
  readonly context: Context;
  readonly runtimeConfig: RuntimeConfigResolution<"AIMService">;
  readonly slot: InferenceServiceSlot;
  /** Whether any pod of the endpoint answers requests. */
  readonly serving: boolean;
  readonly standing: Standing;
  /** Why the template was selected, as it is told and kept. */
  readonly selected: ExtraCondition | undefined;
  readonly cache: Live<AIMTemplateCache> | undefined;
  readonly resources: ContainerResources | undefined;
  /** Undefined while it is not known which of them count, or nothing can be made. */
  readonly pullSecrets: readonly LocalObjectReference[] | undefined;
  /** Undefined where routing is off. */
  readonly wish: RouteWish | undefined;
  readonly route: OwnedChild<HTTPRoute> | undefined;
  readonly autoscaler: Live<HorizontalPodAutoscaler> | undefined;
  /** How the endpoint's pods are; undefined where there is no endpoint. */
  readonly pods: ComponentHealth | undefined;
}

function readWorld(service: Live<AIMService>, view: View): World {
  const runtimeConfig = runtimeConfigOf(
    view,
    "AIMService",
    service.metadata.namespace,
    service.spec?.runtimeConfigName,
  );
  const context = contextOf(service, runtimeConfig.spec, runtimeConfig.breakTies);
  const slot = inferenceServiceSlot(service, view);
  const standing = resolve(context, slot.child?.live !== undefined, view);
  const { ready, reference } = standing;
  const live = slot.child?.live;
  const pods = live && podsHealth(live, view);
  return {
    context,
    runtimeConfig,
    slot,
    serving: live !== undefined && isAnswering(live, view),
    pods,
    standing,
    selected: selectedCondition(standing.template, service),
    cache: reference && findCache(service, reference, view),
    resources: ready && containerResources(
      context,
      ready,
      standing.model.found,
      slot.child?.live?.spec?.predictor?.containers?.[0]?.resources,
    ),
    pullSecrets: pullSecretsIn(context, standing, live, pods, view),
    wish: routeWish(context),
    route: routeSlot(service, view),
    autoscaler: autoscalerOf(service, slot.child?.live && slot.child.name, view),
  };
}

/** An endpoint that stays as it is keeps its own: an edit, another template or a refused image asks anew (§2.2). */
function pullSecretsIn(
  context: Context,
  { ready, model: { found } }: Standing,
  live: Live<InferenceService> | undefined,
  pods: ComponentHealth | undefined,
  view: View,
): readonly LocalObjectReference[] | undefined {
  if (ready === undefined || found === undefined) return undefined;
  const stays = live !== undefined && !isEdited(context) && !isOfAnother(live, refOf(ready)) &&
    !isPullRefused(pods);
  return endpointPullSecrets(context, { template: ready, model: found }, stays ? live : undefined, view);
}

function isPullRefused(pods: ComponentHealth | undefined): boolean {
  return pods?.reason === "ImagePullAuthFailure";
}

/** The components in the order in which conditions are listed (§11.2). */
function judgeWorld(world: World, view: View): ComponentHealth[] {
  const { context: { service }, runtimeConfig, slot, standing, cache, resources, wish } = world;
  const live = slot.child?.live;
  const scaled = { service, inferenceService: live, isServing: live !== undefined && isUp(live, view) };
  const told = templateHealth(standing.template, world.selected, { named: templateName(service) });
  const upstream = [
    ofScope(
      standing.model.found,
      clusterModels,
      modelHealth(standing.model, standing.template.found),
      view,
    ),
    withRebinding(ofScope(standing.template.found, clusterTemplates, told, view), standing),
  ];
  return [
    ...(world.serving ? upstream.map(underEndpoint) : upstream),
    ...(runtimeConfig.health === undefined ? [] : [runtimeConfig.health]),
    slot.error ?? scalingHealth(service.spec) ?? resourcesHealth(resources) ??
      inferenceServiceHealth(slot.child, view),
    ...(world.pods === undefined ? [] : [world.pods]),
    cacheHealth({
      cache,
      template: standing.ready,
      endpoint: live,
      serves: world.serving,
      dedicated: isDedicatedService(service.spec),
      account: service.spec?.serviceAccountName,
    }, view),
    ...(wish === undefined ? [] : [routeHealthOf(world, wish, view)]),
    ...(isAutoscaled(service.spec) ? [autoscalerHealth(world.autoscaler, scaled, view)] : []),
  ];
}

/** In scoped mode what is found in the cluster waits for another operator. */
function ofScope(
  found: ResolvedModel | ResolvedTemplate | undefined,
  ofCluster: AnyKind,
  health: ComponentHealth,
  view: View,
): ComponentHealth {
  return found?.scope === "Cluster" ? awaitingAnother(view, ofCluster, health) : health;
}

/** Whose requests another route takes is Degraded once it serves; before that it is merely not Ready. */
function routeHealthOf({ context, route, serving }: World, wish: RouteWish, view: View): ComponentHealth {
  const health = routeHealth(wish, route, context.service.metadata.namespace ?? "", view);
  return serving || health.reason !== "PathConflict"
    ? health
    : { ...health, state: "Progressing", retries: true };
}

/** A wish to resolve anew that cannot be carried out yet is told with the template that the service stands on. */
function withRebinding(health: ComponentHealth, { rebinding }: Standing): ComponentHealth {
  if (rebinding?.waitsFor === undefined) return health;
  const message =
    `${health.message}; ${annotation.forceRebind} ${rebinding.value} waits: ${rebinding.waitsFor}`;
  return { ...health, message };
}

/** While an endpoint serves, what it stands on is no longer waited for; where that is not Ready, something is wrong. */
function underEndpoint(health: ComponentHealth): ComponentHealth {
  return health.state === "Ready" ? health : { ...health, state: "Degraded" };
}

/** What may be applied (§2.3). */
interface Gate {
  /** Everything. */
  readonly open: boolean;
  /** What needs neither model nor template: an endpoint's route. */
  readonly openForRoute: boolean;
  /** What needs no runtime config either: an endpoint's replicas. */
  readonly openForScaling: boolean;
}

function gateOf(components: readonly ComponentHealth[]): Gate {
  const openWithout = (...ignored: string[]) =>
    applyGate(components.filter(({ component }) => !ignored.includes(component))).open;
  return {
    open: openWithout(),
    openForRoute: openWithout("Model", "Template"),
    openForScaling: openWithout("Model", "Template", "RuntimeConfig"),
  };
}

/** Edits that a live endpoint does not show, because what they need is not Ready or not there. */
function editsThatWait(world: World, gate: Gate): string[] {
  const live = world.slot.child?.live;
  // One that is being deleted takes no edits any more: that it goes is told.
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return [];
  if (!gate.openForScaling || ingredientsOf(world, gate) !== undefined) return [];
  return waitingEdits(world.context, live, wantedOf(world));
}

/**
 * Whether an edit is followed in part only, because it is not known yet which Secrets there are: were it told as done, the
 * endpoint would count as one that stays as it is.
 */
function isUndecided({ context, slot, standing, pullSecrets }: World): boolean {
  return slot.child?.live !== undefined && isEdited(context) && standing.ready !== undefined &&
    standing.model.found !== undefined && pullSecrets === undefined;
}

/** An endpoint with a trouble of its own tells that first, and then which edits wait. */
function withWaiting(
  components: readonly ComponentHealth[],
  world: World,
  edits: readonly string[],
): ComponentHealth[] {
  const waiting = waitingHealth(world.slot.child!.name, edits, wantedOf(world));
  return components.map((each) => {
    if (each.component !== "InferenceService") return each;
    const { state, message = "", errors } = completed(each);
    if (state === "Ready" || state === "Progressing") return waiting;
    return { ...each, state, errors, message: message ? `${message}; ${waiting.message}` : waiting.message };
  });
}

function wantedOf({ standing, cache, runtimeConfig }: World): Wanted {
  return {
    model: standing.model.found,
    template: standing.template,
    cached: hasWeights(cache),
    configured: isConfigured(runtimeConfig),
  };
}

function isConfigured({ health }: RuntimeConfigResolution): boolean {
  return health?.errors === undefined;
}

/** §9: independent of model and template. */
function routeStep({ context, wish, route, slot }: World, gate: Gate): Child | undefined {
  if (wish === undefined || route === undefined || slot.child === undefined || !route.installed) {
    return undefined;
  }
  const names = { route: route.name, inferenceService: slot.child.name };
  const open = slot.child.live === undefined ? gate.open : gate.openForRoute;
  const child = open && !route.blocked ? routeChild(context, wish, names) : undefined;
  return child ?? kept(httpRoutes, route);
}

/** Whether routing is what a runtime config says, and that is missing or broken. */
function routingUnknown({ context: { service }, runtimeConfig }: World): boolean {
  return !isConfigured(runtimeConfig) && service.spec?.routing?.enabled !== false;
}

/** Routing switched off, or its gateway taken away: the route that we own goes (§9 Better). */
function removedRoute(world: World): Removal[] {
  const { wish, route } = world;
  if (route?.live === undefined || wish?.gatewayRef !== undefined || routingUnknown(world)) return [];
  return [removalOf(httpRoutes, route.live)];
}

/** §7.2: one Shared cache a template, made by the first service that needs it, or one of the service's own. */
function cacheStep(
  { context, standing: { ready }, cache }: World,
  { open }: Gate,
  view: View,
): Child | undefined {
  if (!open || ready === undefined || cache !== undefined) return undefined;
  if ((ready.object.status?.modelSources ?? []).length === 0) return undefined;
  if (leftCache(context.service, refOf(ready), view) !== undefined) return undefined;
  return newCache(context, ready, view);
}

/** A cache that a backup brought back becomes the service's again; one that cannot become Ready gets what the service wants otherwise of it (spec/README). */
function correctionStep({ context, standing, cache }: World, { open }: Gate, view: View): Edit[] {
  if (!open || standing.ready === undefined) return [];
  if (cache === undefined) {
    const left = leftCache(context.service, refOf(standing.ready), view);
    return left === undefined || isPaused(left) ? [] : [adoptedCache(context.service, left)];
  }
  return correctedCache(context, standing.ready, cache, view);
}

/**
 * §8.1: created once model, template and cache are Ready; afterwards kept in step with what is resolved, and while that
 * cannot be used, with what needs none of it.
 */
function inferenceServiceStep(world: World, gate: Gate): Child | undefined {
  const { context, slot, standing, cache } = world;
  if (slot.child === undefined || !slot.child.installed || slot.child.blocked) return undefined;
  const { live } = slot.child;
  const ingredients = ingredientsOf(world, gate);
  if (live === undefined) {
    const startable = standing.model.found !== undefined && isUsable(standing.model.found) &&
      hasWeights(cache);
    return ingredients && startable ? inferenceServiceChild(context, ingredients) : undefined;
  }
  if (ingredients !== undefined) return inferenceServiceChild(context, ingredients);
  const rescaled = gate.openForScaling
    ? rescaledEndpoint(context, live, isConfigured(world.runtimeConfig))
    : undefined;
  return rescaled ?? kept(inferenceServices, slot.child);
}

function hasWeights(cache: Live<AIMTemplateCache> | undefined): boolean {
  return isReady(cache) && everyArtifactHasClaim(cache);
}

/** What an InferenceService is made of; undefined while that is not known, or nothing may be applied. */
function ingredientsOf(
  { slot, standing, cache, resources, pods, pullSecrets }: World,
  gate: Gate,
): Ingredients | undefined {
  const { model, ready } = standing;
  const image = model.found?.object.spec?.image;
  if (!gate.open || slot.child === undefined || ready === undefined || !image) return undefined;
  if (resources?.resources === undefined || pullSecrets === undefined) return undefined;
  // An endpoint goes over to another template with its weights, not before.
  if (isOfAnother(slot.child.live, refOf(ready)) && !hasWeights(cache)) return undefined;
  return {
    name: slot.child.name,
    live: slot.child.live,
    model: model.found!,
    template: ready,
    cache,
    resources: resources.resources,
    plainResources: resources.plain,
    pullSecrets,
    pullRefused: isPullRefused(pods),
  };
}

/** A child that stays as it is, because what it is made of is not known now. */
function kept<T extends KubeObject>(kind: CachedKind<T>, { name, live }: OwnedChild<T>): Child | undefined {
  if (live === undefined) return undefined;
  return {
    how: "keep",
    ref: { kind, namespace: live.metadata.namespace, name },
  };
}
