/** What a cluster in memory keeps of the requests that it answered, in the form of an API server's audit log. */

import type { Answer, Request } from "../../lib/apiserver/request.ts";
import { targetOf } from "../../lib/apiserver/request.ts";
import type { AuditEvent } from "../control_plane/servers/audit_log.ts";

/** Whether a request stands in the log: probes and what describes the server do not, as in that of the real one. */
export function isAudited({ path }: Request): boolean {
  return !/^\/(readyz|healthz|livez|openapi|version)/.test(path);
}

/** The event of an answered request, of the level Metadata. */
export function auditEventOf(request: Request, answer: Answer): AuditEvent {
  const { path, query, user, userAgent } = request;
  const now = new Date().toISOString();
  const search = query.toString();
  return {
    stage: "watch" in answer ? "ResponseStarted" : "ResponseComplete",
    verb: verbOf(request),
    requestURI: search === "" ? path : `${path}?${search}`,
    user: { username: user?.username ?? "" },
    userAgent,
    objectRef: objectOf(request, answer),
    responseStatus: { code: "code" in answer ? answer.code : 200, message: messageOf(answer) },
    requestReceivedTimestamp: now,
    stageTimestamp: now,
  };
}

function verbOf({ method, path, query }: Request): string {
  const target = targetOf(path);
  const isList = target !== undefined && target.name === undefined;
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "DELETE":
      return isList ? "deletecollection" : "delete";
    case "GET":
      if (query.get("watch") === "true" || query.get("watch") === "1" || target?.watch) return "watch";
      return isList ? "list" : "get";
    default:
      return method.toLowerCase();
  }
}

/** What the path names; of what was created, the name that it got. */
function objectOf({ path }: Request, answer: Answer): AuditEvent["objectRef"] {
  const target = targetOf(path);
  if (target === undefined) return undefined;
  const { group: apiGroup, version: apiVersion, plural: resource, namespace, subresource } = target;
  const made = answer.code === 201 && "body" in answer
    ? (answer.body as { metadata?: { name?: string } }).metadata?.name
    : undefined;
  return { apiGroup, apiVersion, resource, namespace, name: target.name ?? made, subresource };
}

/** What a refusal says. */
function messageOf(answer: object): string | undefined {
  const { body } = answer as { body?: { kind?: string; message?: string } };
  return body?.kind === "Status" ? body.message : undefined;
}
