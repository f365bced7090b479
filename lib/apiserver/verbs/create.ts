/** POST: a new object. */
import type { Cluster } from "../cluster.ts";
import { objectOf } from "../body.ts";
import type { JsonObject } from "../json.ts";

import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import { update } from "../managed_fields/mod.ts";
import type { Request } from "../request.ts";
import { emptyObject } from "../schema/mod.ts";
import { badRequest, Refusal, warning } from "../status.ts";
import { checkType, decoded } from "./decode.ts";
import { writeOptions } from "./options.ts";
import { checkNamespace, type Part, prepareNew, storeNew } from "./storing.ts";

export interface Written {
  readonly code: 200 | 201;
  readonly object: JsonObject;
  readonly warnings: readonly string[];
}

/**
 * @param method a PUT of what is not there may say a version, a POST may not
 * @param part a PUT of the status may make an object too; whoever does owns nothing but the status that they said
 */
export function create(
  cluster: Cluster,
  kind: Kind,
  namespace: string | undefined,
  request: Request,
  method: "POST" | "PUT" = "POST",
  part: Part = "main",
): Written {
  const options = writeOptions(request, "CreateOptions");
  const object = objectOf(request, kind);
  checkType(kind, object);
  decoded(kind, object, options, undefined, request.body);
  const metadata = object.metadata as JsonObject;
  checkPlace(kind, namespace, metadata);
  checkNamespace(cluster, kind, namespace, String(metadata.name ?? ""));
  if (method === "POST" && metadata.resourceVersion) {
    throw new Refusal(500, undefined, "resourceVersion should not be set on objects to be created");
  }
  const { status } = object;
  const { resourceVersion } = metadata;
  prepareNew(cluster, kind, namespace, object);
  const { manager, warnings } = options;
  const owned = update({
    schema: kind.schema,
    live: undefined,
    empty: emptyOf(kind, object),
    updated: part === "status" ? { ...object, status } : object,
    manager,
    apiVersion: apiVersionOf(kind),
    subresource: part === "main" ? undefined : part,
    now: cluster.now(),
  });
  const stored = part === "status" ? { ...owned, status: object.status } : owned;
  // What is only tried is given no version, so that it keeps the one that was said.
  if (options.dryRun && resourceVersion) (stored.metadata as JsonObject).resourceVersion = resourceVersion;
  return warning(
    warnings,
    () => ({ code: 201, object: storeNew(cluster, kind, stored, options, part), warnings }),
  );
}

/** What is there before anybody has said anything: nobody owns it. */
function emptyOf(kind: Kind, object: JsonObject): JsonObject {
  if (!kind.custom && kind.schema !== undefined) return emptyObject(kind.schema);
  return kind.hasStatus && object.status !== undefined ? { status: object.status } : {};
}

/** Refuses an object that says it is in another namespace than the path. */
export function checkPlace(kind: Kind, namespace: string | undefined, metadata: JsonObject): void {
  if (!kind.namespaced || !metadata.namespace || metadata.namespace === namespace) return;
  throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}
