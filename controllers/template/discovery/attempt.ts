/**
 * What is remembered of discovery attempts that failed, and when the next may begin (models-and-templates.md
 * §5.7). Times are those at which a Job failed, not at which it was seen: a reconcile has no clock.
 */

import type { DiscoveryState } from "../../../lib/api/mod.ts";
import { messageText } from "../../../lib/operator/status/conditions.ts";

/** How a Job failed. Times in milliseconds since 1970. */
export interface Failure {
  readonly createdAt: number;
  readonly failedAt: number;
  readonly reason: string;
  /** What its pods say of it; absent where they say nothing (yet), or are gone. */
  readonly cause?: string;
}

/** The record once a failed Job is in it; of one that is in it already only the cause may be news. */
export function counted(
  stored: DiscoveryState | undefined,
  specHash: string,
  failure: Failure,
): DiscoveryState {
  const same = !stored?.specHash || stored.specHash === specHash;
  const before = same ? stored : undefined;
  const last = timeOf(before?.lastAttemptTime);
  const isCounted = last !== undefined && failure.createdAt <= last;
  if (isCounted && failure.cause === undefined) return before!;
  const lastFailureReason = reasonOf(failure);
  if (isCounted) return { ...before!, lastFailureReason };
  return {
    attempts: (before?.attempts ?? 0) + 1,
    // Clocks of two machines: an attempt that ended before it began would be counted anew in each pass.
    lastAttemptTime: text(Math.max(failure.failedAt, failure.createdAt)),
    lastFailureReason,
    specHash,
  };
}

/** The record is what is left once the Job and its pods are gone: it has the cause too. */
function reasonOf({ reason, cause }: Failure): string {
  return messageText(cause === undefined || reason.includes(cause) ? reason : `${reason} (${cause})`);
}

const first = 60_000;
const longest = 3_600_000;
const longestWait = 300_000;

/**
 * When the next attempt may begin, in milliseconds since 1970: at once (undefined) for another spec or without
 * a failure, else a minute after the last one, doubling to an hour; to five minutes where the last one only found no
 * place to run, which whoever frees one does not tell us.
 */
export function nextAttemptAt(
  record: DiscoveryState | undefined,
  specHash: string,
  waits: boolean,
): number | undefined {
  const attempts = record?.attempts ?? 0;
  if (attempts <= 0 || record?.specHash !== specHash) return undefined;
  const last = timeOf(record.lastAttemptTime);
  // 2 ** 6 minutes are more than an hour: a larger power only loses digits (weak 4).
  return last === undefined
    ? undefined
    : last + Math.min(waits ? longestWait : longest, first * 2 ** Math.min(attempts - 1, 6));
}

/** The record of a discovery that has succeeded. */
export function succeeded(specHash: string | undefined): DiscoveryState | undefined {
  return specHash === undefined ? undefined : { attempts: 0, specHash };
}

/** RFC 3339, in whole seconds as Kubernetes stores times; rounded up, so that none is earlier than it was. */
export function text(time: number): string {
  return new Date(Math.ceil(time / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

function timeOf(time: string | undefined): number | undefined {
  const parsed = Date.parse(time ?? "");
  return Number.isNaN(parsed) ? undefined : parsed;
}
