/** What the API server says the operator sent: the audit log, counted. */

import type { AuditEvent } from "../control_plane/audit_log.ts";

const reads = new Set(["get", "list", "watch"]);

/** Writes of one user that were answered with success or refusal, between two moments (milliseconds). */
export function writesBy(user: string, events: readonly AuditEvent[], from = 0, to = Infinity): AuditEvent[] {
  return events.filter((event) => {
    if (event.stage !== "ResponseComplete" || event.user.username !== user || reads.has(event.verb)) {
      return false;
    }
    if (event.objectRef?.resource === "leases") return false;
    const at = Date.parse(event.requestReceivedTimestamp);
    return at >= from && at <= to;
  });
}

/** `patch aimservices/status` → how many. */
export function byVerbAndKind(writes: readonly AuditEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verb, objectRef, responseStatus } of writes) {
    const { resource = "?", subresource } = objectRef ?? {};
    const refused = (responseStatus?.code ?? 200) >= 400 ? ` (${responseStatus?.code})` : "";
    const key = `${verb} ${resource}${subresource ? `/${subresource}` : ""}${refused}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a));
}
