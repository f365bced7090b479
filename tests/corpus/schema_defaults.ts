/** What the API server fills in when it stores an object of ours: the defaults of the CRDs. */

import { parse } from "yaml";
import type { KubeObject } from "../../lib/kube/object.ts";

interface Schema {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}

/** Reads the CRDs once and returns what fills the defaults of an object in place; other kinds are left alone. */
export async function schemaDefaults(): Promise<(object: KubeObject) => void> {
  const folder = new URL("../../manifests/crds/", import.meta.url);
  const schemas = new Map<string, Schema>();
  for await (const { name } of Deno.readDir(folder)) {
    const crd = parse(await Deno.readTextFile(new URL(name, folder)));
    if (crd.kind !== "CustomResourceDefinition") continue;
    schemas.set(crd.spec.names.kind, crd.spec.versions[0].schema.openAPIV3Schema);
  }
  return (object) => {
    const schema = schemas.get(object.kind ?? "");
    if (schema !== undefined && object.apiVersion?.startsWith("aim.eai.amd.com/")) fill(object, schema);
  };
}

function fill(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    if (schema.items !== undefined) { for (const item of value) fill(item, schema.items); }
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const map = value as Record<string, unknown>;
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    if (map[key] === undefined && below.default !== undefined) map[key] = structuredClone(below.default);
    if (map[key] !== undefined) fill(map[key], below);
  }
  if (schema.additionalProperties?.properties !== undefined) {
    for (const each of Object.values(map)) fill(each, schema.additionalProperties);
  }
}
