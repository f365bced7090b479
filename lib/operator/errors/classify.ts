/** From what was thrown to its class and reason (conventions.md §5.1). */

import { lackedRight } from "../../kube/lacked_right.ts";
import { apiTrouble, networkTrouble } from "./error_sources.ts";
import { ClassifiedError, type ComponentError } from "./errors.ts";

/** Classifies what a read or any other call of ours has thrown (conventions.md §5.1). */
export function classify(error: unknown): ComponentError {
  const chain = [...causes(error)];
  const known = chain.find((link) => link instanceof ClassifiedError);
  if (known !== undefined) {
    return { category: known.category, reason: known.reason, message: known.message };
  }
  for (const link of chain) {
    const found = apiTrouble(link) ?? networkTrouble(link);
    if (found !== undefined) return { message: textOf(error), ...found };
  }
  return { category: "Unknown", reason: "UnknownError", message: textOf(error) };
}

/**
 * Classifies what the API server answered to applying, creating or deleting a child. A refusal (a 4xx, by
 * validation, a policy, a webhook or Pod Security) is a fault of the configuration and keeps the API's own
 * reason (services.md §2.3); a full quota, a namespace that goes and a permission that the operator itself lacks
 * are not.
 */
export function classifyRejection(error: unknown): ComponentError {
  for (const link of causes(error)) {
    const found = apiTrouble(link, { refused: true });
    if (found !== undefined) return { message: textOf(link), ...found };
  }
  return classify(error);
}

/** Whether the operator itself lacked a right. */
export function isForWantOfRight(error: unknown): boolean {
  return causes(error).some((link) => lackedRight(link) !== undefined);
}

/** The error and its causes, outermost first; a chain that bites its tail ends. */
function* causes(error: unknown): Generator<unknown> {
  const seen = new Set<unknown>();
  for (let link = error; link !== undefined && link !== null && !seen.has(link);) {
    seen.add(link);
    yield link;
    link = (link as { cause?: unknown }).cause;
  }
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}
