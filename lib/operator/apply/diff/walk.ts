import { isObject, type JsonObject } from "../../../kube/json/json.ts";
import type { KubeObject } from "../../../kube/object.ts";
import { compareAtomic } from "./atomic.ts";
import type { Difference, Place, Walk } from "./difference.ts";
import { elementsOf, type FieldNode, isLeaf, ownFields } from "./managed_fields.ts";
import { compareList } from "./list.ts";
import { liveMap, property, sameScalar } from "./normalize.ts";
import { renderPath, type Step } from "./path.ts";
import type { FieldRules } from "../../../kube/cache/field_rules.ts";
import { compile, step } from "./rules.ts";

/** Who applies, and what is known about the kind. */
export interface OwnerOptions {
  /** The field manager that applies. */
  readonly manager: string;
  /** The apiVersion that is applied; fields owned at another version do not count. */
  readonly apiVersion: string;
  /** What `ownEntry` made of the object's managedFields, where a cache dropped them. */
  readonly owned?: string;
  /** Those of the kind (`CachedKind.fieldRules`). */
  readonly rules?: FieldRules;
}

/** All differences, in the order of D; those of ownership removed last. */
export function differencesOf(
  desired: JsonObject,
  live: KubeObject | undefined,
  options: OwnerOptions,
): Difference[] {
  const nothing: Difference[] = [{ path: "", why: "unowned", desired, live }];
  if (live === undefined) return nothing;
  const owned = options.owned === undefined
    ? ownFields(live, options.manager, options.apiVersion)
    : JSON.parse(options.owned) as FieldNode;
  const rules = options.rules && compile(options.rules);
  const walk = new ObjectWalk();
  walk.map(desired, owned ?? NOTHING_OWNED, live, { at: undefined, rules }, ROOT_WITHOUT_OWNER);
  // A D without a single leaf owns nothing, and the server then keeps no entry for it.
  return owned === undefined && walk.found.length > 0 ? nothing : walk.found;
}

/** Fields that the server never records in `managedFields`, so they are no leaves of D. */
const ROOT_WITHOUT_OWNER = new Set(["apiVersion", "kind"]);
const METADATA_WITHOUT_OWNER = new Set([
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "selfLink",
  "managedFields",
]);
const NONE: ReadonlySet<string> = new Set();
const NOTHING_OWNED: FieldNode = {};

/** One comparison under way. Walks D and F together; L follows. */
class ObjectWalk implements Walk {
  readonly found: Difference[] = [];

  /** A granular map: D's fields are owned one by one. */
  map(d: JsonObject, owned: FieldNode, l: unknown, place: Place, withoutOwner = NONE): void {
    for (const key of Object.keys(d)) {
      if (d[key] === undefined || withoutOwner.has(key)) continue;
      const at = { up: place.at, element: `f:${key}` };
      const below = { at, rules: step(place.rules, key) };
      if (withoutOwner === ROOT_WITHOUT_OWNER && key === "metadata") {
        const metadata = owned["f:metadata"] ?? NOTHING_OWNED;
        this.map(d[key] as JsonObject, metadata, property(l, key), below, METADATA_WITHOUT_OWNER);
        continue;
      }
      const field = owned[at.element];
      if (field === undefined) this.report("unowned", at, d[key], property(l, key));
      else this.field(d[key], field, property(l, key), below);
    }
    for (const element of elementsOf(owned)) {
      if (property(d, element.slice(2)) !== undefined && element.startsWith("f:")) continue;
      this.report("released", { up: place.at, element }, undefined, property(l, element.slice(2)));
    }
  }

  /** A field that we own, of whatever shape. */
  field(d: unknown, owned: FieldNode, l: unknown, place: Place): void {
    if (isLeaf(owned)) this.leaf(d, l, place);
    else if (Array.isArray(d)) compareList(this, d, owned, l, place);
    else if (isObject(d)) this.map(d, owned, l, place);
    else this.report("value", place.at, d, l);
  }

  private leaf(d: unknown, l: unknown, place: Place): void {
    if (isObject(d) && Object.keys(d).length === 0) this.presence(d, l, place);
    else if (typeof d === "object") compareAtomic(this, d, l, place);
    else if (!sameScalar(d, l, place.rules)) this.report("value", place.at, d, l);
  }

  /**
   * D is `{}`: the map is to be there, its content is the server's or others' affair. Of the atomic maps
   * that may be empty the selectors are known by name; there `{}` means empty.
   */
  private presence(d: JsonObject, l: unknown, place: Place): void {
    const element = place.at?.element ?? "";
    const live = liveMap(l, element);
    const meansEmpty = element === "f:selector" || element.endsWith("Selector");
    if (live === undefined || (meansEmpty && Object.keys(live).length > 0)) {
      this.report("value", place.at, d, l);
    }
  }

  report(why: Difference["why"], at: Step | undefined, desired: unknown, live: unknown): void {
    this.found.push({ path: renderPath(at), why, desired, live });
  }
}
