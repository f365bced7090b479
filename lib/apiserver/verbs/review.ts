/** Reviews: questions that are posted and answered, and never stored. Whoever has the token may do everything. */
import { objectOf } from "../body.ts";
import type { JsonObject } from "../json.ts";
import { update } from "../managed_fields/mod.ts";
import { writeOptions } from "./options.ts";
import type { Answer, Request } from "../request.ts";
import { methodNotAllowed } from "../status.ts";

export function answerReview(request: Request, group: string, kind: string, now: string): Answer {
  if (request.method !== "POST") throw methodNotAllowed();
  const asked = objectOf(request, { kind });
  const { manager } = writeOptions(request, "CreateOptions");
  const status = kind === "SelfSubjectAccessReview"
    ? { allowed: true }
    : { userInfo: { username: "admin", groups: ["system:masters", "system:authenticated"] } };
  const apiVersion = `${group}/v1`;
  if (kind === "SelfSubjectReview") {
    return { code: 201, body: { kind, apiVersion, metadata: { creationTimestamp: now }, status } };
  }
  const { spec = {} } = asked;
  const updated: JsonObject = { kind, apiVersion, metadata: {}, spec };
  const owned = update({
    schema: undefined,
    live: undefined,
    empty: { spec: {} },
    updated,
    manager,
    apiVersion,
    now,
  });
  return { code: 201, body: { ...owned, status } };
}
