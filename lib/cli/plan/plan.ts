/** `kubectl aim plan`: what would come of files, of a node that goes, or of this build's operator, on a copy in memory. */

import type { AIMService } from "../../api/mod.ts";
import type { StoredObject } from "../../apiserver/store/store.ts";
import { services } from "../../cluster/kinds.ts";
import type { TemplateRef } from "../../../controllers/service/resolve/resolved.ts";
import { whyOf } from "../commands/why.ts";
import { CommandFault, notThere } from "../faults.ts";
import { type Objects, Rehearsal } from "../rehearsal/rehearsal.ts";
import type { Manifest } from "../files/manifests.ts";
import type { ClusterState } from "../state/state.ts";
import { applyAll } from "../rehearsal/applying.ts";
import { type Change, changesBetween } from "./changes.ts";
import { type Costs, costsOf } from "./costs.ts";
import { unknownIn } from "./unknown.ts";

/** What is to be foreseen. */
export interface Question {
  readonly files?: readonly Manifest[];
  /** Of objects in files that name none. */
  readonly namespace: string;
  readonly nodeGone?: string;
  /** What this build's operator would write to the cluster as it is. */
  readonly upgrade?: boolean;
}

/** Which template a service stands on, before and after. */
export interface Choice {
  readonly namespace: string;
  readonly name: string;
  readonly before?: TemplateRef;
  readonly after?: TemplateRef;
  /** Why it is that one, or why there is none. */
  readonly because: string;
}

/** An object whose state in a word would be another. */
export interface StateChange {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly before?: string;
  readonly after: string;
}

export interface PlanResult extends Costs {
  readonly source: string;
  readonly changes: readonly Change[];
  readonly choices: readonly Choice[];
  readonly states: readonly StateChange[];
  /** What the operator would do without any of it: it is not caused by what was asked. */
  readonly anyway: readonly Change[];
  /** What nobody knows before it happens, each in a sentence. */
  readonly unknown: readonly string[];
  readonly unseen: readonly string[];
  readonly remarks: readonly string[];
}

/**
 * Rehearses; gives the plan, and everything that would be there. The time of this thread stands still meanwhile.
 *
 * @throws CommandFault where a file is refused, with every fault and its place
 */
export async function rehearse(
  state: ClusterState,
  question: Question,
): Promise<PlanResult & { readonly foreseen: Objects }> {
  using rehearsal = new Rehearsal({ ...state, like: state.cluster });
  const { namespace, files = [], nodeGone, upgrade = false } = question;
  const asThere = refused(applyAll(rehearsal, state.manifests, { namespace, asThere: true }));
  const found = rehearsal.objects();
  await rehearsal.rest();
  const atRest = rehearsal.objects();
  const known = unknownIn(rehearsal, found);
  const applied = refused(applyAll(rehearsal, files, { namespace }));
  if (nodeGone !== undefined) loseNode(rehearsal, nodeGone);
  if (!upgrade) await rehearsal.rest();
  if (rehearsal.faults.length > 0) throw new Error(rehearsal.faults.join("\n"));
  const [before, after] = upgrade ? [found, atRest] : [atRest, rehearsal.objects()];
  const unknown = unknownIn(rehearsal, before);
  return {
    source: state.source,
    changes: changesBetween(before, after),
    choices: choicesIn(rehearsal, before, after, files),
    states: stateChanges(before, after),
    anyway: upgrade || state.manifests.length > 0 ? [] : changesBetween(found, atRest),
    ...costsOf(before, after),
    unknown: upgrade ? known : unknown.filter((each) => !known.includes(each)),
    unseen: state.unseen,
    remarks: [...state.remarks, ...asThere.remarks, ...applied.remarks, ...limitsOf(state)],
    foreseen: after,
  };
}

/** What cannot be right in a plan of what the user does not see. */
function limitsOf({ unseen }: ClusterState): string[] {
  return unseen.some((each) => each === "pods" || each.startsWith("pods "))
    ? ["more GPUs may be in use than is told: not all pods are seen"]
    : [];
}

function refused<T extends { readonly faults: readonly string[] }>(applied: T): T {
  if (applied.faults.length > 0) throw new CommandFault(applied.faults.join("\n"));
  return applied;
}

/** The node and the pods on it go at once, as when its machine does. */
function loseNode(rehearsal: Rehearsal, name: string): void {
  const { store } = rehearsal.server.cluster;
  const names = store.list("nodes").map(({ metadata }) => metadata.name);
  if (!names.includes(name)) throw notThere("Node", undefined, name, names);
  rehearsal.ask("DELETE", `/api/v1/nodes/${name}`, {});
  for (const { spec, metadata } of store.list("pods")) {
    if ((spec as { nodeName?: string } | undefined)?.nodeName !== name) continue;
    rehearsal.ask("DELETE", `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`, {
      gracePeriodSeconds: "0",
    });
  }
}

const serviceShelf = "aimservices.aim.eai.amd.com";

/** Services in the files, and those that would stand on another template. */
function choicesIn(
  rehearsal: Rehearsal,
  before: Objects,
  after: Objects,
  files: readonly Manifest[],
): Choice[] {
  const named = new Set(
    files.filter(({ object }) => object.kind === services.resource.kind).map(({ object }) =>
      object.metadata.name
    ),
  );
  const choices: Choice[] = [];
  for (const [key, object] of after) {
    if (!key.startsWith(`${serviceShelf} `)) continue;
    const [old, now] = [templateOf(before.get(key)), templateOf(object)];
    const { namespace = "", name } = object.metadata;
    const isAsked = named.has(name) && before.get(key) !== object;
    if (!isAsked && JSON.stringify(old) === JSON.stringify(now)) continue;
    const why = whyOf({ cache: rehearsal.cache, unseen: [], at: Date.now() }, namespace, name);
    choices.push({
      namespace,
      name,
      ...(old && { before: old }),
      ...(now && { after: now }),
      because: now !== undefined && why.wouldChoose === now.name ? why.selection ?? why.because : why.because,
    });
  }
  return choices;
}

function templateOf(object: StoredObject | undefined): TemplateRef | undefined {
  const { resolvedTemplate } = (object as unknown as AIMService | undefined)?.status ?? {};
  if (resolvedTemplate === undefined) return undefined;
  const { name, scope } = resolvedTemplate;
  return { name, scope } as TemplateRef;
}

function stateChanges(before: Objects, after: Objects): StateChange[] {
  const changes: StateChange[] = [];
  for (const [key, object] of after) {
    if (!object.apiVersion.startsWith("aim.eai.amd.com/")) continue;
    const [old, now] = [wordOf(before.get(key)), wordOf(object)];
    if (now === undefined || now === old) continue;
    const { kind, metadata: { namespace, name } } = object;
    changes.push({
      kind,
      ...(namespace !== undefined && { namespace }),
      name,
      ...(old !== undefined && { before: old }),
      after: now,
    });
  }
  return changes;
}

function wordOf(object: StoredObject | undefined): string | undefined {
  return (object?.status as { status?: string } | undefined)?.status;
}
