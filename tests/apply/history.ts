/** What happened to an object before we look: our own applies, and what others did. */
import fc from "fast-check";
import { type ApplyServer, refusal, type Stored } from "./server.ts";
import type { Json, Subject } from "./subjects.ts";

export type Event =
  /** We, or another manager, apply. */
  | { readonly do: "apply"; readonly by: "us" | "other"; readonly body: Json }
  /** Another manager merges some fields of a body into the object. */
  | { readonly do: "merge"; readonly body: Json }
  /** Another manager changes one place of the live object, found by number. */
  | { readonly do: Way; readonly place: number }
  /** Somebody wipes the record of ownership. */
  | { readonly do: "disown" };

export function events(subject: Subject): fc.Arbitrary<Event[]> {
  const place = fc.nat(1000);
  const edit = (how: Way) => place.map((at): Event => ({ do: how, place: at }));
  const ours = subject.wanted.map((body): Event => ({ do: "apply", by: "us", body }));
  const later = fc.oneof(
    { weight: 4, arbitrary: ours },
    { weight: 3, arbitrary: subject.wanted.map((body): Event => ({ do: "apply", by: "other", body })) },
    { weight: 2, arbitrary: subject.wanted.map((body): Event => ({ do: "merge", body })) },
    { weight: 3, arbitrary: edit("remove") },
    { weight: 3, arbitrary: edit("alter") },
    { weight: 1, arbitrary: edit("double") },
    { weight: 1, arbitrary: edit("turn") },
    { weight: 1, arbitrary: fc.constant<Event>({ do: "disown" }) },
  );
  // Half of the histories end in a clean apply of ours: there a single nudge decides.
  return fc.oneof(
    ours.map((event) => [event]),
    fc.tuple(later, ours).map((both) => [...both]),
    fc.tuple(ours, fc.array(later, { minLength: 1, maxLength: 3 })).map(([first, rest]) => [first, ...rest]),
    fc.array(later, { minLength: 1, maxLength: 4 }),
  );
}

/** Plays a history; what the server refuses did not happen. Returns what we applied last. */
export async function play(
  server: ApplyServer,
  subject: Subject,
  name: string,
  history: readonly Event[],
  full: (body: Json) => Json,
  manager: string,
): Promise<Json | undefined> {
  let applied: Json | undefined;
  for (const event of history) {
    try {
      if (event.do === "apply") {
        await server.apply(subject, full(event.body), event.by === "us" ? manager : "other");
        if (event.by === "us") applied = event.body;
      } else if (event.do === "merge") {
        await server.patch(subject, name, event.body, "merger", "merge");
      } else if (event.do === "disown") {
        await server.patch(subject, name, { metadata: { managedFields: [{}] } }, "x", "merge");
      } else {
        const live = await server.get(subject, name);
        const patch = live && edit(live, event.do, event.place);
        if (patch) await server.patch(subject, name, patch, "editor", "json");
      }
    } catch (error) {
      refusal(error);
    }
  }
  return applied;
}

/** Ways to change one place. */
export type Way = "remove" | "alter" | "double" | "turn";

/** One operation of a JSON patch. */
interface Operation {
  readonly op: "remove" | "replace" | "add";
  readonly path: string;
  readonly value?: unknown;
}

/** A JSON patch that does this to the n-th place of the live object where it can be done. */
function edit(live: Stored, how: Way, n: number): [Operation] | undefined {
  const { labels, annotations, finalizers, ownerReferences } = live.metadata ?? {};
  const metadata = { labels, annotations, finalizers, ownerReferences };
  return operationAt({ spec: live.spec, data: live.data, metadata }, how, n);
}

/** The body with one place changed, and without what became empty by that. */
export function nudged(body: Json, how: Way, n: number): Json {
  const [operation] = operationAt(body, how, n) ?? [];
  if (operation === undefined) return body;
  const names = operation.path.slice(1).split("/").map((name) =>
    name.replaceAll("~1", "/").replaceAll("~0", "~")
  );
  return change(body, names, operation) as Json;
}

function change(value: unknown, [name, ...names]: string[], operation: Operation): unknown {
  const copy = structuredClone(value) as Json | unknown[];
  const gone = Symbol();
  const below = names.length > 0
    ? change((copy as Json)[name], names, operation)
    : operation.op === "remove"
    ? gone
    : operation.value;
  const vanishes = below === gone || (names.length > 0 && Object.keys(below as object).length === 0);
  if (Array.isArray(copy)) {
    if (name === "-") copy.push(below);
    else copy.splice(Number(name), 1, ...vanishes ? [] : [below]);
  } else if (vanishes) delete copy[name];
  else copy[name] = below;
  return copy;
}

function operationAt(ground: Json, how: Way, n: number): [Operation] | undefined {
  const fits = {
    remove: () => true,
    alter: (value: unknown) => typeof value !== "object",
    double: (value: unknown) => Array.isArray(value) && value.length > 0,
    turn: (value: unknown) => Array.isArray(value) && value.length > 1,
  }[how];
  const places = placesOf(ground, "").filter(({ pointer, value }) =>
    pointer.split("/").length > 2 && fits(value)
  );
  if (places.length === 0) return undefined;
  const { pointer: path, value } = places[n % places.length];
  switch (how) {
    case "remove":
      return [{ op: "remove", path }];
    case "alter":
      return [{ op: "replace", path, value: altered(value) }];
    case "double":
      return [{ op: "add", path: `${path}/-`, value: (value as unknown[])[0] }];
    case "turn":
      return [{ op: "replace", path, value: (value as unknown[]).toReversed() }];
  }
}

interface Place {
  readonly pointer: string;
  readonly value: unknown;
}

function placesOf(value: unknown, pointer: string): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).filter(([, below]) => below !== undefined && below !== null).flatMap(
    ([key, below]) => {
      const place = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      return [{ pointer: place, value: below }, ...placesOf(below, place)];
    },
  );
}

function altered(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return value === "1" ? "2" : "1";
}
