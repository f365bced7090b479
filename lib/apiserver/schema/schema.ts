/** What a schema says of the values below it. */
import { isObject, type JsonObject } from "../json.ts";

/** One node of a structural schema, as a custom resource definition writes it. */
export type SchemaNode = JsonObject;

export interface KindSchema {
  readonly root: SchemaNode;
}

export function schemaOfCrd(openAPIV3Schema: JsonObject): KindSchema {
  return { root: openAPIV3Schema };
}

const text: SchemaNode = { type: "string" };
const texts: SchemaNode = { type: "object", additionalProperties: text };

/** The metadata of every kind, with what server-side apply and pruning have to know of it. */
export const metadataNode: SchemaNode = {
  type: "object",
  properties: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: { type: "integer" },
    creationTimestamp: text,
    deletionTimestamp: text,
    deletionGracePeriodSeconds: { type: "integer" },
    labels: texts,
    annotations: texts,
    finalizers: { type: "array", items: text, "x-kubernetes-list-type": "set" },
    ownerReferences: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["uid"],
      items: {
        type: "object",
        "x-kubernetes-map-type": "atomic",
        properties: {
          apiVersion: text,
          kind: text,
          name: text,
          uid: text,
          controller: { type: "boolean" },
          blockOwnerDeletion: { type: "boolean" },
        },
      },
    },
    managedFields: { type: "array", items: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
  },
};

const builtIn: Readonly<Record<string, SchemaNode>> = {
  "v1/ConfigMap": {
    type: "object",
    properties: { data: texts, binaryData: texts, immutable: { type: "boolean" } },
  },
  "v1/Secret": {
    type: "object",
    properties: { data: texts, stringData: texts, immutable: { type: "boolean" }, type: text },
  },
};

/** The schema of a built-in kind; undefined where every field is kept as it is sent. */
export function schemaOfBuiltIn(group: string, version: string, kind: string): KindSchema | undefined {
  const root = builtIn[`${group === "" ? "" : `${group}/`}${version}/${kind}`];
  return root && { root };
}

/** The node for a member of an object; undefined where the schema does not know it. */
export function memberNode(
  node: SchemaNode | undefined,
  key: string,
  isRoot: boolean,
): SchemaNode | undefined {
  if (isRoot) {
    if (key === "metadata") return metadataNode;
    if (key === "apiVersion" || key === "kind") return text;
  }
  const properties = node?.properties;
  if (isObject(properties) && isObject(properties[key])) return properties[key];
  return isObject(node?.additionalProperties) ? node.additionalProperties : undefined;
}

export function itemNode(node: SchemaNode | undefined): SchemaNode | undefined {
  return isObject(node?.items) ? node.items : undefined;
}

/** Whether fields are kept that the node does not know. */
export function keepsUnknown(node: SchemaNode | undefined): boolean {
  return node === undefined || node["x-kubernetes-preserve-unknown-fields"] === true ||
    node.additionalProperties === true || node.type === undefined;
}

/** How a list is merged and owned. */
export function listType(node: SchemaNode | undefined): "atomic" | "set" | "map" {
  return (node?.["x-kubernetes-list-type"] as "set" | "map" | undefined) ?? "atomic";
}

export function listKeys(node: SchemaNode | undefined): readonly string[] {
  return (node?.["x-kubernetes-list-map-keys"] as string[] | undefined) ?? [];
}

export function isAtomicMap(node: SchemaNode | undefined): boolean {
  return node?.["x-kubernetes-map-type"] === "atomic";
}
