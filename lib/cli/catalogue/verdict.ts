/** What a service of a test gets, by the operator's own decision, and in what that is not as expected. */

import type { KubeObject } from "../../kube/object.ts";
import { services } from "../../cluster/kinds.ts";
import type { Evaluation, Scope } from "../../selection/mod.ts";
import { modelHealth } from "../../../controllers/service/resolve/model.ts";
import { resolve } from "../../../controllers/service/resolve/standing.ts";
import { choose, templateHealth, templateName } from "../../../controllers/service/resolve/template.ts";
import { clusterGiven } from "../cluster/given.ts";
import { Look } from "../cluster/look.ts";
import { contextIn } from "../cluster/service.ts";
import type { Expectation } from "./case_file.ts";
import { serviceName } from "./case_objects.ts";

/** How the choice falls. */
export interface Decision {
  readonly template?: string;
  readonly scope?: Scope;
  /** The template that is made of it for the service's overrides. */
  readonly derived?: string;
  readonly reason: string;
  readonly message: string;
  readonly runnerUp?: string;
  readonly candidates: readonly Told[];
}

interface Told {
  /** The template; with its namespace, if there is one of its name in the cluster too. */
  readonly name: string;
  /** `rejected gpu RequiredGPUNotInCluster: GPU MI355X is on no node (the cluster has MI300X)` */
  readonly verdict: string;
  /** The smallest change by which it would win. */
  readonly winsWith?: string;
}

/** A difference between what came and what was expected, for people. */
export type Difference = string;

export function decide(objects: readonly KubeObject[], namespace: string): Decision {
  const { cache, at } = clusterGiven(objects);
  const look = new Look(cache, at);
  const service = look.get(services, namespace, serviceName)!;
  const context = contextIn(service, look);
  const { model, template } = resolve(context, false, look);
  if (model.found === undefined) {
    const { reason = "", message = "" } = modelHealth(model, undefined);
    return {
      reason: model.error?.reason ?? reason,
      message: model.error?.message ?? message,
      candidates: [],
    };
  }
  const named = templateName(service);
  const selection = named === "" ? choose(context, model.found, look) : undefined;
  const { reason = "", message = "" } = templateHealth(template, undefined, { named });
  const base = selection?.outcome.kind === "selected"
    ? { name: selection.outcome.template.metadata.name, scope: selection.outcome.scope }
    : template.found && { name: template.found.object.metadata.name, scope: template.found.scope };
  const got = template.found ?? template.deriving;
  return {
    ...(got !== undefined && base && { template: base.name, scope: base.scope }),
    ...(template.deriving && { derived: template.deriving.ref.name }),
    reason: template.error?.reason ?? reason,
    message: template.error?.message ?? message,
    ...(selection?.runnerUp && { runnerUp: selection.runnerUp.metadata.name }),
    candidates: toldOf(selection?.evaluations ?? []),
  };
}

function toldOf(evaluations: readonly Evaluation[]): Told[] {
  const twice = (name: string) => evaluations.filter((each) => each.name === name).length > 1;
  return evaluations.map(({ name, namespace, status, stage, reason, fact, wouldWinBy }) => ({
    name: namespace !== undefined && twice(name) ? `${namespace}/${name}` : name,
    verdict: `${status} ${stage} ${reason}: ${fact}`,
    ...(wouldWinBy && { winsWith: wouldWinBy.phrase }),
  }));
}

/** In what the decision is not as expected; nothing where it is. */
export function differences(expected: Expectation, decision: Decision): Difference[] {
  const { template, scope, reason, runnerUp, order } = expected;
  const found: Difference[] = [];
  const differ = (what: string, wanted: unknown, got: unknown) =>
    found.push(`${what}: expected ${wanted}, got ${got ?? "none"}`);
  if (template !== undefined && template !== decision.template && template !== decision.derived) {
    differ("template", template, decision.template ?? `none (${decision.reason}: ${decision.message})`);
  }
  if (
    template === undefined && decision.template !== undefined && reason !== undefined &&
    reason !== decision.reason
  ) {
    differ("template", `none (${reason})`, decision.template);
  } else if (reason !== undefined && reason !== decision.reason) differ("reason", reason, decision.reason);
  if (scope !== undefined && scope !== decision.scope) differ("scope", scope, decision.scope);
  if (runnerUp !== undefined && (runnerUp ?? undefined) !== decision.runnerUp) {
    differ("runner-up", runnerUp ?? "none", decision.runnerUp);
  }
  for (const text of [expected.message ?? []].flat()) {
    if (!decision.message.includes(text)) differ("message", `"${text}" in it`, `"${decision.message}"`);
  }
  const names = decision.candidates.map(({ name }) => name);
  if (order !== undefined && order.join() !== names.join()) {
    differ("order", order.join(", "), names.join(", ") || "none");
  }
  for (const [name, text] of Object.entries(expected.candidates ?? {})) {
    const told = decision.candidates.find((each) =>
      each.name === name || each.name.endsWith(`/${name}`) && !names.includes(name)
    );
    if (told === undefined) {
      found.push(`candidate ${name}: there is none; there are ${names.join(", ") || "no candidates"}`);
    } else if (!told.verdict.includes(text)) differ(`candidate ${name}`, `"${text}"`, `"${told.verdict}"`);
  }
  return found;
}
