/** What the API server says the operator sent: the audit log, counted. */

import type { AuditEvent } from "../control_plane/servers/audit_log.ts";

const reads = new Set(["get", "list", "watch"]);

/** Writes of one user that were answered with success or refusal, between two moments (milliseconds). */
export function writesBy(user: string, events: readonly AuditEvent[], from = 0, to = Infinity): AuditEvent[] {
  return answered(events, from, to).filter(({ verb, user: by }) => by.username === user && !reads.has(verb));
}

/** Writes of everybody else to what lives in these namespaces. */
export function writesOfOthers(
  user: string,
  inNamespaces: readonly string[],
  events: readonly AuditEvent[],
  from: number,
  to: number,
): AuditEvent[] {
  return answered(events, from, to).filter(({ verb, user: by, objectRef }) =>
    by.username !== user && !reads.has(verb) && inNamespaces.includes(objectRef?.namespace ?? "")
  );
}

/** What the user asked of single objects and of lists. A watch that is renewed is no question. */
export function questionsBy(
  user: string,
  events: readonly AuditEvent[],
  from: number,
  to: number,
): AuditEvent[] {
  return answered(events, from, to).filter(({ verb, user: by, objectRef }) =>
    by.username === user && (verb === "get" || verb === "list") && objectRef !== undefined
  );
}

function answered(events: readonly AuditEvent[], from: number, to: number): AuditEvent[] {
  return events.filter(({ stage, objectRef, requestReceivedTimestamp }) => {
    if (stage !== "ResponseComplete" || objectRef?.resource === "leases") return false;
    const at = Date.parse(requestReceivedTimestamp);
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
