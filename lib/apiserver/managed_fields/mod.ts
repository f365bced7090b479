/** Who owns which field: server-side apply, and the record that every other write leaves. */
import { at, isObject, type JsonObject } from "../json.ts";
import type { KindSchema, SchemaNode } from "../schema/schema.ts";
import {
  compare,
  decode,
  difference,
  encode,
  equalSets,
  type FieldSet,
  fieldsOf,
  intersection,
  isEmpty,
  pathsOf,
  union,
} from "./field_set.ts";
import { merge, withoutForgotten } from "./merge.ts";

export interface Write {
  /** Without one, maps are owned by member and lists as a whole. */
  readonly schema: KindSchema | undefined;
  /** The object before; undefined where it is new. */
  readonly live: JsonObject | undefined;
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  /** The time of the write, as objects hold it. */
  readonly now: string;
}

/** One field that somebody else owns. */
export interface Conflict {
  /** `.spec.replicas` */
  readonly field: string;
  /** `conflict with "kubectl" using v1` */
  readonly message: string;
  /** `"kubectl" using v1`: who. */
  readonly owner: string;
}

interface Entry {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly set: FieldSet;
  /** As it is stored, while the set is what is written there. */
  readonly stored?: JsonObject;
}

/** Server-side apply: what `applied` says becomes so and is owned; what this manager said before and no longer says goes. */
export function apply(
  write: Write & { readonly applied: JsonObject; readonly force: boolean },
): { object: JsonObject } | { conflicts: Conflict[] } {
  const { schema, live = {}, applied, now } = write;
  const node = schema?.root;
  const entries = entriesOf(live);
  const mine = entries.find((entry) => isMine(entry, write, "Apply"));
  const others = entries.filter((entry) => entry !== mine);
  const said = withoutSystem(fieldsOf(node, applied, true));
  let object = merge(node, live, applied, true) as JsonObject;
  if (mine !== undefined) {
    const owners = others.map(({ set }) => set);
    object = withoutForgotten(node, object, mine.set, said, owners, true) as JsonObject;
  }
  const { changed, removed } = differences(node, live, object);
  const conflicts = write.force ? [] : conflictsWith(others, changed);
  if (conflicts.length > 0) return { conflicts };
  const left = others.map((entry) => without(entry, union(changed, removed))).filter(owns);
  const same = mine !== undefined && equalSets(mine.set, said) && mine.apiVersion === write.apiVersion;
  const entry = same ? mine : entryOf(write, "Apply", said, now);
  return { object: withEntries(object, [...left, entry]) };
}

/** PUT, POST and the other patches: who changes a field owns it. */
export function update(write: Write & { readonly updated: JsonObject }): JsonObject {
  const { schema, live = {}, updated, now } = write;
  const given = at(updated, "metadata", "managedFields");
  // An empty list is a wish to forget everything; what is not there is as it was.
  const entries = Array.isArray(given) ? entriesOf(updated) : entriesOf(live);
  const { changed, removed } = differences(schema?.root, live, updated);
  if (isEmpty(changed) && isEmpty(removed)) return withEntries(updated, entries);
  const mine = entries.find((entry) => isMine(entry, write, "Update"));
  const left = entries.filter((entry) => entry !== mine)
    .map((entry) => without(entry, union(changed, removed))).filter(owns);
  const set = difference(mine === undefined ? changed : union(mine.set, changed), removed);
  if (isEmpty(set)) return withEntries(updated, left);
  const same = mine !== undefined && equalSets(mine.set, set);
  return withEntries(updated, [...left, entryOf(write, "Update", set, same ? mine.time ?? now : now)]);
}

/** The set of what nobody can own: what names the object, and what the server writes. */
const systemFields = decode({
  "f:apiVersion": {},
  "f:kind": {},
  "f:metadata": {
    ".": {},
    "f:name": {},
    "f:namespace": {},
    "f:creationTimestamp": {},
    "f:selfLink": {},
    "f:uid": {},
    "f:generation": {},
    "f:managedFields": {},
    "f:resourceVersion": {},
  },
});

function withoutSystem(set: FieldSet): FieldSet {
  const stripped = difference({ ...set, member: false }, systemFields);
  const below = new Map(stripped.below);
  const metadata = below.get("f:metadata");
  if (metadata === undefined) return stripped;
  // Of metadata only what is below it is owned, and nothing below what is stripped.
  const kept = new Map(
    [...metadata.below].filter(([key]) => !systemFields.below.get("f:metadata")!.below.has(key)),
  );
  if (kept.size === 0) below.delete("f:metadata");
  else below.set("f:metadata", { member: false, below: kept });
  return { member: false, below };
}

function differences(node: SchemaNode | undefined, before: JsonObject, after: JsonObject) {
  const { changed, removed } = compare(node, before, after, true);
  return { changed: withoutSystem(changed), removed: withoutSystem(removed) };
}

function conflictsWith(others: readonly Entry[], changed: FieldSet): Conflict[] {
  return others.flatMap((entry) => {
    const owner = `"${entry.manager}"${
      entry.subresource === undefined ? "" : ` with subresource "${entry.subresource}"`
    }${entry.operation === "Update" ? ` using ${entry.apiVersion}` : ""}`;
    return [...pathsOf(intersection(entry.set, changed))].map((field) => {
      return { field, owner, message: `conflict with ${owner}` };
    });
  });
}

function entriesOf(object: JsonObject): Entry[] {
  const stored = at(object, "metadata", "managedFields");
  if (!Array.isArray(stored)) return [];
  return stored.filter((entry) => isObject(entry) && isObject(entry.fieldsV1)).map((entry) => ({
    ...entry as unknown as Entry,
    set: decode(entry.fieldsV1 as JsonObject),
    stored: entry,
  }));
}

function isMine(entry: Entry, write: Write, operation: Entry["operation"]): boolean {
  return entry.manager === write.manager && entry.operation === operation &&
    (entry.subresource ?? "") === (write.subresource ?? "") &&
    (operation === "Apply" || entry.apiVersion === write.apiVersion);
}

function entryOf(write: Write, operation: Entry["operation"], set: FieldSet, time: string): Entry {
  const { manager, apiVersion, subresource } = write;
  return { manager, operation, apiVersion, time, ...(subresource === undefined ? {} : { subresource }), set };
}

function without(entry: Entry, lost: FieldSet): Entry {
  const set = difference(entry.set, lost);
  return equalSets(set, entry.set) ? entry : { ...entry, set, stored: undefined };
}

function owns({ set }: Entry): boolean {
  return !isEmpty(set);
}

function withEntries(object: JsonObject, entries: readonly Entry[]): JsonObject {
  const metadata = { ...object.metadata as JsonObject };
  delete metadata.managedFields;
  if (entries.length > 0) metadata.managedFields = [...entries].sort(inOrder).map(written);
  return { ...object, metadata };
}

/** Appliers first, then by time, then by name. */
function inOrder(a: Entry, b: Entry): number {
  const order = (entry: Entry) =>
    `${entry.operation === "Apply" ? 0 : 1} ${entry.time ?? ""} ${entry.manager} ${entry.apiVersion} ${
      entry.subresource ?? ""
    }`;
  return order(a) < order(b) ? -1 : 1;
}

function written(entry: Entry): JsonObject {
  if (entry.stored !== undefined) return entry.stored;
  const { manager, operation, apiVersion, time, subresource, set } = entry;
  return {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: "FieldsV1",
    fieldsV1: encode(set),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
