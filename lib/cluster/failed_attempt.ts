/** What an artifact remembers of its last failed Job, for who waits for the weights: the Job itself may be gone. */

import type { AIMArtifact } from "../api/mod.ts";
import { type Code, isCode } from "../operator/errors/codes.ts";
import { annotation } from "../operator/naming/labels.ts";

/**
 * The code of that failure, where it says more than its reason.
 *
 * @param reasons that the artifact tells now: what is remembered of an attempt before this one says nothing
 */
export function rememberedCode(
  { metadata }: AIMArtifact,
  reasons: readonly (string | undefined)[],
): Code | undefined {
  for (const key of [annotation.failedAttempt, annotation.failedSizeCheck]) {
    const { reason, code } = toldIn(metadata.annotations?.[key] ?? "");
    if (code !== undefined && isCode(code) && reasons.includes(reason)) return code;
  }
  return undefined;
}

interface Told {
  readonly reason?: string;
  readonly code?: string;
}

function toldIn(text: string): Told {
  if (text === "") return {};
  try {
    const { pods, job }: { pods?: Told; job?: Told } = JSON.parse(text);
    return pods ?? job ?? {};
  } catch {
    return {};
  }
}
