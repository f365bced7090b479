/** What is said of a discovery: `DiscoveryJobReady`, `DiscoveryPodsReady`, `Discovered` (models-and-templates.md §5.3, §5.9). */

import type { TemplateStatus } from "../../../lib/api/mod.ts";
import type { Outcome } from "../../../lib/operator/core/plan.ts";
import { inspectJob, isSuspended } from "../../../lib/operator/inspect/job.ts";
import { conditionOf, type ExtraCondition, messageText } from "../../../lib/operator/status/conditions.ts";
import { classify } from "../../../lib/operator/errors/classify.ts";
import { type Code, mostTelling } from "../../../lib/operator/errors/codes.ts";
import { completed, type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { toldCode } from "../../../lib/operator/status/progress_conditions.ts";
import { foreignReason } from "../../../lib/operator/errors/reasons.ts";
import { text } from "./attempt.ts";
import { aboutJob, type Discovery, failureOf } from "./discovery.ts";
import { hasResult } from "./origin.ts";
import type { Template } from "../scope.ts";

/**
 * The components of the discovery. What is found out anew while the earlier result serves counts only once it
 * is there; both components go with the Job of a result (§5.9 Better).
 */
export function discoveryHealth(
  template: Template,
  discovery: Discovery,
  mayDiscover: boolean,
): ComponentHealth[] {
  const { origin, phase, job, pods } = discovery;
  if (phase.at === "found" || (phase.at === "settled" && job !== undefined)) {
    const done = inspectJob(job, aboutJob);
    return done.state === "Ready" ? [done, ...(pods?.state === "Ready" ? [pods] : [])] : [];
  }
  if (origin !== "awaited") return [];
  return [jobHealth(template, discovery, mayDiscover), ...(pods === undefined ? [] : [pods])];
}

function jobHealth(template: Template, discovery: Discovery, mayDiscover: boolean): ComponentHealth {
  const { phase } = discovery;
  const message = progressText(discovery, mayDiscover);
  switch (phase.at) {
    case "running":
      return { ...inspectJob(phase.job, aboutJob), message, follows: "DiscoveryPods" };
    case "reading":
      return phase.trouble === undefined
        ? { ...aboutJob, state: "Progressing", reason: "AwaitingDiscovery", message }
        : failing(aboutJob, { ...classify(phase.trouble), message });
    case "failed":
      return failureHealth(template, phase.health, message);
    default:
      return { ...aboutJob, state: "Pending", reason: "JobNotCreated", message };
  }
}

/** Failed until the next attempt, also when the Job is gone (§5.7 Better). */
function failureHealth(
  { status }: Template,
  told: ComponentHealth | undefined,
  message: string,
): ComponentHealth {
  const before = conditionOf(status?.conditions, "DiscoveryJobReady")?.reason ?? "JobNotCreated";
  const reason = told?.reason ?? (underway.includes(before) ? "DiscoveryFailed" : foreignReason(before));
  const error = told?.errors?.[0];
  const health = error === undefined ? failureOf(reason, message) : failing(aboutJob, { ...error, message });
  const code = mostTelling([
    told && completed(told).code,
    reason === before ? rememberedCode(status) : undefined,
  ]);
  return { ...health, ...(code && { code }) };
}

/**
 * The code that the template has told of its failed attempt: the Job and its pods may be gone. While something else was
 * wrong besides, the code may have been of that.
 */
function rememberedCode(status: TemplateStatus | undefined): Code | undefined {
  const isAlone = status?.conditions?.every(({ type, status }) =>
    status !== "False" || !/.Ready$/.test(type) || type.startsWith("Discovery") || type === "CacheReady"
  );
  return isAlone ? toldCode(status?.conditions) : undefined;
}

/** Reasons of `DiscoveryJobReady` before anything has failed. */
const underway = ["JobNotCreated", "JobRunning", "Suspended", "AwaitingDiscovery"];

/** `Discovered`, which does not count in `Ready`. */
export function discoveredCondition(
  template: Template,
  discovery: Discovery,
  mayDiscover: boolean,
): ExtraCondition {
  const { origin, phase } = discovery;
  if (origin === "inline") {
    return told("True", "InlineModelSources", "Model sources provided in-line in spec");
  }
  if (phase.at === "found") {
    const { flaws } = phase.result;
    const remark = [...flaws, discovery.holders].filter(Boolean).map((each) => `; ${each}`).join("");
    return told(
      "True",
      "DiscoveryComplete",
      `Job ${phase.job.metadata.name} told model sources and profile${remark}`,
    );
  }
  if (phase.at === "settled") return told("True", "DiscoveryComplete", settledText(template));
  const text = progressText(discovery, mayDiscover);
  const serves = origin === "discovered" ? "; the result of an earlier discovery serves until then" : "";
  return told("False", phase.at === "failed" ? "DiscoveryFailed" : "AwaitingDiscovery", text + serves);
}

function told(
  status: "True" | "False",
  reason: "InlineModelSources" | "DiscoveryComplete" | "DiscoveryFailed" | "AwaitingDiscovery",
  message: string,
): ExtraCondition {
  return { type: "Discovered", status, reason, message };
}

/** What was said when it was found out, else that it was. */
function settledText(template: Template): string {
  const before = conditionOf(template.status?.conditions, "Discovered");
  if (before?.reason === "DiscoveryComplete" && before.message) return before.message;
  return hasResult(template)
    ? "Model sources and profile are known from an earlier discovery"
    : "An earlier discovery counted as done, but no model sources and no profile were stored";
}

function progressText(discovery: Discovery, mayDiscover: boolean): string {
  const { phase } = discovery;
  switch (phase.at) {
    case "blocked":
      return "The discovery Job is made once the template has all that it needs";
    case "idle":
      return mayDiscover
        ? "The discovery Job is about to be made"
        : "All discovery Jobs that may run at once do; this template waits for its turn";
    case "leaving":
      return `Job ${phase.job.metadata.name} is being deleted; another one follows`;
    case "running":
      return isSuspended(phase.job)
        ? `Job ${phase.job.metadata.name} is suspended (by Kueue or a user); it runs when it is resumed`
        : `Job ${phase.job.metadata.name} is running`;
    case "reading":
      return phase.trouble === undefined
        ? `Job ${phase.job.metadata.name} has ended; its output is being read`
        : `The output of Job ${phase.job.metadata.name} cannot be read, which is tried again: ${phase.trouble.message}`;
    case "failed":
      return failureText(discovery);
    default:
      return "";
  }
}

/** What failed, as the record has it, and when the next attempt begins. */
function failureText({ phase, record }: Discovery): string {
  const retryAt = phase.at === "failed" ? phase.retryAt : undefined;
  const next = retryAt === undefined ? "at once" : `at ${text(retryAt)}`;
  return `Discovery attempt ${record?.attempts ?? 1} failed; the next begins ${next}, or once the spec of ` +
    `the template changes, or image, pull secrets or account of the model: ${
      record?.lastFailureReason ?? "Unknown failure"
    }`;
}

/** Whether it was this template's turn, and the API server has refused its Job: it is tried again by backoff. */
export function wasRefused({ status }: Template): boolean {
  return conditionOf(status?.conditions, "Discovered")?.reason === "DiscoveryJobRefused";
}

/** The status with the API server's refusal in `Discovered`. */
export function withRefusal(status: TemplateStatus, outcome: Outcome | undefined): TemplateStatus {
  if (outcome?.result !== "rejected") return status;
  const message = messageText(`The discovery Job cannot be made: ${outcome.message}`);
  return {
    ...status,
    conditions: status.conditions?.map((condition) =>
      condition.type === "Discovered" ? { ...condition, reason: "DiscoveryJobRefused", message } : condition
    ),
  };
}
