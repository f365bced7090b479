/** Which template a service runs its model with (services.md §5). */

import type { AIMService } from "../../../lib/api/mod.ts";
import { clusterTemplates, templates } from "../../../lib/cluster/kinds.ts";
import { selectableGpus } from "../../../lib/cluster/queries.ts";
import { outOfReach, unlessOutOfReach } from "../../../lib/cluster/reach.ts";
import { keyOf, type Live } from "../../../lib/kube/object.ts";
import { mostTelling } from "../../../lib/operator/errors/codes.ts";
import { conditionOf, type ExtraCondition } from "../../../lib/operator/status/conditions.ts";
import { type ComponentHealth, failing, ready } from "../../../lib/operator/status/health.ts";
import { codeWithin } from "../../../lib/operator/status/code_within.ts";
import { annotation, label, labelText } from "../../../lib/operator/naming/labels.ts";
import { derivedTemplateName } from "../../../lib/operator/naming/object_names.ts";
import { isReady } from "../../../lib/operator/status/status_words.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import {
  choice,
  describe,
  type GpuModels,
  select,
  type Selection,
  type SelectionRequest,
} from "../../../lib/selection/mod.ts";
import { causeOf } from "../cause.ts";
import type { Context } from "../context.ts";
import {
  type Binding,
  describeRef,
  isStill,
  nameOf,
  type ResolvedModel,
  type ResolvedTemplate,
  type Template,
  type TemplateRef,
  type TemplateResolution,
} from "./resolved.ts";
import { derivedTemplate, satisfies, traitsOf } from "./overrides.ts";

const templatesByModel = templates.index(
  "namespace and model",
  ({ metadata, spec }) => spec === undefined ? [] : [keyOf(metadata.namespace, spec.modelName)],
);
const clusterTemplatesByModel = clusterTemplates.index(
  "model",
  ({ spec }) => spec === undefined ? [] : [spec.modelName],
);

const about = { component: "Template", dependency: "Upstream" } as const;

/**
 * Resolves the template: the recorded one as far as it binds, else the named one, else by auto-selection (§5.1).
 * Under an endpoint no other takes the place of one that is gone; a derived one is derived again.
 */
export function resolveTemplate(
  context: Context,
  model: ResolvedModel | undefined,
  binding: Binding,
  view: View,
): TemplateResolution {
  const { service } = context;
  const recorded = binding === "none" ? undefined : recordedTemplate(service);
  const object = recorded && objectOf(recorded, service, view);
  const counts = object !== undefined && (binding === "fixed" || isStill(object, recorded!));
  // What overrides ask for, only a Ready template can tell that it has it not.
  if (counts && (!isReady(object) || satisfies(object, traitsOf(service)))) {
    return { found: { object, scope: recorded!.scope } };
  }
  const asked = templateAsked(context, model, view);
  if (binding !== "fixed" || recorded === undefined || object !== undefined) return asked;
  if (asked.deriving?.ref.name === recorded.name) return asked;
  const unread = recorded.scope === "Cluster" ? outOfReach(view, clusterTemplates) : undefined;
  return { gone: recorded, instead: asked.found, unread };
}

/** What the service asks for, whatever is recorded. */
function templateAsked(context: Context, model: ResolvedModel | undefined, view: View): TemplateResolution {
  const named = templateName(context.service);
  if (named !== "") return namedTemplate(context, named, model, view);
  return model === undefined ? {} : selectTemplate(context, model, view);
}

/** The template that the service names; empty where it leaves the choice open. */
export function templateName({ spec }: AIMService): string {
  return spec?.template?.name?.trim() ?? "";
}

/** The recorded template, unless the service names another since (§5.1 Better). */
function recordedTemplate(service: AIMService): (TemplateRef & { readonly uid?: string }) | undefined {
  const { name, scope, uid } = service.status?.resolvedTemplate ?? {};
  if (name === undefined) return undefined;
  const named = templateName(service);
  if (named !== "" && named !== name && derivedTemplateName(named, traitsOf(service)) !== name) {
    return undefined;
  }
  return { name, scope: scope === "Cluster" ? "Cluster" : "Namespace", uid };
}

