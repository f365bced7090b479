/** Which paths of fields a kind has, by its schema. */
import type { z } from "zod";
import type { Kind } from "./kind.ts";

/** What a path of fields leads to: nothing, a value that prints as one text, or what may be anything. */
export type FieldAnswer = "absent" | "object" | "list" | "value" | "unknown";

type Metadata = Readonly<Record<string, FieldAnswer | "texts">>;

const metadata: Metadata = {
  name: "value",
  generateName: "value",
  namespace: "value",
  uid: "value",
  resourceVersion: "value",
  generation: "value",
  creationTimestamp: "value",
  deletionTimestamp: "value",
  deletionGracePeriodSeconds: "value",
  selfLink: "value",
  labels: "texts",
  annotations: "texts",
  finalizers: "list",
  ownerReferences: "list",
  managedFields: "list",
};

/** What the path leads to on an object of the kind that has all its fields: `["spec", "model", "name"]`. */
export function fieldOf(kind: Kind, [root, ...path]: readonly string[]): FieldAnswer {
  switch (root) {
    case undefined:
      return "object";
    case "apiVersion":
    case "kind":
      return path.length === 0 ? "value" : "absent";
    case "metadata":
      return metadataField(path);
    case "spec":
    case "status":
      return schemaField(kind[root], path);
    default:
      return "absent";
  }
}

function metadataField([field, ...rest]: readonly string[]): FieldAnswer {
  if (field === undefined) return "object";
  const found = Object.hasOwn(metadata, field) ? metadata[field] : "absent";
  if (found === "texts") return ["object", "value", "absent"][Math.min(rest.length, 2)] as FieldAnswer;
  return rest.length === 0 || found === "absent" ? found : found === "value" ? "absent" : "unknown";
}

function schemaField(schema: z.core.$ZodType, [field, ...rest]: readonly string[]): FieldAnswer {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
      return schemaField(def.innerType, field === undefined ? [] : [field, ...rest]);
    case "object":
      if (field === undefined) return "object";
      return Object.hasOwn(def.shape, field) ? schemaField(def.shape[field], rest) : "absent";
    case "record":
      return field === undefined ? "object" : schemaField(def.valueType, rest);
    case "array":
      return field === undefined ? "list" : "absent";
    case "string":
    case "number":
    case "boolean":
    case "enum":
      return field === undefined ? "value" : "absent";
    default:
      return "unknown";
  }
}
