/** What of a kind the cache holds: which objects, which of their fields, and by what they can be found. */

import { equalJson } from "../json/equal.ts";
import type { FieldRules } from "./field_rules.ts";
import {
  apiVersionOf,
  type KubeObject,
  lastApplied,
  type Live,
  type ObjectMeta,
  type Resource,
} from "../object.ts";
import { type Selector, selects } from "./selector.ts";

export type { Selector } from "./selector.ts";

/** A question "which objects have value V?", answered without a scan. Made by {@link CachedKind.index}. */
export interface Index<T extends KubeObject, Optional extends boolean = boolean> {
  readonly kind: CachedKind<T, Optional>;
  readonly name: string;
  /** Small number, unique among all indexes of the program. */
  readonly id: number;
  /** The values under which an object is found; pure. Duplicates are allowed. */
  readonly valuesOf: (object: Live<T>) => readonly string[];
}

export interface CachedKindOptions<T extends KubeObject, Optional extends boolean> {
  readonly resource: Resource;
  /** Whether a cluster without this kind is a normal one (`get` may then answer `Uninstalled`). */
  readonly optional: Optional;
  /** Default: all objects of all namespaces. */
  readonly selectors?: readonly Selector[];
  /** Which of the selected objects count, by what of them never changes; default: all. */
  readonly keep?: (raw: Live<T>) => boolean;
  /**
   * The part of an object that anybody reads or applies, metadata aside; default: all of it. It must
   * contain every path that we ever apply, or drift there would wake nobody (tests/corpus/children_test.ts).
   */
  readonly project?: (raw: Live<T>) => Kept<T>;
  /** Whether metadata beyond identity, labels and owners is kept (annotations, finalizers). Default true. */
  readonly annotations?: boolean;
  /** Field managers whose server-side-apply entries are kept for the applier. Default: none. */
  readonly managers?: readonly string[];
  /** What a comparison of what we apply with what is there must know; default: nothing beyond `managedFields`. */
  readonly fieldRules?: FieldRules;
}

/** A projection, metadata aside. */
type Kept<T extends KubeObject> = Omit<T, "metadata" | "apiVersion" | "kind">;

/**
 * The function, with another answer where it throws. An object stored under another schema may have any shape:
 * it is then kept whole, or found by no value of an index, and the objects beside it are as they were. That the
 * object itself is wrong is said where it is reconciled.
 */
function orElse<A, R>(ask: (of: A) => R, otherwise: () => R): (of: A) => R {
  return (of) => {
    try {
      return ask(of);
    } catch {
      return otherwise();
    }
  };
}

let kinds = 0;
let indexes = 0;

/** A kind as the cache holds it. One constant per kind; its indexes stand beside the code that asks them. */
export class CachedKind<T extends KubeObject, Optional extends boolean = boolean> {
  readonly resource: Resource;
  readonly optional: Optional;
  readonly selectors: readonly Selector[];
  readonly keep: (raw: Live<T>) => boolean;
  readonly fieldRules: FieldRules;
  /** Small number, unique among all kinds of the program. */
  readonly id = kinds++;
  readonly #options: CachedKindOptions<T, Optional>;
  readonly #indexes: Index<T, Optional>[] = [];
  #sealed = false;
  readonly #apiVersion: string;
  /** What this kind has projected: an informer does it page by page, so that no list is held whole. */
  readonly #projections = new WeakSet<object>();

  constructor(options: CachedKindOptions<T, Optional>) {
    this.#options = options;
    this.resource = options.resource;
    this.optional = options.optional;
    this.selectors = options.selectors ?? [{}];
    this.fieldRules = options.fieldRules ?? {};
    this.keep = orElse(options.keep ?? (() => true), () => true);
    this.#apiVersion = apiVersionOf(options.resource);
  }

