/**
 * Auto-selection of a service template (services.md §5.3): filters, then preference among the survivors, and one
 * record per candidate, which knows what would have made it win. Pure, and independent of the order of its input.
 *
 * @module
 */

import { type Candidate, candidatesFor, type Scope, type Template } from "./candidate.ts";
import { best, difference, type Dimension, dimensions, places } from "./score.ts";
import { changes } from "./explain.ts";
import type { Change } from "./edit.ts";
import {
  breaksTies,
  defaultTemplateOf,
  filters,
  type FilterStage,
  type GpuModels,
  type SelectionRequest,
  tieAnnotation,
  type Verdict,
} from "./stages.ts";

/**
 * Where a candidate's fate was decided: a filter, the preference for namespace templates, the model's default template,
 * the score, or, where that is wished, the name among those that tie.
 */
export type Stage = FilterStage | "scope" | "default" | "score" | "name";

/** What became of one candidate. */
export interface Evaluation extends Verdict {
  readonly name: string;
  readonly namespace?: string;
  readonly scope: Scope;
  readonly status: "chosen" | "rejected";
  readonly stage: Stage;
  /**
   * The smallest change that would have made a rejected candidate win, worked out when it is first asked for:
   * for hundreds of candidates that takes longer than to select. Of the one that is chosen there is none.
   */
  readonly wouldWinBy?: Change;
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
  /** Whether the service has a `spec.template`, which cannot be changed once written: advice must not ask for it. */
  readonly templateIsFixed: boolean;
  /** How a tie was to end. */
  readonly breakTies?: string;
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
  const { modelName, templateIsFixed = false, breakTies } = request;
  const told = { modelName, templateIsFixed, ...(breakTies !== undefined && { breakTies }) };
  const candidates = candidatesFor(modelName, templates);
  if (candidates.length === 0) return { ...told, outcome: { kind: "noCandidates" }, evaluations: [] };

  const changeFor = changes(request, candidates, gpus);
  const evaluations: Evaluation[] = [];
  const record = (candidate: Candidate, decision: Decision) =>
    evaluations.push(new Judgement(candidate, decision, changeFor));
  let survivors = candidates;
  let ready = 0;
  for (const filter of filters) {
    const passed: Candidate<T>[] = [];
    for (const candidate of survivors) {
      if (filter.accepts(candidate, request, gpus)) passed.push(candidate);
      else record(candidate, { stage: filter.stage, ...filter.verdict(candidate, request, gpus) });
    }
    survivors = passed;
    if (survivors.length === 0) return { ...told, outcome: emptied(filter.stage, ready), evaluations };
    if (filter.stage === "availability") ready = survivors.length;
  }

  const preference = prefer(survivors, request);
  for (const candidate of survivors) record(candidate, decide(candidate, preference));
  return {
    ...told,
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

interface Preference<T extends Template> {
  /** One, or several that tie. */
  readonly leaders: readonly Candidate<T>[];
  readonly runnerUp?: Candidate<T>;
  readonly byDefault: boolean;
}

function prefer<T extends Template>(
  survivors: readonly Candidate<T>[],
  request: SelectionRequest,
): Preference<T> {
  const defaultTemplate = defaultTemplateOf(request);
  const placeOf = places(survivors, { defaultTemplate, byName: breaksTies(request) });
  const leaders = best(survivors, placeOf);
  const byDefault = leaders[0].name === defaultTemplate;
  if (leaders.length > 1) return { leaders, byDefault };
  const others = survivors.filter((candidate) => candidate !== leaders[0]);
  return { leaders, byDefault, runnerUp: best(others, placeOf).at(0) };
}

type Decision = Verdict & { readonly stage: Stage };

function decide(candidate: Candidate, preference: Preference<Template>): Decision {
  if (!preference.leaders.includes(candidate)) return defeat(candidate, preference);
  if (preference.leaders.length > 1) return tie(candidate, preference.leaders);
  return victory(candidate, preference);
}

function defeat(loser: Candidate, { leaders: [winner], byDefault }: Preference<Template>): Decision {
  if (loser.scope !== winner.scope) {
    const fact = `namespace template ${winner.name} is preferred to cluster templates`;
    return { stage: "scope", reason: "NamespaceTemplatePreferred", fact };
  }
  if (byDefault) {
    const fact = `${winner.scope.toLowerCase()} template ${winner.name} is the model's default`;
    return { stage: "default", reason: "LowerPreferenceRank", fact };
  }
  return { reason: "LowerPreferenceRank", ...ranking(loser, "below", winner) };
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
  if (runnerUp && runnerUp.scope !== winner.scope) {
    const fact = `namespace template, preferred to cluster template ${runnerUp.name}`;
    return { stage: "scope", reason, fact };
  }
  if (byDefault) return { stage: "default", reason, fact: "the model's default template" };
  if (!runnerUp) return { stage: "score", reason, fact: "the only template left after filtering" };
  return { reason, ...ranking(winner, "above", runnerUp) };
}

function ranking(
  candidate: Candidate,
  position: "above" | "below",
  other: Candidate,
): Pick<Decision, "stage" | "fact"> {
  const dimension = difference(candidate, other)?.dimension;
  if (dimension === undefined) {
    const order = position === "above" ? "before" : "after";
    const fact =
      `ranks the same as ${other.name} and comes ${order} it by name, by which ${tieAnnotation} decides`;
    return { stage: "name", fact };
  }
  const [own, others] = [shown(dimension, candidate), shown(dimension, other)];
  return { stage: "score", fact: `${dimension.name} ${own} ranks ${position} ${others} of ${other.name}` };
}

function shown(dimension: Dimension, candidate: Candidate): string {
  return dimension.value(candidate) || "unknown";
}

/** A record that explains itself on demand. What it has worked out is no part of it when records are compared. */
class Judgement implements Evaluation {
  readonly name: string;
  readonly namespace?: string;
  readonly scope: Scope;
  readonly status: Evaluation["status"];
  readonly stage: Stage;
  readonly reason: Verdict["reason"];
  readonly fact: string;
  readonly #explain: () => Change;
  #change?: Change;

  constructor(
    candidate: Candidate,
    { stage, reason, fact }: Decision,
    changeFor: (candidate: Candidate) => Change,
  ) {
    this.name = candidate.name;
    this.namespace = candidate.namespace;
    this.scope = candidate.scope;
    this.status = reason === "BestMatch" ? "chosen" : "rejected";
    this.stage = stage;
    this.reason = reason;
    this.fact = fact;
    this.#explain = () => changeFor(candidate);
  }

  get wouldWinBy(): Change | undefined {
    return this.status === "chosen" ? undefined : this.#change ??= this.#explain();
  }
}
