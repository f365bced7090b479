/** `metadata.managedFields`: one entry for each manager, operation, subresource and (for updates) version. */
import { at, isObject, type JsonObject } from "../json.ts";
import { decode, difference, encode, equalSets, type FieldSet, isEmpty, union } from "./field_set.ts";

export interface Entry {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly set: FieldSet;
  /** As it is stored, while it says what is written there. */
  readonly stored?: JsonObject;
}

/** Of so many updaters each has an entry of its own; what the oldest of more did becomes one. */
const maxUpdaters = 10;

/** The entries of an object; none where one of them cannot be read. */
export function entriesOf(object: JsonObject | undefined): Entry[] {
  const stored = at(object, "metadata", "managedFields");
  if (!Array.isArray(stored) || !stored.every(isReadable)) return [];
  return stored.map((entry) => ({
    ...entry,
    set: decode(isObject(entry.fieldsV1) ? entry.fieldsV1 : {}),
    stored: entry,
  }));
}

function isReadable(entry: unknown): entry is JsonObject & Entry {
  return isObject(entry) && (entry.operation === "Apply" || entry.operation === "Update") &&
    typeof entry.apiVersion === "string" && entry.apiVersion !== "" && entry.fieldsType === "FieldsV1";
}

/** Whether two entries are of the same writer. An applier stays the same in another version. */
export function sameWriter(a: Omit<Entry, "set">, b: Omit<Entry, "set">): boolean {
  return a.manager === b.manager && a.operation === b.operation &&
    (a.subresource ?? "") === (b.subresource ?? "") &&
    (a.operation === "Apply" || a.apiVersion === b.apiVersion);
}

/** An entry with another set; the entry itself where that is the same set. */
export function withSet(entry: Entry, set: FieldSet): Entry {
  return set === entry.set || equalSets(set, entry.set) ? entry : { ...entry, set, stored: undefined };
}

/** Entries that have lost some fields; those that have none left are gone. */
export function without(entries: readonly Entry[], ...lost: readonly FieldSet[]): Entry[] {
  return entries.map((entry) => withSet(entry, lost.reduce(difference, entry.set))).filter(({ set }) =>
    !isEmpty(set)
  );
}

/** An object with these entries in the order in which they are stored; the field is absent where there are none. */
export function withEntries(object: JsonObject, entries: readonly Entry[]): JsonObject {
  if (entries.length === 0) return withoutEntries(object);
  const managedFields = [...entries].sort(inOrder).map(written);
  return { ...object, metadata: { ...object.metadata as JsonObject, managedFields } };
}

export function withoutEntries(object: JsonObject | undefined): JsonObject {
  if (object === undefined) return {};
  if (at(object, "metadata", "managedFields") === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata as JsonObject;
  return { ...object, metadata };
}

/** Appliers first, then by time, by name, by version, by subresource. */
function inOrder(a: Entry, b: Entry): number {
  return compareText(a.operation, b.operation) || (a.time === b.time ? 0 : seconds(a) - seconds(b)) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) || compareText(a.subresource ?? "", b.subresource ?? "");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function seconds({ time }: Entry): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

function written(entry: Entry): JsonObject {
  if (entry.stored !== undefined) return entry.stored;
  const { manager, operation, apiVersion, time, subresource, set } = entry;
  return {
    apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: encode(set),
    manager,
    operation,
    ...(subresource === undefined ? {} : { subresource }),
    ...(time === undefined ? {} : { time }),
  };
}

/** The oldest updaters of one version become one where there are too many of them. */
export function capped(entries: readonly Entry[]): Entry[] {
  if (entries.length <= maxUpdaters) return [...entries];
  const updaters = entries.filter(({ operation }) => operation === "Update").sort(inOrder);
  let excess = updaters.length - maxUpdaters;
  if (excess <= 0) return [...entries];
  const firsts = new Map<string, Entry>();
  const left = new Set(entries);
  const buckets = new Map<string, Entry>();
  for (const entry of updaters) {
    if (excess <= 0) break;
    const first = firsts.get(entry.apiVersion);
    if (first === undefined) {
      firsts.set(entry.apiVersion, entry);
      continue;
    }
    const bucket = buckets.get(entry.apiVersion);
    left.delete(first);
    left.delete(entry);
    buckets.set(entry.apiVersion, {
      manager: "ancient-changes",
      operation: "Update",
      apiVersion: entry.apiVersion,
      time: entry.time,
      set: union((bucket ?? first).set, entry.set),
    });
    excess--;
  }
  return [...left, ...buckets.values()];
}