  /**
   * Adds an index: indexes are module-level constants. Throws once there is a store of this kind, which would find
   * nothing by it.
   */
  index(name: string, valuesOf: (object: Live<T>) => readonly string[]): Index<T, Optional> {
    if (this.#sealed) {
      throw new Error(
        `index ${name} of ${this.resource.plural} comes too late: a store of them is made already`,
      );
    }
    const index = { kind: this, name, id: indexes++, valuesOf: orElse(valuesOf, () => []) };
    this.#indexes.push(index);
    return index;
  }

  /** Whose entries of `managedFields` are kept. */
  get managers(): readonly string[] {
    return this.#options.managers ?? [];
  }

  get indexes(): readonly Index<T, Optional>[] {
    return this.#indexes;
  }

  /** A store is made of this kind: its indexes are complete. */
  seal(): void {
    this.#sealed = true;
  }

  /** Which of the selectors' lists would carry an object as it came over the wire; bit n stands for the nth. */
  selectedBy(raw: Live<T>): number {
    if (!this.keep(raw)) return 0;
    return this.selectors.reduce((bits, selector, n) => selects(selector, raw) ? bits | 1 << n : bits, 0);
  }

  /** What the cache keeps of an object that came over the wire. A projection is left as it is. */
  readonly project = (raw: Live<T>): Live<T> => {
    if (this.#projections.has(raw)) return raw;
    const projection = this.#project(raw);
    this.#projections.add(projection);
    return projection;
  };

  #project(raw: Live<T>): Live<T> {
    const { project, annotations = true } = this.#options;
    const { apiVersion: _, kind: __, metadata, ...rest } = raw;
    const kept = project === undefined ? rest : orElse(project, () => rest as unknown as Kept<T>)(raw);
    return {
      // From the kind, not the wire: the items of a list of built-in objects carry neither.
      apiVersion: this.#apiVersion,
      kind: this.resource.kind,
      metadata: projectMetadata(metadata, annotations, this.managers),
      ...kept,
    } as unknown as Live<T>;
  }

  /** Whether two projections say the same; the version is not part of what an object says. */
  sameProjection(a: Live<T>, b: Live<T>): boolean {
    return equalJson(withoutVersion(a), withoutVersion(b));
  }
}

/** A kind of which only the identity matters: names in plans, keys of maps. */
// deno-lint-ignore no-explicit-any
export type AnyKind = CachedKind<any, any>;

function projectMetadata(raw: ObjectMeta, annotations: boolean, managers: readonly string[]): ObjectMeta {
  const kept: ObjectMeta = { name: raw.name, uid: raw.uid, resourceVersion: raw.resourceVersion };
  if (raw.namespace !== undefined) kept.namespace = raw.namespace;
  if (raw.generation !== undefined) kept.generation = raw.generation;
  if (raw.creationTimestamp !== undefined) kept.creationTimestamp = raw.creationTimestamp;
  if (raw.deletionTimestamp !== undefined) kept.deletionTimestamp = raw.deletionTimestamp;
  if (raw.labels !== undefined) kept.labels = raw.labels;
  if (raw.ownerReferences !== undefined) kept.ownerReferences = raw.ownerReferences;
  if (raw.finalizers !== undefined) kept.finalizers = raw.finalizers;
  if (annotations && raw.annotations !== undefined) {
    const { [lastApplied]: _, ...others } = raw.annotations;
    kept.annotations = others;
  }
  const own = raw.managedFields?.filter((entry) =>
    entry.operation === "Apply" && !entry.subresource && managers.includes(entry.manager ?? "")
  );
  if (own !== undefined && own.length > 0) {
    // As text: the entries of 5,000 objects as trees would be the larger part of the cache.
    kept.managedFields = own.map(({ manager, operation, apiVersion, fieldsV1 }) => ({
      manager,
      operation,
      apiVersion,
      fieldsV1: typeof fieldsV1 === "string" ? fieldsV1 : JSON.stringify(fieldsV1),
    }));
  }
  return kept;
}

function withoutVersion(object: Live<KubeObject>): unknown {
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
