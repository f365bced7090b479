/**
 * A kind of the API group: its names, its columns and its schemas (api.md §2 and §3).
 */
import type * as z from "zod";
import type { KubeObject } from "./k8s.ts";
import type { structure } from "./schema.ts";

/** The API group of all ten kinds. */
export const group = "aim.eai.amd.com";
/** Its only version. */
export const version = "v1alpha1";
/** `apiVersion` of every object. */
export const apiVersion = `${group}/${version}`;

/** A column of `kubectl get`. `priority` 1 shows only with `-o wide`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly priority?: 1;
}

/** An object of a kind as the API server gives it. Even `spec` may be absent (api.md §2). */
export interface Resource<Spec, Status> extends KubeObject {
  spec?: Spec;
  status?: Status;
}

type Structure = ReturnType<typeof structure>;

/** One of the ten kinds; `T` is the type of its objects. */
export interface Kind<T extends KubeObject = KubeObject> {
  readonly group: typeof group;
  readonly version: typeof version;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly subresources: { readonly status: Readonly<Record<string, never>> };
  readonly printerColumns: readonly PrinterColumn[];
  /** What `kubectl explain` says about the kind. */
  readonly description: string;
  readonly spec: Structure;
  readonly status: Structure;
  /** Never set: it ties the type of the objects to the kind for the compiler. */
  readonly objectType?: T;
}

interface KindNames {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly description: string;
  readonly printerColumns: readonly PrinterColumn[];
}

/** A kind out of what differs between kinds. */
export function defineKind<Spec extends Structure, Status extends Structure>(
  names: KindNames,
  spec: Spec,
  status: Status,
): Kind<Resource<z.infer<Spec>, z.infer<Status>>> {
  return {
    group,
    version,
    kind: names.kind,
    plural: names.plural,
    singular: names.kind.toLowerCase(),
    shortNames: [names.shortName],
    categories: ["aim", "all"],
    scope: names.scope,
    subresources: { status: {} },
    printerColumns: names.printerColumns,
    description: names.description,
    spec,
    status,
  };
}

/** A column that shows a string. */
export function column(name: string, jsonPath: string): PrinterColumn {
  return { name, type: "string", jsonPath };
}

/** A column that shows only with `-o wide`. */
export function wideColumn(name: string, jsonPath: string): PrinterColumn {
  return { name, type: "string", jsonPath, priority: 1 };
}

/** How long ago the object was made. */
export const ageColumn: PrinterColumn = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
};
