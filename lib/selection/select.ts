/**
 * Auto-selection of a service template (services.md §5.3): filters, then preference among the survivors, and one
 * record per candidate. Pure, and independent of the order of its input.
 *
 * @module
 */

import { type Candidate, candidatesFor, type Scope, type Template } from "./candidate.ts";
import { best, difference, type Dimension, dimensions } from "./score.ts";
import {
  asksForSomething,
  filters,
  type FilterStage,
  type GpuModels,
  type SelectionRequest,
  type Verdict,
} from "./stages.ts";

/**
 * Where a candidate's fate was decided: a filter, the model's default template, the preference for namespace
 * templates, or the score.
 */
export type Stage = FilterStage | "default" | "scope" | "score";

/** What became of one candidate. */
export interface Evaluation extends Verdict {
  readonly name: string;
  readonly namespace?: string;
  readonly scope: Scope;
  readonly status: "chosen" | "rejected";
  readonly stage: Stage;
}

/** How a selection ended. `filtered` says which filter left nothing; after `availability` that is `notReady`. */
export type Outcome<T> =
  | { readonly kind: "selected"; readonly template: T; readonly scope: Scope }
  | { readonly kind: "ambiguous"; readonly tied: readonly T[] }
  | { readonly kind: "noCandidates" }
  | { readonly kind: "notReady" }
  | {
    readonly kind: "filtered";
    readonly stage: Exclude<FilterStage, "availability">;
    readonly ready: number;
  };

/** The outcome with its reasons. */
export interface Selection<T extends Template> {
  readonly modelName: string;
  readonly outcome: Outcome<T>;
  /** One for each candidate: those that filters rejected by stage, then the survivors; within, by scope and name. */
  readonly evaluations: readonly Evaluation[];
  /** What the selection would fall back to without the chosen template: the best of the other survivors. */
  readonly runnerUp?: T;
}

/**
 * Chooses a template for a model.
 *
 * @param request what the service asks for
 * @param templates those of the service's namespace and of the cluster; other models' are passed over
 * @param gpus GPU models on the nodes
 */
export function select<T extends Template>(
  request: SelectionRequest,
  templates: Iterable<T>,
  gpus: GpuModels,
): Selection<T> {
  const { modelName } = request;
  const candidates = candidatesFor(modelName, templates);
  if (candidates.length === 0) return { modelName, outcome: { kind: "noCandidates" }, evaluations: [] };

  const evaluations: Evaluation[] = [];
  let survivors = candidates;
  let ready = 0;
  for (const filter of filters) {
    const passed: Candidate<T>[] = [];
    for (const candidate of survivors) {
      const verdict = filter.reject(candidate, request, gpus);
      if (verdict) evaluations.push(evaluation(candidate, "rejected", { stage: filter.stage, ...verdict }));
      else passed.push(candidate);
    }
    survivors = passed;
    if (survivors.length === 0) return { modelName, outcome: emptied(filter.stage, ready), evaluations };
    if (filter.stage === "availability") ready = survivors.length;
  }

  const preference = prefer(survivors, defaultTemplate(request));
  for (const candidate of survivors) evaluations.push(judge(candidate, preference));
  return {
    modelName,
    outcome: preferred(preference.leaders),
    evaluations,
    runnerUp: preference.runnerUp?.template,
  };
}

function emptied(stage: FilterStage, ready: number): Outcome<never> {
  return stage === "availability" ? { kind: "notReady" } : { kind: "filtered", stage, ready };
}

function preferred<T extends Template>(leaders: readonly Candidate<T>[]): Outcome<T> {
  if (leaders.length > 1) return { kind: "ambiguous", tied: leaders.map((leader) => leader.template) };
  return { kind: "selected", template: leaders[0].template, scope: leaders[0].scope };
}

/** The model's default counts only for services that state no wish of their own (services.md §3.2). */
function defaultTemplate(request: SelectionRequest): string | undefined {
  return asksForSomething(request.overrides) ? undefined : request.defaultTemplate?.trim();
}

