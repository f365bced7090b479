/** PUT: an object, or its status, in the place of the one that is there. */
import type { Cluster } from "../cluster.ts";
import { objectOf } from "../body.ts";
import { at, type JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import { typingProblem, update } from "../managed_fields/mod.ts";
import type { Request } from "../request.ts";
import { badRequest, notFound, Refusal, warning } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { invalidValue } from "../schema/field_error.ts";
import { checkPlace, create, type Written } from "./create.ts";
import { checkType, decoded } from "./decode.ts";
import { authorizeCreation } from "../rights/refusals.ts";
import { type WriteOptions, writeOptions } from "./options.ts";
import {
  checkIdentity,
  checkVersion,
  checkVersionText,
  type Part,
  prepareUpdate,
  storeChanged,
} from "./storing.ts";

export function replace(
  cluster: Cluster,
  kind: Kind,
  where: { readonly namespace?: string; readonly name: string },
  request: Request,
  part: Part = "main",
): Written {
  const options = writeOptions(request, "UpdateOptions");
  const live = cluster.get(kind, where.namespace, where.name);
  const object = objectOf(request, kind);
  // Of a custom kind the version is looked at before the kind.
  if (
    kind.custom && live !== undefined && object.apiVersion === apiVersionOf(kind) && object.kind !== kind.kind
  ) {
    if (at(object, "metadata", "name") === where.name) checkVersionSaid(kind, live, object.metadata);
  }
  checkType(kind, object);
  decoded(kind, object, options, live, request.body);
  const { warnings } = options;
  return warning(warnings, () => {
    const metadata = object.metadata as JsonObject;
    checkName(metadata, where.name);
    checkPlace(kind, where.namespace, metadata);
    if (live === undefined) {
      if (!kind.createsOnPut) throw notFound(kind, where.name);
      checkIdentity(kind, where, metadata);
      // The version may be any that there was: whoever makes an object anew has often read the one before.
      checkVersionText(String(metadata.resourceVersion ?? ""));
      authorizeCreation(cluster, kind, where, options.user);
      return create(cluster, kind, where.namespace, request, "PUT", part);
    }
    return { ...changed(cluster, kind, live, object, options, part), warnings };
  });
}

/** Refuses an object without a name, or with another one than the path has. */
export function checkName(metadata: JsonObject, name: string): void {
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
  checkVersion(kind, live, object.metadata as JsonObject);
  checkVersionSaid(kind, live, object.metadata);
  const metadata = object.metadata as JsonObject;
  const unsaid = ["uid", "creationTimestamp", "generation"].filter((key) => metadata[key] === undefined);
  return { code: 200, object: change(cluster, kind, live, object, { ...options, unsaid }, part) };
}

/** Built-in kinds of which nobody replaces what they have not read, as of custom ones. */
const readFirst = new Set(["Lease", "PodDisruptionBudget"]);

function checkVersionSaid(kind: Kind, live: StoredObject, metadata: unknown): void {
  if (!kind.custom && !readFirst.has(kind.kind) || at(metadata, "resourceVersion")) return;
  const error = invalidValue("metadata.resourceVersion", 0, "must be specified for an update");
  const causes = [{ reason: error.type, message: error.detail, field: error.field }];
  throw new Refusal(
    422,
    "Invalid",
    `${kind.plural}.${kind.group} "${live.metadata.name}" is invalid: ${error.field}: ${error.detail}`,
    { name: live.metadata.name, group: kind.group, kind: kind.plural, causes },
  );
}

/** Stores what an object is to be; who changed what is recorded. `object` is a copy that nobody else holds. */
export function change(
  cluster: Cluster,
  kind: Kind,
  live: StoredObject,
  object: JsonObject,
  options: Pick<WriteOptions, "manager" | "dryRun" | "said" | "unsaid" | "user" | "warnings">,
  part: Part,
  subresource: string | undefined = part === "main" ? undefined : part,
): JsonObject {
  const prepared = part === "main" ? prepareUpdate(kind, live, object, part) : forStatus(kind, live, object);
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
  if (part === "status" && isMistyped(kind, object, live)) delete (next.metadata as JsonObject).managedFields;
  return storeChanged(cluster, kind, live, next, options, subresource);
}

/**
 * Whether what a write of the status says of other parts, which count for nothing, keeps the original from knowing who owns
 * what: it forgets it then.
 */
function isMistyped(kind: Kind, object: JsonObject, live: StoredObject): boolean {
  const { status: _, metadata: _1, ...others } = object;
  const same = Object.entries(others).every(([key, part]) => part === live[key]);
  return !same && typingProblem(kind.schema, others, { doubles: true }) !== undefined;
}

/** What a write of the status is recorded to have changed: metadata too, though that stays as it was. */
function forStatus(kind: Kind, live: StoredObject, object: JsonObject): JsonObject {
  const metadata = { ...object.metadata as JsonObject };
  if (kind.kind === "Deployment" && !kind.custom) metadata.labels = live.metadata.labels;
  const next: JsonObject = { ...live, metadata };
  if (object.status !== undefined) next.status = object.status;
  else delete next.status;
  return next;
}
