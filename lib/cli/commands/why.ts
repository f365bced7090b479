/** `kubectl aim why SERVICE`: how the choice of a template falls, and what that decision looked at. */

import type { AIMService } from "../../api/mod.ts";
import type { Live } from "../../kube/object.ts";
import { choice, describe, type Edit, type Evaluation, type Selection } from "../../selection/mod.ts";
import { inferenceServiceSlot } from "../../../controllers/service/endpoint/names.ts";
import { modelHealth, resolveModel } from "../../../controllers/service/resolve/model.ts";
import {
  describeRef,
  type Template,
  type TemplateRef,
} from "../../../controllers/service/resolve/resolved.ts";
import { resolve, type Standing } from "../../../controllers/service/resolve/standing.ts";
import { choose, templateHealth, templateName } from "../../../controllers/service/resolve/template.ts";
import { Look, type Question } from "../cluster/look.ts";
import type { ReadCluster } from "../cluster/read.ts";
import { type Rebinding, rebindingInWords, rebindingOf } from "../cluster/rebinding.ts";
import { contextIn, serviceIn } from "../cluster/service.ts";
import { notThere } from "../faults.ts";
import { table, type TableOptions, wrapped } from "../output/table.ts";

/** What became of a candidate. */
export interface Candidate
  extends Pick<Evaluation, "name" | "namespace" | "scope" | "status" | "stage" | "reason" | "fact"> {
  /** The smallest change after which this one would be chosen; absent of the chosen one. */
  readonly winsWith?: string;
  /** The same as data: what is to be written where. */
  readonly edits?: readonly Edit[];
}

/** Everything that is told, as data: `-o json` prints it. */
export interface Why {
  readonly namespace: string;
  readonly name: string;
  readonly model?: { readonly name: string; readonly scope: "Namespace" | "Cluster" };
  /** The template that the service stands on, whether it is there or not. */
  readonly standsOn?: TemplateRef;
  /** Why it stays on that one; or why there is none. */
  readonly because: string;
  /** How a selection ends now; absent where there is no model to select for. */
  readonly selection?: string;
  /** What a selection chooses now. */
  readonly wouldChoose?: string;
  readonly candidates: readonly Candidate[];
  /** What the service would go over to if it were resolved anew; absent where it would stay. */
  readonly rebinding?: Rebinding;
  /** What the decision looked at, in the order in which it asked. */
  readonly read: readonly Question[];
  /** Kinds that the user may not read. */
  readonly unseen: readonly string[];
}

/**
 * Runs the operator's own decision on what was read.
 *
 * @throws CommandFault where there is no such service
 */
export function whyOf(cluster: ReadCluster, namespace: string, name: string): Why {
  const look = new Look(cluster.cache, cluster.at);
  const service = serviceIn(cluster, look, namespace, name);
  const context = contextIn(service, look);
  const hasEndpoint = inferenceServiceSlot(service, look).child?.live !== undefined;
  const standing = resolve(context, hasEndpoint, look);
  const model = standing.model.found ?? resolveModel(context, "none", look).found;
  const selection = model && choose(context, model, look);
  const read = look.asked;
  const rebinding = rebindingOf(service, look);
  return {
    namespace,
    name,
    ...(model && { model: { name: model.object.metadata.name, scope: model.scope } }),
    ...(standing.reference && { standsOn: standing.reference }),
    because: reasonFor(service, standing, hasEndpoint),
    ...(selection && chosenOf(selection)),
    candidates: (selection?.evaluations ?? []).map(candidateOf),
    ...(rebinding && { rebinding }),
    read,
    unseen: cluster.unseen,
  };
}

/** Why a service stays on its template, or why it has none: what the operator would write into its status. */
function reasonFor(service: Live<AIMService>, standing: Standing, hasEndpoint: boolean): string {
  const { model, template, reference, rebinding } = standing;
  if (model.found === undefined) return modelHealth(model, undefined).message ?? "";
  if (reference === undefined) return templateHealth(template).message ?? "";
  const named = templateName(service);
  const stays = named !== ""
    ? `spec.template.name asks for ${named}`
    : hasEndpoint
    ? "the endpoint was made of it, and keeps it whatever else comes"
    : service.status?.resolvedTemplate === undefined
    ? "it is being chosen now"
    : "it was chosen, and is kept as long as it is Ready";
  return rebinding?.waitsFor === undefined
    ? stays
    : `${stays}; to resolve anew waits for: ${rebinding.waitsFor}`;
}

function chosenOf(selection: Selection<Live<Template>>): Pick<Why, "selection" | "wouldChoose"> {
  const { outcome } = selection;
  return {
    selection: choice(selection) ?? describe(selection).message.split("; ")[0],
    ...(outcome.kind === "selected" && { wouldChoose: outcome.template.metadata.name }),
  };
}

function candidateOf(evaluation: Evaluation): Candidate {
  const { name, namespace, scope, status, stage, reason, fact, wouldWinBy } = evaluation;
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    scope,
    status,
    stage,
    reason,
    fact,
    ...(wouldWinBy && { winsWith: wouldWinBy.phrase, edits: wouldWinBy.edits }),
  };
}

/** As a person reads it. */
export function whyInWords(
  why: Why,
  { not, ...options }: TableOptions & { readonly not?: string },
): string[] {
  const line = (text: string) => wrapped(text, options.width ?? Infinity);
  const shown = not === undefined ? why.candidates : [named(why, not)];
  return [
    ...line(`${why.namespace}/${why.name} ${standing(why)}: ${why.because}.`),
    ...(why.selection === undefined ? [] : ["", ...line(`${outcome(why)}: ${why.selection}.`)]),
    ...(why.rebinding === undefined
      ? []
      : line(`It ${rebindingInWords(why.rebinding)} (kubectl aim rebind ${why.name}).`)),
    ...(shown.length === 0 ? [] : [
      "",
      ...table(
        ["CANDIDATE", "SCOPE", "DECIDED BY", "WHY", "WINS WITH"],
        shown.map(({ name, scope, status, stage, fact, winsWith = "" }) => [
          name,
          scope,
          status === "chosen" ? "chosen" : stage,
          fact,
          winsWith,
        ]),
        options,
      ),
    ]),
    "",
    ...line("Looked at:"),
    ...why.read.flatMap((question) => line(`  ${questionInWords(question)}`)),
    ...(why.unseen.length === 0 ? [] : [
      "",
      ...line(`Not seen, since you may not list them: ${why.unseen.join(", ")}. The operator may know more.`),
    ]),
  ];
}

function standing({ standsOn }: Why): string {
  return standsOn === undefined ? "has no template" : `stands on ${describeRef(standsOn)}`;
}

/** How a choice made now compares with what the service stands on. */
function outcome({ standsOn, wouldChoose }: Why): string {
  if (wouldChoose === undefined) return "A choice now would find nothing";
  return wouldChoose === standsOn?.name
    ? "A choice now would fall the same way"
    : `A choice now would fall on ${wouldChoose}`;
}

function named({ candidates, model }: Why, name: string): Candidate {
  const found = candidates.find((each) => each.name === name);
  if (found !== undefined) return found;
  const of = model === undefined ? "candidate" : `template of model ${model.name}`;
  throw notThere(of, undefined, name, candidates.map((each) => each.name));
}

function questionInWords({ kind, about, by, found }: Question): string {
  if (by === undefined) return `${kind} ${about.replace(/^\//, "")}${found === 0 ? " (not there)" : ""}`;
  return `${kind} by ${by}${about === "" ? "" : ` ${about}`}: ${found}`;
}
