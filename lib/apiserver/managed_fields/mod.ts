/** Who owns which field: server-side apply, and the record that every other write leaves. */
import { at, isObject, type JsonObject } from "../json.ts";
import { type KindSchema, rootNode } from "../schema/schema.ts";
import {
  capped,
  entriesOf,
  type Entry,
  sameWriter,
  withEntries,
  without,
  withoutEntries,
} from "./entries.ts";
import {
  decode,
  difference,
  differenceWithBelow,
  equalSets,
  type FieldSet,
  intersection,
  isEmpty,
  nothing,
  pathsOf,
  union,
} from "./field_set.ts";
import { withoutForgotten } from "./forget.ts";
import { appliedByClient, withLastApplied } from "./last_applied.ts";
import { merge } from "./merge.ts";
import { compare, fieldsOf } from "./typed.ts";

export { typingProblem } from "./typing.ts";

export interface Write {
  /** Without one, maps are owned by member and lists as a whole. */
  readonly schema: KindSchema | undefined;
  /** The object before; undefined where it is new. */
  readonly live: JsonObject | undefined;
  /** The parts of an object that are always there: nobody owns them before somebody says something of them. */
  readonly empty?: JsonObject;
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  /** Whether the status is written by itself. */
  readonly hasStatus?: boolean;
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

/**
 * Server-side apply: what `applied` says becomes so and is owned; what this manager applied before and no longer applies goes,
 * unless somebody else owns it. An apply that changes nothing gives an equal object, times included.
 */
export function apply(
  write: Write & { readonly applied: JsonObject; readonly force: boolean },
): { object: JsonObject } | { conflicts: Conflict[] } {
  const { schema, applied, now } = write;
  const node = rootNode(schema);
  const writer = writerOf(write, "Apply");
  const before = trackedEntries(write);
  const mine = before.find((entry) => sameWriter(entry, writer));
  const others = before.filter((entry) => entry !== mine);
  const live = withoutEntries(write.live);
  const said = ownable(write, fieldsOf(node, applied));
  let object = merge(node, live, applied) as JsonObject;
  if (mine !== undefined) {
    const owned = others.reduce((all, { set }) => union(all, set), said);
    object = withoutForgotten(node, object, mine.set, owned);
  }
  const { added, modified, removed } = differences(write, live, object);
  const changed = union(added, modified);
  const disputed = write.force
    ? nothing
    : difference(changed, appliedByClient(node, live, write.manager, write.apiVersion));
  const conflicts = conflictsWith(others, disputed);
  if (conflicts.length > 0) return { conflicts };
  const time = object === live ? mine?.time : now;
  const same = mine !== undefined && equalSets(mine.set, said) && mine.apiVersion === write.apiVersion &&
    mine.time === time;
  const entry = same ? mine : { ...writer, set: said, time };
  const left = without(others, changed, removed);
  const annotated = withLastApplied(tidied(object), applied, write.manager);
  return { object: withEntries(annotated, isEmpty(said) ? left : [...left, entry]) };
}

/** PUT, POST and the other patches: who changes a field owns it. An object whose fields nobody tracks stays so. */
export function update(write: Write & { readonly updated: JsonObject }): JsonObject {
  const { live, now } = write;
  const updated = tidied(write.updated);
  const entries = entriesAfter(write);
  if (entries.length === 0 && live !== undefined) return withEntries(updated, []);
  const { added, modified, removed } = differences(
    write,
    withoutEntries(live ?? write.empty),
    withoutEntries(updated),
  );
  const said = union(added, modified);
  const changed = withoutSystem(said);
  if (isEmpty(changed)) return withEntries(updated, capped(without(entries, said, removed)));
  const writer = writerOf(write, "Update");
  const mine = entries.find((entry) => sameWriter(entry, writer));
  const others = without(entries.filter((entry) => entry !== mine), said, removed);
  // What it owned already it keeps: most writes leave the very set, and nothing of it is written anew.
  const set = mine === undefined ? changed : union(difference(mine.set, removed), changed);
  return withEntries(updated, capped([...others, { ...writer, set, time: now }]));
}

function writerOf(
  { manager, apiVersion, subresource }: Write,
  operation: Entry["operation"],
): Omit<Entry, "set"> {
  return {
    manager: manager === "" ? "unknown" : manager,
    operation,
    apiVersion,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** The entries of the live object. What was there before anybody applied is of a manager of its own. */
function trackedEntries(write: Write): Entry[] {
  const { live, now } = write;
  const entries = entriesOf(live);
  if (entries.length > 0 || live === undefined) return entries;
  const { added } = differences(write, write.empty ?? {}, withoutEntries(live));
  const ofStatus = write.hasStatus === true && write.subresource === undefined;
  const set = withoutSystem(ofStatus ? differenceWithBelow(added, status) : added);
  const writer = writerOf({ ...write, manager: "before-first-apply" }, "Update");
  return isEmpty(set) ? [] : [{ ...writer, set, time: now }];
}

/** The entries that an update starts from: those it brings, or those that are there. An empty list forgets them all. */
function entriesAfter({ live, updated, subresource }: Write & { updated: JsonObject }): Entry[] {
  const given = at(updated, "metadata", "managedFields");
  if (subresource !== undefined || !Array.isArray(given)) return entriesOf(live);
  const forgets = given.length === 0 ||
    given.length === 1 && isObject(given[0]) && Object.keys(given[0]).length === 0;
  if (forgets) return [];
  const entries = entriesOf(updated);
  return entries.length > 0 ? entries : entriesOf(live);
}

/** What nobody can own: what names the object, and what the server writes. */
const systemFields: FieldSet = decode({
  "f:apiVersion": {},
  "f:kind": {},
  "f:metadata": {
    ".": {},
    "f:name": {},
    "f:namespace": {},
    "f:creationTimestamp": {},
    "f:selfLink": {},
    "f:uid": {},
    "f:clusterName": {},
    "f:generation": {},
    "f:managedFields": {},
    "f:resourceVersion": {},
  },
});

function withoutSystem(set: FieldSet): FieldSet {
  return difference(set, systemFields);
}

const spec = decode({ "f:spec": {} });
const status = decode({ "f:status": {} });

/** The fields that a request cannot write, whatever it says. What it may not say of `status` is taken out before. */
function unwritable({ subresource }: Write): FieldSet {
  return subresource === "status" ? spec : nothing;
}

function ownable(write: Write, set: FieldSet): FieldSet {
  return withoutSystem(differenceWithBelow(set, unwritable(write)));
}

function differences(write: Write, before: JsonObject, after: JsonObject) {
  const { added, modified, removed } = compare(rootNode(write.schema), before, after);
  const ignored = unwritable(write);
  const writable = (set: FieldSet) => ignored === nothing ? set : differenceWithBelow(set, ignored);
  return { added: writable(added), modified: writable(modified), removed: writable(removed) };
}

function conflictsWith(others: readonly Entry[], changed: FieldSet): Conflict[] {
  return others.toSorted((a, b) => identity(a) < identity(b) ? -1 : 1).flatMap((entry) => {
    const owner = `"${entry.manager}"${entry.subresource ? ` with subresource "${entry.subresource}"` : ""}` +
      (entry.operation === "Update" ? ` using ${entry.apiVersion}` : "");
    const fields = [...pathsOf(intersection(entry.set, changed))];
    return fields.map((field) => ({ field, owner, message: `conflict with ${owner}` }));
  });
}

/** By this text the original sorts the owners that it names. */
function identity({ manager, operation, apiVersion, subresource }: Entry): string {
  return JSON.stringify({
    manager,
    operation,
    apiVersion: operation === "Update" ? apiVersion : undefined,
    subresource,
  });
}

/** An object whose metadata has nothing in it that is empty: the API server stores none such. */
function tidied(object: JsonObject): JsonObject {
  const metadata = object.metadata;
  if (!isObject(metadata)) return object;
  if (!Object.values(metadata).some(isHollow)) return object;
  const kept = Object.entries(metadata).filter(([, value]) => !isHollow(value));
  return { ...object, metadata: Object.fromEntries(kept) };
}

function isHollow(value: unknown): boolean {
  return value === null || typeof value === "object" && Object.keys(value as object).length === 0;
}
