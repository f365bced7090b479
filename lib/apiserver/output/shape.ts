/** The shapes in which objects and lists are given: themselves, metadata only, rows of a table. */
import { at, type JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import { invalidValue } from "../schema/field_error.ts";
import { badRequest, Refusal } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { podRowConditions } from "../tables/pod_cells.ts";
import { columnDefinitions, rowOf } from "../tables/table.ts";
import type { Wanted } from "./accept.ts";

export const objectShapes = ["Table", "PartialObjectMetadata"];
export const listShapes = ["Table", "PartialObjectMetadataList"];

/** An object in the version of the kind by which it is asked for. */
export function inVersion(kind: Kind, object: JsonObject): JsonObject {
  const apiVersion = apiVersionOf(kind);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

/** Metadata without the rest. */
export function partialOf(object: JsonObject): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

/** What a row carries of its object. @throws Refusal 400 for a wish that is not known */
export function rowObjects(query: URLSearchParams): "Metadata" | "Object" | "None" {
  const wish = query.get("includeObject") ?? "";
  if (wish === "") return "Metadata";
  if (wish === "Metadata" || wish === "Object" || wish === "None") return wish;
  const { field, detail } = invalidValue(
    "includeObject",
    wish,
    "must be 'Metadata', 'Object', 'None', or empty",
  );
  throw badRequest(`Unable to convert to Table as requested: ${field}: ${detail}`);
}

export function objectIn(
  wanted: Wanted,
  kind: Kind,
  object: JsonObject,
  query: URLSearchParams,
  now: number,
): JsonObject {
  const given = inVersion(kind, object);
  if (wanted.as === "PartialObjectMetadata") return partialOf(given);
  if (wanted.as !== "Table") return given;
  const resourceVersion = at(object, "metadata", "resourceVersion");
  return table(kind, [given], { resourceVersion }, query, now, true);
}

export function listIn(
  wanted: Wanted,
  kind: Kind,
  objects: readonly StoredObject[],
  metadata: JsonObject,
  query: URLSearchParams,
  now: number,
): JsonObject {
  if (wanted.as === "PartialObjectMetadata") throw oneOfMany(kind);
  const items = objects.map((object) => inVersion(kind, object));
  if (wanted.as === "Table") return table(kind, items, metadata, query, now, true);
  if (wanted.as === "PartialObjectMetadataList") {
    return {
      kind: wanted.as,
      apiVersion: "meta.k8s.io/v1",
      metadata,
      items: items.length === 0 ? null : items.map(partialOf),
    };
  }
  // Custom kinds carry the mark of the next page also where there is none.
  const marked = kind.custom ? { continue: "", ...metadata } : metadata;
  const shown = kind.custom ? items : items.map(untyped);
  return { apiVersion: apiVersionOf(kind), items: shown, kind: kind.listKind, metadata: marked };
}

/** In a list of a built-in kind only the list says its type. */
function untyped({ apiVersion: _, kind: __, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** Refuses the shape of one object for a list of them. The original names its inner type. */
function oneOfMany({ custom, group, listKind }: Kind): Refusal {
  const type = custom ? "unstructured.UnstructuredList" : `${group.split(".")[0] || "core"}.${listKind}`;
  const message = `you requested PartialObjectMetadata, but the requested object is a list (*${type})`;
  return new Refusal(406, "NotAcceptable", message);
}

/** @param named whether the columns are named too: later events of a watch do not repeat them */
export function table(
  kind: Kind,
  objects: readonly JsonObject[],
  metadata: JsonObject,
  query: URLSearchParams,
  now: number,
  named: boolean,
): JsonObject {
  const include = rowObjects(query);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: named ? columnDefinitions(kind) : null,
    rows: objects.map((object) => ({
      cells: rowOf(kind, object, now),
      ...rowConditions(kind, object),
      object: include === "None" ? null : include === "Object" ? object : partialOf(object),
    })),
  };
}

function rowConditions(kind: Kind, object: JsonObject): JsonObject {
  const conditions = kind.custom || kind.plural !== "pods" ? undefined : podRowConditions(object);
  return conditions === undefined ? {} : { conditions };
}
