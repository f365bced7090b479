/**
 * An endpoint whose template or model cannot be used now (spec/README "What a service stands on while its template is
 * gone or not Ready"): what needs neither is carried out on the InferenceService as it lives, the rest waits and is
 * told.
 */

import { compareQuantities, parseQuantity, type ResourceRequirements } from "../../../lib/api/mod.ts";
import { inferenceServices } from "../../../lib/cluster/kinds.ts";
import type { Container, InferenceService } from "../../../lib/operator/objects.ts";
import { equalJson } from "../../../lib/kube/json/equal.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import { mergeInferenceEnv } from "../../../lib/operator/naming/env.ts";
import { annotation, asChild, label, propagatedLabels } from "../../../lib/operator/naming/labels.ts";
import { cutLabelValue, labelValue } from "../../../lib/operator/naming/naming.ts";
import type { ComponentHealth } from "../../../lib/operator/status/health.ts";
import { isReady } from "../../../lib/operator/status/status_words.ts";
import type { Context } from "../context.ts";
import {
  refOf,
  type ResolvedModel,
  type ResolvedTemplate,
  type TemplateResolution,
} from "../resolve/resolved.ts";
import { containerEnv } from "./container_env.ts";
import { pullSecrets } from "./pull_secrets.ts";
import { containerResources } from "./resources.ts";
import { replicaFields, scalingAnnotations } from "./scaling.ts";
import { marksOf } from "./take_over.ts";

/** Labels of an InferenceService that say what it was made of, and of what service. */
const ownLabels = [
  label.appComponent,
  label.managedBy,
  label.template,
  label.service,
  label.model,
  label.metric,
  label.precision,
];

/**
 * The live InferenceService with the replicas, the scaling and the propagated labels that the service wants; its pod
 * spec is the one that runs. Undefined where it has them already.
 *
 * @param configured whether the runtime config is known: else nobody knows what is propagated, and labels stay
 */
export function rescaledEndpoint(
  context: Context,
  live: Live<InferenceService>,
  configured: boolean,
): Child | undefined {
  const { service } = context;
  const { name, namespace, labels = {}, annotations } = live.metadata;
  const { predictor } = live.spec ?? {};
  if (predictor === undefined) return undefined;
  const desired: InferenceService = asChild<InferenceService>(
    {
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      metadata: {
        name,
        namespace,
        labels: configured ? { ...marksOf(context, live), ...picked(labels, ownLabels) } : labels,
        annotations: scalingAnnotations(service.spec, name),
      },
      spec: {
        predictor: {
          ...replicaFields(service.spec),
          ...picked(predictor, ["imagePullSecrets", "serviceAccountName", "affinity"]),
          containers: predictor.containers?.map((each) => picked(each, containerFields) as Container),
          volumes: predictor.volumes,
        },
      },
    },
    context.parent,
    { owned: true, propagation: context.propagation },
  );
  const wanted = desired.metadata!;
  const scaled =
    equalJson(picked(predictor, scalingFields), picked(desired.spec!.predictor!, scalingFields)) &&
    equalJson(picked(annotations ?? {}, scalingKeys), wanted.annotations);
  const dropped = Object.keys(labels).filter((key) => wanted.labels![key] === undefined);
  const labelled = Object.entries(wanted.labels!).every(([key, value]) => labels[key] === value) &&
    Object.keys(propagatedLabels(picked(labels, dropped), context.propagation)).length === 0;
  if (scaled && labelled) return undefined;
  return { how: "apply", ref: { kind: inferenceServices, namespace, name }, desired };
}

const scalingFields = ["minReplicas", "maxReplicas", "autoScaling"] as const;
const scalingKeys = [annotation.autoscalerClass, annotation.otelInject, annotation.prometheusPort];
const containerFields = ["name", "image", "ports", "env", "resources", "volumeMounts"] as const;

function picked<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]),
  ) as Pick<T, K>;
}

/** What the service would have an endpoint made of, as far as it is known. */
export interface Wanted {
  readonly model: ResolvedModel | undefined;
  readonly template: TemplateResolution;
  /** Whether the weights are there. */
  readonly cached: boolean;
  /** Whether the runtime config is known. */
  readonly configured: boolean;
}

/** Whether a live InferenceService was made of another template; its label says so, cut to a label's length. */
export function isOfAnother(
  live: InferenceService | undefined,
  { name }: { readonly name: string },
): boolean {
  const of = live?.metadata?.labels?.[label.template];
  return of !== undefined && ![labelValue(name), cutLabelValue(name)].includes(of);
}

/**
 * The edits that a live InferenceService does not show yet, in the user's words. Of a template that is gone, or while the
 * runtime config is unknown, only what is written in the service itself can be missed; then an entry that was taken out
 * of the spec is not noticed.
 */