function objectOf({ name, scope }: TemplateRef, service: AIMService, view: View): Live<Template> | undefined {
  return scope === "Cluster"
    ? view.get(clusterTemplates, undefined, name)
    : view.get(templates, service.metadata?.namespace, name);
}

/**
 * The derived template of that name if overrides ask for one, else the named one: of the namespace, else of
 * the cluster, whatever model it names (§5.2, §6 Better rule 2).
 */
function namedTemplate(
  context: Context,
  name: string,
  model: ResolvedModel | undefined,
  view: View,
): TemplateResolution {
  const { namespace } = context.service.metadata;
  const effective = derivedTemplateName(name, traitsOf(context.service));
  const derived = effective === name ? undefined : view.get(templates, namespace, effective);
  if (derived !== undefined) return { found: { object: derived, scope: "Namespace" } };
  const own = view.get(templates, namespace, name);
  const shared = own === undefined ? view.get(clusterTemplates, undefined, name) : undefined;
  const base: ResolvedTemplate | undefined = own !== undefined
    ? { object: own, scope: "Namespace" }
    : shared && { object: shared, scope: "Cluster" };
  if (base !== undefined) return effective === name ? { found: base } : derive(context, base, model);
  const looked = `template "${name}", which spec.template.name asks for, is not in namespace ${namespace}`;
  return {
    error: unlessOutOfReach(view, clusterTemplates, looked, {
      category: "MissingUpstream",
      reason: "TemplateNotFound",
      message: `template "${name}" not found: spec.template.name asks for it, but neither namespace ` +
        `${namespace} nor the cluster has it`,
      code: "AIM-0111",
    }),
  };
}

/** A base that is not Ready is only reported; a Ready one is the pattern of a derived template. */
function derive(
  context: Context,
  base: ResolvedTemplate,
  model: ResolvedModel | undefined,
): TemplateResolution {
  if (base.object.status?.status !== "Ready") return { found: base };
  return { deriving: derivedTemplate(context, base, model) };
}

/** Those of the namespace and of the cluster that name the model. */
function candidatesOf(model: ResolvedModel, { metadata }: Live<AIMService>, view: View): Live<Template>[] {
  const { name } = model.object.metadata;
  return [
    ...view.list(templatesByModel, keyOf(metadata.namespace, name)),
    ...view.list(clusterTemplatesByModel, name),
  ];
}

/** How the choice falls among a model's templates as they are now, whatever the service stands on (§5.3). */
export function choose(
  { service, breakTies }: Context,
  model: ResolvedModel,
  view: View,
  candidates = candidatesOf(model, service, view),
): Selection<Live<Template>> {
  return selectOnce(
    {
      modelName: model.object.metadata.name,
      allowUnoptimized: service.spec?.template?.allowUnoptimized,
      templateIsFixed: service.spec?.template !== undefined,
      overrides: service.spec?.overrides,
      defaultTemplate: model.object.spec?.defaultServiceTemplate,
      breakTies,
    },
    candidates,
    selectableGpus(view),
    service.metadata.namespace,
  );
}

/**
 * As `select`, but of equal requests among the same objects the second one gets the answer of the first: the services of
 * one model in a namespace ask alike, and of several candidates the words for what would have made another win take longer
 * than all else.
 */
function selectOnce(
  request: SelectionRequest,
  candidates: readonly Live<Template>[],
  gpus: GpuModels,
  namespace: string | undefined,
): Selection<Live<Template>> {
  const key = JSON.stringify([namespace, request]);
  const known = selections.get(key);
  if (known?.gpus === gpus && isSameList(known.candidates, candidates)) return known.selection;
  if (selections.size >= mostSelections) selections.clear();
  const selection = select(request, candidates, gpus);
  selections.set(key, { candidates, gpus, selection });
  return selection;
}

