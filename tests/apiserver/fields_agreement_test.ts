/**
 * Schemas, managed fields and patches of `lib/apiserver` against the real API server: random requests about random objects. Each
 * step starts from what the real one answered last, so one difference does not make the next.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isObject, type JsonObject, thawed } from "../../lib/apiserver/json.ts";
import { apply, type Conflict, update, type Write } from "../../lib/apiserver/managed_fields/mod.ts";
import { jsonPatch, mergePatch, PatchError, strategicMergePatch } from "../../lib/apiserver/patch/mod.ts";
import { applyDefaults, prune } from "../../lib/apiserver/schema/mod.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import {
  aimServiceDefinition,
  type FieldsSubject,
  fieldsSubjects,
  thingDefinition,
} from "./fields_subjects.ts";

/** The same each time, so that a run says something of a change; `nightly` draws others. */
const seed = Number(Deno.env.get("SEED") ?? 1);
const histories = Number(Deno.env.get("HISTORIES") ?? 12);
const steps = 8;

/** What a request is made of; which object it is about is no part of it. */
type Step =
  | { readonly does: "apply"; readonly manager: string; readonly force: boolean; readonly said: JsonObject }
  | {
    readonly does: "put" | "merge" | "json" | "strategic";
    readonly manager: string;
    readonly said: JsonObject;
  };

function stepOf(subject: FieldsSubject): fc.Arbitrary<Step> {
  const manager = fc.constantFrom("one", "two", "three");
  const others = subject.builtIn
    ? ["put", "merge", "json", "strategic"] as const
    : ["put", "merge", "json"] as const;
  return fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constant("apply" as const),
        manager,
        force: fc.boolean(),
        said: subject.said,
      }),
    },
    { weight: 2, arbitrary: fc.record({ does: fc.constantFrom(...others), manager, said: subject.said }) },
  );
}

interface Answer {
  readonly code: number;
  readonly object: JsonObject;
}

async function send(
  plane: ControlPlane,
  method: string,
  path: string,
  body: unknown,
  type: string,
): Promise<Answer> {
  try {
    return { code: 200, object: await plane.request(method, path, body, type) };
  } catch (error) {
    const [, code, text] = /: (\d{3}) (.*)/s.exec(String(error)) ?? [];
    if (code === undefined) throw error;
    return { code: Number(code), object: JSON.parse(text) };
  }
}

function pathOf({ apiVersion, plural }: FieldsSubject, name = ""): string {
  return `${apiVersion.includes("/") ? "/apis" : "/api"}/${apiVersion}/namespaces/default/${plural}${
    name && "/"
  }${name}`;
}

/** A whole object out of what a step says of it. */
function whole({ apiVersion, kind }: FieldsSubject, name: string, said: JsonObject): JsonObject {
  return { ...said, apiVersion, kind, metadata: { ...said.metadata as JsonObject, name } };
}

/** A JSON patch with an operation for each field of the metadata and of the rest. */
function operationsOf(live: JsonObject, said: JsonObject): JsonObject[] {
  const { metadata, ...rest } = said;
  const members = (at: string, there: unknown, wanted: unknown) =>
    Object.entries(isObject(wanted) ? wanted : {}).map(([key, value]) => ({
      op: isObject(there) && there[key] !== undefined ? "replace" : "add",
      path: `${at}/${key}`,
      value,
    }));
  return [
    ...members("/metadata", live.metadata, metadata),
    ...Object.entries(rest).flatMap(([key, value]) =>
      live[key] === undefined ? [{ op: "add", path: `/${key}`, value }] : members(`/${key}`, live[key], value)
    ),
  ];
}

function ask(
  plane: ControlPlane,
  subject: FieldsSubject,
  name: string,
  live: JsonObject | undefined,
  step: Step,
): Promise<Answer> {
  const path = `${pathOf(subject, name)}?fieldManager=${step.manager}`;
  const object = whole(subject, name, step.said);
  switch (step.does) {
    case "apply":
      return send(plane, "PATCH", `${path}&force=${step.force}`, object, "application/apply-patch+yaml");
    case "put":
      return send(plane, "PUT", path, putObject(live!, object), "application/json");
    case "json":
      return send(plane, "PATCH", path, operationsOf(live!, step.said), "application/json-patch+json");
    default: {
      const type = step.does === "merge" ? "merge-patch" : "strategic-merge-patch";
      return send(plane, "PATCH", path, step.said, `application/${type}+json`);
    }
  }
}

/** What a client sends that read the object, and says some of it anew. */
function putObject(live: JsonObject, object: JsonObject): JsonObject {
  const { managedFields: _, ...metadata } = live.metadata as JsonObject;
  return { ...live, ...object, metadata: { ...metadata, ...object.metadata as JsonObject } };
}

