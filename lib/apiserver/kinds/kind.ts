/** A kind as the server serves it in one version. */
import type { KindSchema } from "../schema/mod.ts";

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown; more only in wide tables. */
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
  /** Fields that a selector may name, besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields: readonly string[];
  readonly columns: readonly Column[];
  /** Whether it comes from a custom resource definition. */
  readonly custom: boolean;
  /** Whether `metadata.generation` counts changes of what is wanted. */
  readonly hasGeneration: boolean;
  /** Whether a PUT may create. */
  readonly createsOnPut?: boolean;
  /** Without a schema every field is kept. */
  readonly schema: KindSchema | undefined;
}

export { apiVersionOf } from "../../kube/object.ts";

/** Kept: each request asks a few times. */
const shelves = new WeakMap<object, string>();

/** Where the objects of all versions of a kind are: `configmaps`, `widgets.example.com`. */
export function shelfOf(kind: Pick<Kind, "group" | "plural">): string {
  let shelf = shelves.get(kind);
  if (shelf === undefined) {
    const { group, plural } = kind;
    shelves.set(kind, shelf = group === "" ? plural : `${plural}.${group}`);
  }
  return shelf;
}