interface Preference<T extends Template> {
  /** One, or several that tie. */
  readonly leaders: readonly Candidate<T>[];
  readonly runnerUp?: Candidate<T>;
  readonly byDefault: boolean;
}

function prefer<T extends Template>(survivors: readonly Candidate<T>[], defaultName?: string): Preference<T> {
  const leaders = leading(survivors, defaultName);
  const byDefault = leaders[0].name === defaultName;
  if (leaders.length > 1) return { leaders, byDefault };
  const others = survivors.filter((candidate) => candidate !== leaders[0]);
  return { leaders, byDefault, runnerUp: leading(others, defaultName).at(0) };
}

/** Steps 5 to 7: the default template, else namespace before cluster, else the score. */
function leading<T extends Template>(
  candidates: readonly Candidate<T>[],
  defaultName?: string,
): Candidate<T>[] {
  const named = candidates.find((candidate) => candidate.name === defaultName);
  return named ? [named] : best(nearest(candidates));
}

function nearest<T extends Template>(survivors: readonly Candidate<T>[]): readonly Candidate<T>[] {
  const namespaced = survivors.filter((candidate) => candidate.scope === "Namespace");
  return namespaced.length > 0 ? namespaced : survivors;
}

function judge<T extends Template>(candidate: Candidate<T>, preference: Preference<T>): Evaluation {
  if (!preference.leaders.includes(candidate)) {
    return evaluation(candidate, "rejected", defeat(candidate, preference));
  }
  if (preference.leaders.length > 1) {
    return evaluation(candidate, "rejected", tie(candidate, preference.leaders));
  }
  return evaluation(candidate, "chosen", victory(candidate, preference));
}

type Decision = Verdict & { readonly stage: Stage };

function defeat(loser: Candidate, { leaders: [winner], byDefault }: Preference<Template>): Decision {
  if (byDefault) {
    const fact = `${winner.scope.toLowerCase()} template ${winner.name} is the model's default`;
    return { stage: "default", reason: "LowerPreferenceRank", fact };
  }
  if (loser.scope !== winner.scope) {
    const fact = `namespace template ${winner.name} is preferred to cluster templates`;
    return { stage: "scope", reason: "NamespaceTemplatePreferred", fact };
  }
  return { stage: "score", reason: "LowerPreferenceRank", fact: ranking(loser, "below", winner) };
}

function tie(candidate: Candidate, leaders: readonly Candidate[]): Decision {
  const other = leaders.find((leader) => leader !== candidate)!;
  const more = leaders.length > 2 ? ` and ${leaders.length - 2} more` : "";
  const values = dimensions.map((dimension) => `${dimension.name} ${shown(dimension, candidate)}`).join(", ");
  const fact = `${values} rank the same as ${other.name}${more}`;
  return { stage: "score", reason: "TemplateSelectionAmbiguous", fact };
}

function victory(winner: Candidate, { runnerUp, byDefault }: Preference<Template>): Decision {
  const reason = "BestMatch";
  if (byDefault) return { stage: "default", reason, fact: "the model's default template" };
  if (!runnerUp) return { stage: "score", reason, fact: "the only template left after filtering" };
  if (runnerUp.scope !== winner.scope) {
    const fact = `namespace template, preferred to cluster template ${runnerUp.name}`;
    return { stage: "scope", reason, fact };
  }
  return { stage: "score", reason, fact: ranking(winner, "above", runnerUp) };
}

function ranking(candidate: Candidate, position: "above" | "below", other: Candidate): string {
  const dimension = difference(candidate, other)!.dimension;
  const [own, others] = [shown(dimension, candidate), shown(dimension, other)];
  return `${dimension.name} ${own} ranks ${position} ${others} of ${other.name}`;
}

function shown(dimension: Dimension, candidate: Candidate): string {
  return dimension.value(candidate) || "unknown";
}

function evaluation(candidate: Candidate, status: Evaluation["status"], decision: Decision): Evaluation {
  const { name, namespace, scope } = candidate;
  return { name, namespace, scope, status, ...decision };
}