export function waitingEdits(context: Context, live: Live<InferenceService>, wanted: Wanted): string[] {
  const { service } = context;
  const container = live.spec?.predictor?.containers?.[0];
  const another = asksForAnother(context, live, wanted.template);
  const template = another === undefined && wanted.configured ? wanted.template.found : undefined;
  const image = wanted.model?.object.spec?.image;
  const edits = [
    ...(another === undefined ? [] : [another]),
    ...(image && image !== container?.image
      ? [`image ${image} of model ${wanted.model!.object.metadata.name}`]
      : []),
    ...envEdits(context, container, template),
  ];
  if (!isEdited(context)) return edits;
  const { imagePullSecrets = [], serviceAccountName = "", containers } = live.spec?.predictor ?? {};
  if (!hasResources(context, containers?.[0]?.resources ?? {}, template, wanted.model)) {
    edits.push("spec.resources");
  }
  const within = (some: readonly { name?: string }[], all: readonly { name?: string }[]) =>
    some.every(({ name }) => all.some((each) => each.name === name));
  const own = pullSecrets(service.spec);
  const most = template && pullSecrets(service.spec, template.object.spec, wanted.model?.object.spec);
  const right = within(own, imagePullSecrets) && (most === undefined || within(imagePullSecrets, most));
  if (!right) edits.push("spec.imagePullSecrets");
  const account = service.spec?.serviceAccountName;
  if (account && account !== serviceAccountName) edits.push("spec.serviceAccountName");
  return edits;
}

/** Whether the service's spec has changed since it was last acted on; one that AIM Engine acted on says nothing. */
export function isEdited({ service: { metadata, status } }: Context): boolean {
  return status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation;
}

/** What asks for another template than the one that the endpoint was made of. */
function asksForAnother(
  { service }: Context,
  live: Live<InferenceService>,
  { found, gone }: TemplateResolution,
): string | undefined {
  if (found !== undefined && isOfAnother(live, refOf(found))) return `template ${found.object.metadata.name}`;
  const recorded = service.status?.resolvedTemplate?.name;
  if (recorded === undefined || gone !== undefined || found?.object.metadata.name === recorded) {
    return undefined;
  }
  const name = service.spec?.template?.name?.trim();
  return name ? `template ${name}` : "spec.overrides";
}

function envEdits(
  context: Context,
  container: Container | undefined,
  template: ResolvedTemplate | undefined,
): string[] {
  const live = new Map((container?.env ?? []).map((entry) => [entry.name, entry]));
  const wanted = template === undefined
    ? mergeInferenceEnv(container?.env, context.service.spec?.env)
    : containerEnv(context, template);
  const differing = wanted.filter((entry) => !equalJson(entry, live.get(entry.name))).map(({ name }) => name);
  const kept = new Set(wanted.map(({ name }) => name));
  const removed = isEdited(context) ? [...live.keys()].filter((name) => !kept.has(name)) : [];
  const names = [...differing, ...removed].sort();
  return names.length === 0 ? [] : [`env ${names.join(", ")}`];
}

/** Whether the live resources are those of model, template and service. */
function hasResources(
  context: Context,
  live: ResourceRequirements,
  template: ResolvedTemplate | undefined,
  model: ResolvedModel | undefined,
): boolean {
  const made = template && containerResources(context, template, model, live);
  if (made?.resources !== undefined) {
    return covers(live, made.resources) && covers(made.resources, live) ||
      covers(live, made.plain) && covers(made.plain, live);
  }
  return covers(live, context.service.spec?.resources ?? {});
}

function covers(amounts: ResourceRequirements, wanted: ResourceRequirements): boolean {
  return (["requests", "limits"] as const).every((side) =>
    Object.entries(wanted[side] ?? {}).every(([name, amount]) => {
      const other = amounts[side]?.[name];
      return other !== undefined && compareQuantities(parseQuantity(other), parseQuantity(amount)) === 0;
    })
  );
}

/** `InferenceService` while edits wait: what the endpoint runs without, and where the cause is told. */
export function waitingHealth(
  name: string,
  edits: readonly string[],
  { model, template, cached, configured }: Wanted,
): ComponentHealth {
  const causes = [
    ...(configured ? [] : ["RuntimeConfig"]),
    ...(model === undefined ? ["Model"] : []),
    ...(!isReady(template.found?.object) ? ["Template"] : cached ? [] : ["Cache"]),
  ];
  const conditions = causes.map((component) => `${component}Ready`).join(" and ") || "ConfigValid";
  return {
    component: "InferenceService",
    dependency: "Downstream",
    state: "Progressing",
    reason: "EditsWaiting",
    message: `InferenceService ${name} runs as before, without these edits: ${edits.join("; ")}. ` +
      `They wait for what ${conditions} names`,
    follows: causes[0],
  };
}