/** What ours makes of the same; conflicts, or the object. */
function foresee(
  subject: FieldsSubject,
  name: string,
  live: JsonObject | undefined,
  step: Step,
): JsonObject | Conflict[] {
  const { schema, apiVersion } = subject;
  const write: Write = {
    schema,
    live,
    manager: step.manager,
    apiVersion,
    now: new Date().toISOString(),
  };
  const object = whole(subject, name, step.said);
  if (step.does === "apply") {
    const result = apply({ ...write, applied: object, force: step.force });
    return "conflicts" in result ? result.conflicts : applyDefaults(schema, thawed(result.object));
  }
  const updated = thawed(changed(subject, live!, object, step));
  const { object: known } = prune(schema, updated);
  return update({ ...write, updated: applyDefaults(schema, known) });
}

function changed(subject: FieldsSubject, live: JsonObject, object: JsonObject, step: Step): JsonObject {
  switch (step.does) {
    case "put":
      return putObject(live, object);
    case "json":
      return jsonPatch(live, operationsOf(live, step.said)) as JsonObject;
    case "merge":
      return mergePatch(live, step.said) as JsonObject;
    default:
      return strategicMergePatch(subject.schema, live, step.said);
  }
}

/** An object without what only a server knows; entries without their times, in an order of ours. */
function comparable(object: JsonObject): JsonObject {
  const { managedFields, labels, annotations, finalizers } = object.metadata as JsonObject;
  const entries = ((managedFields ?? []) as JsonObject[]).map(({ time, ...entry }) => ({
    ...entry,
    timed: time !== undefined,
  }));
  const key = (entry: JsonObject) => JSON.stringify([entry.manager, entry.operation, entry.apiVersion]);
  const { status: _, ...rest } = object;
  const filled = (value: unknown) => isObject(value) && Object.keys(value).length === 0 ? undefined : value;
  return JSON.parse(JSON.stringify({
    ...rest,
    metadata: {
      labels: filled(labels),
      annotations: filled(annotations),
      finalizers: Array.isArray(finalizers) && finalizers.length === 0 ? undefined : finalizers,
      managedFields: entries.sort((a, b) => key(a) < key(b) ? -1 : 1),
    },
  }));
}

/** What an allocating server adds to a new Service. */
const allocated = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"];

function withAllocated(ours: JsonObject, theirs: JsonObject): JsonObject {
  const [mine, spec] = [ours.spec as JsonObject, theirs.spec as JsonObject];
  const given = allocated.filter((key) => mine[key] === undefined && spec[key] !== undefined);
  return { ...ours, spec: { ...mine, ...Object.fromEntries(given.map((key) => [key, spec[key]])) } };
}

/** Compares one step. @returns what is stored then */
async function agree(
  plane: ControlPlane,
  subject: FieldsSubject,
  name: string,
  live: JsonObject | undefined,
  step: Step,
): Promise<JsonObject | undefined> {
  const theirs = await ask(plane, subject, name, live, step);
  let ours: JsonObject | Conflict[];
  try {
    ours = foresee(subject, name, live, step);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    assert.notEqual(theirs.code, 200, error.message);
    return live;
  }
  // What the rules of a built-in kind refuse is no matter of this test.
  if (theirs.code === 422 || theirs.code === 400) return live;
  if (Array.isArray(ours)) {
    assert.equal(
      theirs.code,
      409,
      `ours conflicts: ${ours.map(({ field, message }) => `${message}: ${field}`)}`,
    );
    const causes = (theirs.object.details as { causes: JsonObject[] }).causes.map(({ field, message }) =>
      `${message}: ${field}`
    );
    assert.deepEqual(ours.map(({ field, message }) => `${message}: ${field}`).sort(), causes.sort());
    return live;
  }
  assert.equal(theirs.code, 200, JSON.stringify(theirs.object));
  if (subject.kind === "Service") ours = withAllocated(ours, theirs.object);
  assert.deepEqual(comparable(ours), comparable(theirs.object));
  return theirs.object;
}

Deno.test({
  name: `fields: ours and the real API server's (SEED=${seed}, HISTORIES=${histories})`,
  sanitizeResources: false,
  async fn(t) {
    const plane = await startControlPlane();
    try {
      await plane.apply([thingDefinition, aimServiceDefinition]);
      for (const subject of fieldsSubjects) {
        await until(
          `${subject.kind} is served`,
          async () => (await send(plane, "GET", pathOf(subject), undefined, "")).code === 200,
        );
        await t.step(subject.kind, async () => {
          const found: string[] = [];
          const drawn = fc.sample(fc.array(stepOf(subject), { minLength: steps, maxLength: steps }), {
            seed,
            numRuns: histories,
          });
          for (const [i, history] of drawn.entries()) {
            let live: JsonObject | undefined;
            for (const step of history) {
              if (live === undefined && step.does !== "apply") continue;
              try {
                live = await agree(plane, subject, `o-${i}`, live, step);
              } catch (error) {
                found.push(
                  `history ${i}: ${JSON.stringify(step)}\non ${JSON.stringify(live)}\n${
                    (error as Error).message
                  }`,
                );
                const { code, object } = await send(plane, "GET", pathOf(subject, `o-${i}`), undefined, "");
                live = code === 200 ? object : undefined;
              }
            }
          }
          assert.equal(
            found.length,
            0,
            `${found.length} differences; the first ones:\n${found.slice(0, 6).join("\n\n")}`,
          );
        });
      }
    } finally {
      await plane.stop();
    }
  },
});
