/**
 * What the API server leaves out of objects of built-in kinds because it is empty: lists, maps and texts, and those numbers and
 * truths whose zero means the same as nothing. A schema does not say which those are: this is a table.
 */
import { isObject, type JsonObject } from "../json.ts";
import { memberNode, type SchemaNode } from "./schema.ts";

/** Texts whose emptiness says something; `type` is that of a path on the host. */
const tellingTexts = new Set([
  "type",
  "storageClassName",
  "ingressClassName",
  "apiGroup",
  "preemptionPolicy",
]);

/** Truths that are false where nothing is said. */
const falseByNature = new Set([
  "globalDefault",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "paused",
  "preserveUnknownFields",
  "publishNotReadyAddresses",
  "readOnly",
  "stdin",
  "stdinOnce",
  "tty",
  "unschedulable",
]);

/** Numbers that are 0 where nothing is said. */
const zeroByNature = new Set([
  "active",
  "availableReplicas",
  "collisionCount",
  "currentReplicas",
  "failed",
  "healthCheckNodePort",
  "hostPort",
  "initialDelaySeconds",
  "minReadySeconds",
  "nodePort",
  "observedGeneration",
  "readyReplicas",
  "signal",
  "succeeded",
  "unavailableReplicas",
  "updatedReplicas",
]);

/** Takes away the members of a value that are as good as nothing; the value belongs to the caller. */
export function dropZeros(node: SchemaNode, value: JsonObject): void {
  const required = node.required;
  for (const key of Object.keys(value)) {
    const member = memberNode(node, key);
    if (member === undefined || !isObject(node.properties)) continue;
    if (isZero(member, key, value[key]) && !(Array.isArray(required) && required.includes(key))) {
      delete value[key];
    }
  }
}

function isZero(node: SchemaNode, key: string, value: unknown): boolean {
  if (value === "") return node.type === "string" && !tellingTexts.has(key);
  if (value === false) return falseByNature.has(key);
  if (value === 0) return zeroByNature.has(key);
  if (Array.isArray(value)) return value.length === 0 && node.type === "array";
  return isObject(value) && node.additionalProperties !== undefined && Object.keys(value).length === 0;
}