const selections = new Map<string, {
  readonly candidates: readonly Live<Template>[];
  readonly gpus: GpuModels;
  readonly selection: Selection<Live<Template>>;
}>();
const mostSelections = 64;

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The best template for the model among those of the namespace and of the cluster (§5.3). */
function selectTemplate(context: Context, model: ResolvedModel, view: View): TemplateResolution {
  const { service } = context;
  const candidates = candidatesOf(model, service, view);
  const selection = choose(context, model, view, candidates);
  const { outcome } = selection;
  if (outcome.kind !== "selected") {
    return { selection, candidates, unread: outOfReach(view, clusterTemplates) };
  }
  const awaited = discovering(model, candidates, view);
  if (awaited.length > 0) return { awaited };
  const chosen = { object: outcome.template, scope: outcome.scope };
  const traits = traitsOf(service);
  if (satisfies(chosen.object, traits)) return { found: chosen, selection };
  // The chosen one leaves open what the overrides ask for: one derived from it says it (§6 Better rule 1).
  const derived = view.get(
    templates,
    service.metadata.namespace,
    derivedTemplateName(chosen.object.metadata.name, traits),
  );
  if (derived !== undefined) return { found: { object: derived, scope: "Namespace" }, selection };
  return { ...derive(context, chosen, model), selection };
}

/**
 * Templates that a model has just made and that ask the image for their profiles. A choice is kept, so it is not made
 * among those that happened to be first; but not for ever is it put off, since one that never ends must harm nobody.
 * Of a model that has failed nothing is awaited: it says so itself.
 */
function discovering(
  { object: model }: ResolvedModel,
  candidates: readonly Live<Template>[],
  view: View,
): string[] {
  if (!underway.includes(model.status?.status)) return [];
  return candidates.filter(({ metadata, spec, status }) =>
    metadata.labels?.[label.origin] === labelText.autoGenerated && !spec?.modelSources?.length &&
    underway.includes(status?.status) && !hasHadItsTime(metadata.creationTimestamp, view)
  ).map(({ metadata }) => metadata.name);
}

/** How long a choice waits for a template that is being discovered. */
const discoveryPatience = 15 * 60_000;

function hasHadItsTime(created: string | undefined, view: View): boolean {
  return created !== undefined && view.reached(Date.parse(created) + discoveryPatience);
}

const underway: readonly (string | undefined)[] = [undefined, "Pending", "Progressing"];

/** The row of services.md §11.3 "Template" that applies; `named`: the template that the service names, empty if none. */
export function templateHealth(
  resolution: TemplateResolution,
  selected?: ExtraCondition,
  { named = "" } = {},
): ComponentHealth {
  if (resolution.error !== undefined) return failing(about, resolution.error, "Failed");
  if (resolution.found !== undefined) return foundHealth(resolution.found, selected);
  if (resolution.gone !== undefined) return goneHealth(resolution.gone, resolution, named);
  if (resolution.deriving !== undefined) {
    const message = `Derived template ${resolution.deriving.ref.name} is being created`;
    return { ...about, state: "Progressing", reason: "TemplateNotReady", message, code: "none" };
  }
  if (resolution.awaited !== undefined) {
    const [first, ...more] = resolution.awaited;
    const others = more.length === 0 ? "" : ` and ${more.length} more`;
    const message = `Templates exist but are not ready yet; the choice waits for ${first}${others}`;
    return { ...about, state: "Progressing", reason: "TemplateNotReady", message, code: "none" };
  }
  if (resolution.selection !== undefined) return selectionHealth(resolution.selection, resolution);
  const message = "No template found for service";
  return { ...about, state: "Pending", reason: "TemplateNotFound", message, code: "none" };
}

/**
 * The endpoint stays on what it was made of; another template is a decision of the user's. Nobody is on the way to make
 * one that is named, and to resolve anew helps there only if the other scope has one of that name.
 */
function goneHealth(
  gone: TemplateRef,
  { instead, unread }: TemplateResolution,
  named: string,
): ComponentHealth {
  const who = named === ""
    ? `${describeRef(gone)}, of which the endpoint was made,`
    : `${named === gone.name ? describeRef(gone) : `Template ${named}`}, which spec.template.name asks for,`;
  const rebind = named === "" || instead !== undefined
    ? `, or set the annotation ${annotation.forceRebind} to a new value to resolve model and template anew`
    : "";
  return {
    ...about,
    state: named === "" ? "Pending" : "Failed",
    reason: "TemplateNotFound",
    code: unread !== undefined ? "AIM-0206" : "AIM-0113",
    message: unread !== undefined
      ? `${who} cannot be read; the endpoint is kept as it is. ${unread}${rebind}`
      : `${who} is not there any more; the endpoint is kept as it is. Create the template again${rebind}`,
  };
}

