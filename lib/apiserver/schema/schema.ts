/** What a schema says of the values below it. */
import { isObject, type JsonObject } from "../json.ts";

/** One node of a structural schema, as a custom resource definition writes it. */
export type SchemaNode = JsonObject;

export interface KindSchema {
  readonly root: SchemaNode;
  /** Its kind is the API server's own: it has rules in code, not in the schema. */
  readonly builtIn?: true;
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

/** The node for a member of an object; undefined where the schema does not know it. An own node of the root comes before what all kinds share. */
export function memberNode(
  node: SchemaNode | undefined,
  key: string,
  isRoot = false,
): SchemaNode | undefined {
  const declared = declaredNode(node, key);
  if (declared !== undefined && !(isRoot && key === "metadata" && declared.properties === undefined)) {
    return declared;
  }
  if (isRoot || node?.["x-kubernetes-embedded-resource"] === true) {
    if (key === "metadata") return metadataNode;
    if (key === "apiVersion" || key === "kind") return text;
  }
  if (declared !== undefined) return declared;
  return isObject(node?.additionalProperties) ? node.additionalProperties : undefined;
}

/** The node of a member that the schema knows by its name. */
function declaredNode(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  const properties = node?.properties;
  return isObject(properties) && Object.hasOwn(properties, key) ? properties[key] as SchemaNode : undefined;
}

/** Whether the schema knows a member by its name, and not only by what all other members are like. */
export function isDeclared(node: SchemaNode | undefined, key: string): boolean {
  return declaredNode(node, key) !== undefined ||
    node?.["x-kubernetes-embedded-resource"] === true &&
      (key === "metadata" || key === "apiVersion" || key === "kind");
}

export function itemNode(node: SchemaNode | undefined): SchemaNode | undefined {
  return isObject(node?.items) ? node.items : undefined;
}

const roots = new WeakMap<KindSchema, SchemaNode>();
const schemaless: SchemaNode = withSharedFields({
  type: "object",
  "x-kubernetes-preserve-unknown-fields": true,
});

/** The node of whole objects, with the fields that all kinds share; without a schema every other field is kept. */
export function rootNode(schema: KindSchema | undefined): SchemaNode {
  if (schema === undefined) return schemaless;
  let root = roots.get(schema);
  if (root === undefined) roots.set(schema, root = withSharedFields(schema.root));
  return root;
}

function withSharedFields(node: SchemaNode): SchemaNode {
  const shared = Object.fromEntries(
    ["apiVersion", "kind", "metadata"].map((key) => [key, memberNode(node, key, true)]),
  );
  return { ...node, properties: { ...node.properties as JsonObject | undefined, ...shared } };
}

/** Whether fields are kept that the node does not know. */
export function keepsUnknown(node: SchemaNode | undefined): boolean {
  return node === undefined || node["x-kubernetes-preserve-unknown-fields"] === true ||
    node.additionalProperties === true || node.type === undefined;
}

/** How a list is merged and owned. Where only strategic merge knows how, that counts. */
export function listType(node: SchemaNode | undefined): "atomic" | "set" | "map" {
  const said = node?.["x-kubernetes-list-type"];
  if (said === "set" || said === "map") return said;
  if (said !== undefined || !mergesByStrategy(node)) return "atomic";
  return node?.["x-kubernetes-patch-merge-key"] === undefined ? "set" : "map";
}

/** Whether a strategic merge patch merges a list. */
export function mergesByStrategy(node: SchemaNode | undefined): boolean {
  const strategy = node?.["x-kubernetes-patch-strategy"];
  return typeof strategy === "string" && strategy.split(",").includes("merge");
}

export function listKeys(node: SchemaNode | undefined): readonly string[] {
  const keys = node?.["x-kubernetes-list-map-keys"];
  if (Array.isArray(keys)) return keys;
  const key = node?.["x-kubernetes-patch-merge-key"];
  return typeof key === "string" ? [key] : [];
}

/** A word of ours for a text that is empty where nothing is said of it: that counts only where it is the key of an item. */
export const emptyKey = "x-empty-key";

/** What the key of an item is that does not say it; undefined where there is no such. */
export function defaultKey(items: SchemaNode | undefined, key: string): unknown {
  const member = memberNode(items, key);
  return member?.default ?? (member?.[emptyKey] === true ? "" : undefined);
}

/**
 * Whether maps are owned as a whole. A node that is no map but may hold one (any JSON, a quantity) is one field; one that
 * keeps what it does not know is not.
 */
export function isAtomicMap(node: SchemaNode | undefined): boolean {
  if (node === undefined) return false;
  if (node["x-kubernetes-map-type"] === "atomic") return true;
  return node.type !== "object" && node["x-kubernetes-preserve-unknown-fields"] !== true &&
    node.properties === undefined;
}

const read = new WeakMap<object, SchemaNode>();

/** Notes that a part of an object is as its node wants it: typed, pruned, with its defaults. It may be stored so. */
export function noteRead(node: SchemaNode, part: unknown): void {
  if (typeof part === "object" && part !== null) read.set(part, node);
}

/** Whether a part was read by that very node before and has been stored: whoever hands it in again has not changed it. */
export function wasRead(node: SchemaNode, part: unknown): boolean {
  return typeof part === "object" && part !== null && read.get(part) === node && Object.isFrozen(part);
}
