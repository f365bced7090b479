/** PUT: an object, or its status, in the place of the one that is there. */
import type { Cluster } from "../cluster.ts";
import { objectOf } from "../body.ts";
import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import { update } from "../managed_fields/mod.ts";
import type { Request } from "../request.ts";
import { badRequest, notFound, Refusal, warning } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { invalidValue } from "../schema/field_error.ts";
import { checkPlace, create, type Written } from "./create.ts";
import { checkType, decoded } from "./decode.ts";
import { type WriteOptions, writeOptions } from "./options.ts";
import { checkVersion, type Part, prepareUpdate, storeChanged } from "./storing.ts";

export function replace(
  cluster: Cluster,
  kind: Kind,
  where: { readonly namespace?: string; readonly name: string },
  request: Request,
  part: Part = "main",
): Written {
  const options = writeOptions(request, "UpdateOptions");
  const object = objectOf(request, kind);
  checkType(kind, object);
  const { warnings } = decoded(kind, object, options, request.body);
  const metadata = object.metadata as JsonObject;
  checkName(metadata, where.name);
  checkPlace(kind, where.namespace, metadata);
  const live = cluster.get(kind, where.namespace, where.name);
  if (live === undefined) {
    if (kind.createsOnPut && part === "main" && !metadata.resourceVersion) {
      return create(cluster, kind, where.namespace, request);
    }
    throw notFound(kind, where.name);
  }
  return warning(warnings, () => ({ ...changed(cluster, kind, live, object, options, part), warnings }));
}

function checkName(metadata: JsonObject, name: string): void {
  if (!metadata.name) {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (metadata.name === name) return;
  throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}

function changed(
  cluster: Cluster,
  kind: Kind,
  live: StoredObject,
  object: JsonObject,
  options: WriteOptions,
  part: Part,
): { code: 200; object: JsonObject } {
  const metadata = object.metadata as JsonObject;
  checkVersion(kind, live, metadata);
  if (kind.custom && !metadata.resourceVersion) {
    const error = invalidValue("metadata.resourceVersion", 0, "must be specified for an update");
    const causes = [{ reason: error.type, message: error.detail, field: error.field }];
    throw new Refusal(
      422,
      "Invalid",
      `${kind.plural}.${kind.group} "${live.metadata.name}" is invalid: ${error.field}: ${error.detail}`,
      { name: live.metadata.name, group: kind.group, kind: kind.plural, causes },
    );
  }
  return { code: 200, object: change(cluster, kind, live, object, options, part) };
}

/** Stores what an object is to be; who changed what is recorded. `object` is a copy that nobody else holds. */
export function change(
  cluster: Cluster,
  kind: Kind,
  live: StoredObject,
  object: JsonObject,
  options: Pick<WriteOptions, "manager" | "dryRun">,
  part: Part,
  subresource: string | undefined = part === "main" ? undefined : part,
): JsonObject {
  const prepared = part === "main" ? prepareUpdate(kind, live, object, part) : forStatus(live, object);
  const owned = update({
    schema: kind.schema,
    live,
    updated: prepared,
    manager: options.manager,
    apiVersion: apiVersionOf(kind),
    subresource,
    now: cluster.now(),
  });
  const next = part === "main" ? owned : prepareUpdate(kind, live, owned, part);
  return storeChanged(cluster, kind, live, next, options.dryRun);
}

/** What a write of the status is recorded to have changed: metadata too, though that stays as it was. */
function forStatus(live: StoredObject, object: JsonObject): JsonObject {
  const next: JsonObject = { ...live, metadata: { ...live.metadata, ...object.metadata as JsonObject } };
  if (object.status !== undefined) next.status = object.status;
  else delete next.status;
  return next;
}
