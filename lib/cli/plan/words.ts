/** A plan as a person reads it: on a terminal, and as a comment under a pull request. */

import { describeRef } from "../../../controllers/service/resolve/resolved.ts";
import { displaySize } from "../../api/mod.ts";
import type { Colours } from "../output/colours.ts";
import { wrapped } from "../output/table.ts";
import type { Change } from "./changes.ts";
import { downloadInWords, type GpuNeed, type Restart } from "./costs.ts";
import type { Choice, PlanResult, StateChange } from "./plan.ts";

export interface WordsOptions {
  readonly width?: number;
  readonly colours: Colours;
}

/** As a terminal shows it. */
export function planInWords(plan: PlanResult, { width = Infinity, colours }: WordsOptions): string[] {
  const line = (text: string) => wrapped(text, width);
  const colourOf = { create: colours.green, change: colours.yellow, delete: colours.red };
  const shown = (change: Change) => [
    colourOf[change.how](`${mark[change.how]} ${change.kind} ${nameOf(change)}`),
    ...change.diff.map((each) =>
      each.startsWith("+")
        ? `  ${colours.green(each)}`
        : each.startsWith("-")
        ? `  ${colours.red(each)}`
        : `  ${each}`
    ),
  ];
  const part = (head: string, lines: readonly string[]) => lines.length === 0 ? [] : ["", head, ...lines];
  const told = (lines: readonly string[]) => lines.flatMap((each) => line(`  ${each}`));
  return [
    ...line(summary(plan)),
    ...part("", plan.changes.flatMap(shown)).slice(1),
    ...part("Templates:", told(plan.choices.map(choiceInWords))),
    ...part("States:", told(plan.states.map(stateInWords))),
    ...part("Costs:", told(costsInWords(plan))),
    ...part("Not known before it happens:", told(plan.unknown)),
    ...part("Happens anyway, whatever is planned here:", told(plan.anyway.map(briefly))),
    ...part("Not seen, since you may not list them:", told(plan.unseen)),
    ...part("Besides:", told(plan.remarks)),
  ];
}

/** As GitHub, GitLab and others render it. */
export function planInMarkdown(plan: PlanResult): string[] {
  const list = (head: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", `**${head}**`, "", ...lines.map((each) => `- ${each}`)];
  return [
    `### ${summary(plan)}`,
    ...list("Templates", plan.choices.map(choiceInWords)),
    ...list("States", plan.states.map(stateInWords)),
    ...list("Costs", costsInWords(plan)),
    ...list("Not known before it happens", plan.unknown),
    ...list("Happens anyway, whatever is planned here", plan.anyway.map(briefly)),
    ...list("Not seen", plan.unseen),
    ...list("Besides", plan.remarks),
    ...plan.changes.flatMap((change) => [
      "",
      `<details><summary>${change.how} ${change.kind} <code>${nameOf(change)}</code></summary>`,
      "",
      "```diff",
      ...change.diff,
      "```",
      "",
      "</details>",
    ]),
  ];
}

const mark = { create: "+", change: "~", delete: "-" } as const;

function nameOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function summary({ changes, source }: PlanResult): string {
  if (changes.length === 0) return `Nothing would change in ${source}.`;
  const count = (how: Change["how"]) => changes.filter((change) => change.how === how).length;
  return `In ${source} ${count("create")} objects would be created, ${count("change")} changed, ${
    count("delete")
  } deleted.`;
}

function briefly({ how, kind, ...change }: Change): string {
  return `${how} ${kind} ${nameOf(change)}`;
}

function choiceInWords({ before, after, because, ...service }: Choice): string {
  const stands = after === undefined
    ? "would have no template"
    : before === undefined
    ? `would stand on ${describeRef(after)}`
    : before.name === after.name && before.scope === after.scope
    ? `stays on ${describeRef(after)}`
    : `would go from ${describeRef(before)} to ${describeRef(after)}`;
  return `${nameOf(service)} ${stands}: ${because.replace(/^chosen: /, "")}`;
}

function stateInWords({ kind, before, after, ...object }: StateChange): string {
  return before === undefined
    ? `${kind} ${nameOf(object)} would be ${after}`
    : `${kind} ${nameOf(object)} would go from ${before} to ${after}`;
}

function costsInWords({ restarts, downloads, gpus }: PlanResult): string[] {
  return [
    ...restarts.map(restartInWords),
    ...(downloads.length === 0 ? [] : [
      `${downloadInWords(downloads)} would be downloaded: ${
        downloads.map(({ source, bytes }) =>
          `${source} (${bytes === undefined ? "size not known yet" : displaySize(BigInt(bytes))})`
        ).join(", ")
      }`,
    ]),
    ...gpus.map(gpuInWords),
  ];
}

function restartInWords({ namespace, endpoint, pods, replaced }: Restart): string {
  return `${pods} pod${pods === 1 ? "" : "s"} of InferenceService ${namespace}/${endpoint} would ${
    replaced ? "restart" : "end"
  }`;
}

function gpuInWords({ namespace, endpoint, resource, more, free, of }: GpuNeed): string {
  const about = `InferenceService ${namespace}/${endpoint}`;
  if (more < 0) return `${about} would give back ${-more} ${resource}`;
  const short = more > free ? `, ${more - free} too few` : "";
  return `${about} would need ${more} ${resource} more; ${free} of ${of} are free where it may run${short}`;
}
