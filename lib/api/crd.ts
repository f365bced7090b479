/**
 * Writes the CustomResourceDefinition of a kind: walks its zod schemas and puts what they say, with the notes
 * of `schema.ts`, into the structural schema that the API server takes (api.md §1 to §8).
 */
import type * as z from "zod";
import type { Kind } from "./kind.ts";
import { type Notes, notesOf } from "./schema.ts";

/** A node of the OpenAPI schema of a CRD. */
export interface CrdSchema {
  description?: string;
  type?: "object" | "array" | "string" | "integer" | "boolean";
  format?: string;
  default?: unknown;
  enum?: readonly string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  anyOf?: CrdSchema[];
  items?: CrdSchema;
  properties?: Record<string, CrdSchema>;
  additionalProperties?: CrdSchema;
  required?: string[];
  "x-kubernetes-int-or-string"?: true;
  "x-kubernetes-preserve-unknown-fields"?: true;
  "x-kubernetes-list-type"?: string;
  "x-kubernetes-list-map-keys"?: readonly string[];
  "x-kubernetes-map-type"?: string;
  "x-kubernetes-validations"?: { rule: string; message: string }[];
}

/** A CustomResourceDefinition of `apiextensions.k8s.io/v1`, as far as we write it. */
export interface CustomResourceDefinition {
  apiVersion: "apiextensions.k8s.io/v1";
  kind: "CustomResourceDefinition";
  metadata: { name: string };
  spec: {
    group: string;
    names: {
      categories: readonly string[];
      kind: string;
      listKind: string;
      plural: string;
      shortNames: readonly string[];
      singular: string;
    };
    scope: string;
    versions: {
      name: string;
      served: true;
      storage: true;
      subresources: { status: Record<string, never> };
      additionalPrinterColumns?: { name: string; type: string; jsonPath: string; priority?: number }[];
      schema: { openAPIV3Schema: CrdSchema };
    }[];
  };
}

/** The CRD of a kind. */
export function crdOf(kind: Kind): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        categories: kind.categories,
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        shortNames: kind.shortNames,
        singular: kind.singular,
      },
      scope: kind.scope,
      versions: [{
        name: kind.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        ...kind.printerColumns.length > 0 &&
          { additionalPrinterColumns: kind.printerColumns.map((column) => ({ ...column })) },
        schema: { openAPIV3Schema: rootSchema(kind) },
      }],
    },
  };
}

function rootSchema(kind: Kind): CrdSchema {
  return {
    description: kind.description,
    type: "object",
    properties: {
      apiVersion: {
        description: `Version of the API that the object is written in: ${kind.group}/${kind.version}.`,
        type: "string",
      },
      kind: { description: `Kind of the object: ${kind.kind}.`, type: "string" },
      metadata: { type: "object" },
      spec: schemaOf(kind.spec),
      status: schemaOf(kind.status),
    },
  };
}

/** The OpenAPI node of a zod schema that is written in the words of `schema.ts`. */
export function schemaOf(schema: z.core.$ZodType): CrdSchema {
  const notes = notesOf(schema);
  return { ...head(notes), ...body(schema), ...limits(notes) };
}

function head({ description }: Notes): CrdSchema {
  return description === undefined ? {} : { description };
}

function body(schema: z.core.$ZodType): CrdSchema {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
      return { type: "string" };
    case "boolean":
      return { type: "boolean" };
    case "number":
      return { type: "integer" };
    case "enum":
      return { type: "string", enum: Object.values(def.entries).map(String) };
    case "union":
      return { anyOf: def.options.map(body), "x-kubernetes-int-or-string": true };
    case "unknown":
      return { "x-kubernetes-preserve-unknown-fields": true };
    case "array":
      return { type: "array", items: schemaOf(def.element) };
    case "record":
      return { type: "object", additionalProperties: schemaOf(def.valueType) };
    case "object":
      return objectBody(def.shape);
    default:
      throw new TypeError(`a CRD cannot hold a zod schema of type ${def.type}`);
  }
}

function objectBody(shape: z.core.$ZodShape): CrdSchema {
  const properties: Record<string, CrdSchema> = {};
  const required: string[] = [];
  for (const [name, field] of Object.entries(shape)) {
    const { def } = (field as z.core.$ZodTypes)._zod;
    if (def.type !== "optional") required.push(name);
    properties[name] = schemaOf(def.type === "optional" ? def.innerType : field);
  }
  return { type: "object", properties, ...required.length > 0 && { required } };
}

function limits(notes: Notes): CrdSchema {
  const { listType, listMapKeys, mapType, rules, description: _, ...plain } = notes;
  return {
    ...plain,
    ...listType && { "x-kubernetes-list-type": listType },
    ...listMapKeys && { "x-kubernetes-list-map-keys": listMapKeys },
    ...mapType && { "x-kubernetes-map-type": mapType },
    ...rules && { "x-kubernetes-validations": rules.map(({ rule, message }) => ({ rule, message })) },
  };
}
