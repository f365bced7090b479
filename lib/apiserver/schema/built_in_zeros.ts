/**
 * Zeros of built-in kinds. The original reads objects into structures of Go, so a field that is empty and one that is not
 * there are the same to it, unless the field is a pointer. Which are left out then, and which are written all the same,
 * is read from its source by the task `apiserver:sources`.
 */
import { gunzipSync } from "node:zlib";
import { isObject, type JsonObject } from "../json.ts";
import { packedZeros } from "./built_in_go_zeros.ts";
import { type KindSchema, memberNode, type SchemaNode } from "./schema.ts";

interface Zeros {
  /** Left out where they are zero. */
  readonly omitted: readonly string[];
  /** Always there, with what they are where nothing is said. */
  readonly always: Readonly<Record<string, unknown>>;
}

let zeros: Readonly<Record<string, Zeros>> | undefined;

function zerosOf({ definition }: SchemaNode): Zeros | undefined {
  zeros ??= JSON.parse(new TextDecoder().decode(gunzipSync(Uint8Array.fromBase64(packedZeros))));
  return zeros![definition as string];
}

/** Takes away the members of a value that are as good as nothing; the value belongs to the caller. */
export function dropZeros(node: SchemaNode, value: JsonObject): void {
  for (const key of zerosOf(node)?.omitted ?? []) {
    if (key in value && isZero(value[key])) delete value[key];
  }
}

/** Adds the members that are always there; the value belongs to the caller. */
export function addZeros(node: SchemaNode, value: JsonObject): void {
  const always = zerosOf(node)?.always;
  for (const key in always) {
    if (value[key] !== undefined) continue;
    const zero = always[key];
    value[key] = isObject(zero) ? emptyValue(memberNode(node, key) ?? {}) : zero;
  }
}

/** Writes members as nothing that are lists without items: what is stored does not tell them apart. */
export function storeZeros({ root }: KindSchema, value: JsonObject): void {
  const always = zerosOf(root)?.always;
  for (const key in always) {
    const list = value[key];
    if (always[key] === null && Array.isArray(list) && list.length === 0) value[key] = null;
  }
}

/** What an object is before anybody says anything of it: nobody owns these fields. */
export function emptyObject({ root }: KindSchema): JsonObject {
  const { metadata: _, ...empty } = emptyValue(root);
  return empty;
}

function emptyValue(node: SchemaNode): JsonObject {
  const value: JsonObject = {};
  addZeros(node, value);
  return value;
}

function isZero(value: unknown): boolean {
  if (value === "" || value === false || value === 0 || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}
