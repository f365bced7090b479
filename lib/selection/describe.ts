/**
 * What a user reads about a selection in the condition `TemplateReady` (services.md §5.3 outcomes, §11.3 Template).
 *
 * @module
 */

import type { Template } from "./candidate.ts";
import type { Evaluation, Selection, Stage } from "./select.ts";
import { tieAnnotation } from "./stages.ts";

/** State, reason and message of a service's component Template. */
export interface Description {
  readonly state: "Ready" | "Progressing" | "Pending" | "Failed";
  readonly reason: "Resolved" | "TemplateNotFound" | "TemplateNotReady" | "TemplateSelectionAmbiguous";
  readonly message: string;
}

/**
 * Puts a selection into words. A failed one carries at most five evaluations, those of the candidates that came
 * furthest, as `; <name>: <reason> (<fact>), wins with <change>`; a successful one says why the choice fell so.
 * The length is bounded, however many candidates there are.
 */
export function describe<T extends Template>(selection: Selection<T>): Description {
  const description = summary(selection);
  const more = selection.outcome.kind === "selected"
    ? `; ${choice(selection)}`
    : appendix(selection.evaluations);
  return { ...description, message: description.message + more };
}

/**
 * Why the chosen template was, which one comes next, and the smallest change that would have let that one win;
 * undefined if none was chosen.
 */
export function choice<T extends Template>({ evaluations, runnerUp }: Selection<T>): string | undefined {
  const chosen = evaluations.find(({ status }) => status === "chosen");
  if (chosen === undefined) return undefined;
  if (runnerUp === undefined) return `chosen: ${chosen.fact}`;
  const next = evaluations.find(({ name, namespace }) =>
    name === nameOf(runnerUp) && namespace === runnerUp.metadata?.namespace
  );
  const change = next?.wouldWinBy;
  const how = change === undefined ? "" : `, wins with ${change.phrase}`;
  return `chosen: ${chosen.fact} (runner-up ${nameOf(runnerUp)}${how})`;
}

function summary({ outcome, modelName, templateIsFixed, breakTies }: Selection<Template>): Description {
  switch (outcome.kind) {
    case "selected": {
      const kind = outcome.scope === "Namespace" ? "AIMServiceTemplate" : "AIMClusterServiceTemplate";
      return { state: "Ready", reason: "Resolved", message: `${kind} ${nameOf(outcome.template)} is ready` };
    }
    case "ambiguous": {
      const count = outcome.tied.length;
      const advice = templateIsFixed
        ? "Remove duplicates, or name one in spec.template.name of a new service: it cannot be changed once written"
        : "Set spec.template.name to choose one, or remove duplicates";
      const tied = listed(outcome.tied.map(nameOf));
      const message = `Multiple templates (${count}) satisfy model "${modelName}": ${tied}. ${advice}` +
        unknownTieBreak(breakTies);
      return { state: "Failed", reason: "TemplateSelectionAmbiguous", message };
    }
    case "noCandidates":
      return notFound(`No templates found for model "${modelName}"`);
    case "notReady":
      return {
        state: "Progressing",
        reason: "TemplateNotReady",
        message: "Templates exist but are not ready yet",
      };
    case "filtered": {
      const message = `No available templates match requirements for model "${modelName}"`;
      if (outcome.stage !== "optimization") return notFound(message);
      const count = `${outcome.ready} unoptimized template(s) filtered out`;
      const where = templateIsFixed ? " in spec.template of a new service" : "";
      return notFound(`${message}: ${count}. Set allowUnoptimized${where} to use them.`);
    }
  }
}

/** A value that says nothing is told, or its writer would wait for ever. */
function unknownTieBreak(value: string | undefined): string {
  if (value === undefined || value === "" || value === "never") return "";
  return `. ${
    tieAnnotation.split(":")[0]
  } is "${value}", which counts for nothing: it can be by-name or never`;
}

function notFound(message: string): Description {
  return { state: "Pending", reason: "TemplateNotFound", message };
}

const namesListed = 20;

function listed(names: readonly string[]): string {
  const more = names.length > namesListed ? ` and ${names.length - namesListed} more` : "";
  return names.slice(0, namesListed).join(", ") + more;
}

const evaluationsShown = 5;

const progress: Record<Stage, number> = {
  availability: 0,
  optimization: 1,
  overrides: 2,
  gpu: 3,
  scope: 4,
  default: 5,
  score: 6,
  name: 7,
};

function appendix(evaluations: readonly Evaluation[]): string {
  const furthest = evaluations.toSorted((a, b) => progress[b.stage] - progress[a.stage]).slice(
    0,
    evaluationsShown,
  );
  return evaluations.filter((evaluation) => furthest.includes(evaluation))
    .map(told).join("");
}

function told({ name, reason, fact, wouldWinBy }: Evaluation): string {
  return `; ${name}: ${reason} (${fact})${wouldWinBy ? `, wins with ${wouldWinBy.phrase}` : ""}`;
}

function nameOf(template: Template): string {
  return template.metadata?.name ?? "";
}