/** Nothing was selected; one that cannot be read could have been. */
function selectionHealth(
  selection: NonNullable<TemplateResolution["selection"]>,
  { unread, candidates = [] }: TemplateResolution,
): ComponentHealth {
  const { message, ...description } = describe(selection);
  const code = selectionCode(selection.outcome, candidates);
  return {
    ...about,
    ...description,
    ...(code && { code }),
    message: unread === undefined ? message : `${message}. ${unread}`,
  };
}

/** Where no template is Ready, what keeps the candidates from being so; `none` while they are on their way. */
function selectionCode(
  outcome: Selection<Live<Template>>["outcome"],
  candidates: readonly Live<Template>[],
): ComponentHealth["code"] {
  switch (outcome.kind) {
    case "noCandidates":
      return "AIM-0112";
    case "notReady":
      return mostTelling(candidates.map(({ status }) => codeWithin(status?.conditions))) ?? "none";
    case "filtered":
      return outcome.stage === "optimization" ? "AIM-0115" : undefined;
    default:
      return undefined;
  }
}

/**
 * `TemplateSelected`: why the template was selected, and which one comes next. The pass that selects says so. Those
 * after it go by the recorded template and do not select: they hand on what stands there, as long as it is that
 * template and nobody names one.
 */
export function selectedCondition(
  { found, selection }: TemplateResolution,
  service: Live<AIMService>,
): ExtraCondition | undefined {
  const why = selection && choice(selection);
  if (found !== undefined && why !== undefined) {
    return { type: "TemplateSelected", status: "True", reason: "BestMatch", message: why };
  }
  const stored = conditionOf(service.status?.conditions, "TemplateSelected");
  if (stored === undefined) return undefined;
  const { uid } = service.status?.resolvedTemplate ?? {};
  const stands = templateName(service) === "" && (found === undefined || found.object.metadata.uid === uid);
  if (stored.status === "True" && stands) {
    return { type: "TemplateSelected", status: "True", reason: "BestMatch", message: stored.message ?? "" };
  }
  const message = "The template was not selected: it is named, or was made anew";
  return { type: "TemplateSelected", status: "False", reason: "NotSelected", message };
}

function foundHealth(found: ResolvedTemplate, selected: ExtraCondition | undefined): ComponentHealth {
  const who = nameOf(found);
  const { object } = found;
  const status = object.status?.status ?? "";
  const cause = causeOf(object.status?.conditions);
  const code = codeWithin(object.status?.conditions);
  const notReady = { ...about, reason: "TemplateNotReady", code: code ?? "none" } as const;
  switch (status) {
    case "Ready":
      return ready(
        about,
        "Resolved",
        `${who} is ready${selected?.status === "True" ? `; ${selected.message}` : ""}`,
      );
    case "Pending":
    case "Progressing":
      return { ...notReady, state: "Progressing", message: `${who} is not ready yet${cause}` };
    case "NotAvailable":
      return {
        ...notReady,
        state: "NotAvailable",
        message: `${who} is not available${gpuCause(object)}`,
        code: code ?? "AIM-0121",
      };
    case "Failed":
    case "Degraded":
      return {
        ...notReady,
        state: "Failed",
        message: `${who} is in failed state${cause}`,
        code: code ?? "AIM-0116",
      };
    default:
      return { ...notReady, state: "Progressing", message: `${who} status: ${status}${cause}` };
  }
}

/** What the template says of the GPU that it lacks: of no such GPU, or of none with enough memory. */
function gpuCause({ status }: Template): string {
  const told = conditionOf(status?.conditions, "GPUReady");
  return told?.status === "False" && told.message ? `: ${told.message}` : " (no matching GPUs)";
}
