/** `ServiceTemplatesReady` and `ClusterServiceTemplatesReady` (models-and-templates.md §3.9). */

import type { Live } from "../../lib/kube/object.ts";
import type { About, ComponentHealth } from "../../lib/operator/status/health.ts";
import { mostTelling } from "../../lib/operator/errors/codes.ts";
import type { KnownReason } from "../../lib/operator/errors/reasons.ts";
import { conditionOf } from "../../lib/operator/status/conditions.ts";
import { codeWithin } from "../../lib/operator/status/code_within.ts";
import type { StatusWord } from "../../lib/operator/status/status_words.ts";
import type { Expectation } from "./metadata.ts";
import type { Template } from "./scope.ts";

/** How many templates a message names. */
const named = 5;

/**
 * The first row of the table that applies, over all templates that name the model, whoever made them. Whether
 * missing ones are being made in this pass, or held back by what the model depends on, is but in the message.
 */
export function templatesHealth(
  templates: readonly Live<Template>[],
  expected: Expectation,
  about: About,
  missing: "made" | "held back" = "made",
): ComponentHealth {
  const as = (
    state: StatusWord,
    reason: KnownReason,
    message: string,
    wrong: readonly Live<Template>[] = [],
  ): ComponentHealth => {
    const code = mostTelling(wrong.map(({ status }) => codeWithin(status?.conditions)));
    return { ...about, state, reason, message, ...(code && { code }) };
  };
  if (templates.length === 0) {
    if (expected === "unknown") {
      return as("Progressing", "AwaitingMetadata", "Templates are made once the image's metadata is known");
    }
    if (expected === "yes") {
      const message = missing === "made"
        ? "Templates are being made"
        : "Templates are made once the model's other components are ready";
      return as("Progressing", "CreatingTemplates", message);
    }
    return as("Ready", "NoTemplatesExpected", "The model needs no templates");
  }
  const ready = withStatus(templates, "Ready");
  const failed = withStatus(templates, "Degraded", "Failed");
  const unavailable = withStatus(templates, "NotAvailable");
  const progressing = withStatus(templates, "Pending", "Progressing");
  const all = templates.length;
  const count = `${ready.length} of ${all} templates are ready`;
  if (ready.length === all) return as("Ready", "AllTemplatesReady", count);
  if (failed.length === all) {
    return as("Failed", "AllTemplatesFailed", `All templates failed: ${list(failed)}`, failed);
  }
  if (unavailable.length === all) {
    const message = `No template can run here: ${list(unavailable)}`;
    return as("NotAvailable", "NoTemplatesAvailable", message, unavailable);
  }
  if (failed.length > 0) {
    return as("Degraded", "SomeTemplatesDegraded", `${count}; failed: ${list(failed)}`, failed);
  }
  if (progressing.length > 0) {
    return as("Progressing", "TemplatesProgressing", `${count}; waiting for ${list(progressing)}`);
  }
  if (ready.length + unavailable.length === all) {
    return as("Ready", "SomeTemplatesReady", `${count}; not available here: ${list(unavailable)}`);
  }
  const fresh = templates.filter(({ status }) => !status?.status);
  return as("Progressing", "TemplatesProgressing", `${count}; not looked at yet: ${list(fresh)}`);
}

function withStatus(templates: readonly Live<Template>[], ...words: string[]): Live<Template>[] {
  return templates.filter(({ status }) => words.includes(status?.status ?? ""));
}

/** The first few by name, each with the reason of its `Ready`, and what the first that has one says of its cause. */
function list(templates: readonly Live<Template>[]): string {
  const some = templates.slice(0, named).map(({ metadata, status }) => ({
    name: metadata.name,
    ready: conditionOf(status?.conditions, "Ready"),
  }));
  const more = templates.length - some.length;
  // One that is merely on its way says nothing that would last.
  const speaking = some.filter(({ ready }) => ready?.reason !== undefined && ready.reason !== "Progressing");
  const names = some.map((each) =>
    speaking.includes(each) ? `${each.name} (${each.ready!.reason})` : each.name
  );
  const cause = speaking.length > 0 && speaking[0].ready!.message
    ? `; ${speaking[0].name}: ${speaking[0].ready!.message}`
    : "";
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "") + cause;
}
