/**
 * Property 11 (core.md): the comparison is sound and complete against the API server. For random
 * histories of an object and a random new D: `same` ⇔ a dry-run apply changes neither value nor ownership.
 *
 * AIM_PROPERTY_RUNS multiplies the number of histories, SEED chooses others; `nightly` draws it.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answeredDifferently,
  assertAppliable,
  compare,
  contestedBy,
} from "../../lib/operator/apply/diff/compare.ts";
import { type Event, events, nudged, play, type Way } from "./history.ts";
import { claimsOnlyBelowBareMaps, effectOf } from "./oracle.ts";
import { onRealCluster } from "../e2e/half.ts";
import { onlyRealTests } from "../e2e/only_real.ts";
import { until } from "../control_plane/until.ts";
import { POLICY_PREFIX } from "./policy.ts";
import { ApplyServer, refusal, type Stored } from "./server.ts";
import { type Json, subjects } from "./subjects.ts";

const RUNS = Math.ceil(150 * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1));
const SEED = Number(Deno.env.get("SEED") ?? 1);
const MANAGER = "aim";

interface Nudge {
  readonly how: Way;
  readonly place: number;
}

interface Case {
  /** The subject's kind; its arbitraries would fill the screen when a case is printed. */
  readonly kind: string;
  readonly history: readonly Event[];
  readonly last: Json;
  /** The final D: what we applied last; that with one small change; with some fields of `last`; `last`. */
  readonly final: "again" | Nudge | "mixed" | "new";
}

const cases: fc.Arbitrary<Case> = fc.constantFrom(...subjects).chain((subject) =>
  fc.record({
    kind: fc.constant(subject.kind),
    history: events(subject),
    last: subject.wanted,
    final: fc.oneof(
      { weight: 2, arbitrary: fc.constant<"again">("again") },
      {
        weight: 4,
        arbitrary: fc.record({
          how: fc.constantFrom<Way>("remove", "remove", "alter", "turn"),
          place: fc.nat(1000),
        }),
      },
      { weight: 1, arbitrary: fc.constant<"mixed">("mixed") },
      { weight: 1, arbitrary: fc.constant<"new">("new") },
    ),
  })
);

Deno.test("the comparison against an API server", async (t) => {
  await using server = await ApplyServer.start();
  await t.step("property 11: same ⇔ a dry-run apply changes nothing", () => property(server));
  await t.step({
    name: `what an admission policy changes is not sent again (${onlyRealTests["admission policies"]})`,
    ignore: !onRealCluster,
    fn: () => insistingPolicy(server),
  });
  await t.step("a uid in the body is a precondition and no leaf", () => uidInBody(server));
  await t.step(
    "the known limit: keys of a free-form map that others took and set back",
    () => bareMap(server),
  );
});

async function property(server: ApplyServer): Promise<void> {
  const seen = { same: 0, different: 0, refused: 0, bareMap: 0 };
  let serial = 0;
  console.log(`seed ${SEED}, ${RUNS} histories`);

  await fc.assert(
    fc.asyncProperty(cases, async ({ kind, history, last, final }) => {
      const subject = subjects.find((candidate) => candidate.kind === kind)!;
      const { apiVersion, rules } = subject;
      const name = `o${serial++}`;
      const full = (body: Json): Json => ({
        apiVersion,
        kind,
        ...body,
        metadata: { ...body.metadata as Json, name },
      });
      const applied = await play(server, subject, name, history, full, MANAGER);
      const desired = full(applied === undefined ? last : finalOf(applied, last, final));
      assertAppliable(desired);

      const live = await server.get(subject, name);
      const options = { manager: MANAGER, apiVersion, rules };
      const verdict = compare(desired, live, options);
      let after: Stored;
      try {
        after = await server.apply(subject, desired, MANAGER, true);
      } catch (error) {
        refusal(error);
        seen.refused++;
        assert.ok(!verdict.same, `same, yet the server refuses it: ${error}`);
        return;
      }
      const effect = effectOf(live, after, desired, MANAGER);
      if (verdict.same) {
        seen.same++;
        if (effect === "ownership" && claimsOnlyBelowBareMaps(live!, after, MANAGER)) seen.bareMap++;
        else assert.equal(effect, "none", `same, but ${effect} changes: ${text(live)} to ${text(after)}`);
      } else {
        seen.different++;
        const why = verdict.paths.map((path) => `${path.why} ${path.path}`).join("; ");
        assert.notEqual(effect, "none", `differs (${why}), but an apply changes nothing in ${text(live)}`);
      }
      // No webhook is here, so what was sent is what we read; maps that became empty need a second apply.
      assert.equal(answeredDifferently(desired, after, options), undefined, text(after));
      const settled = compare(desired, after, options);
      if (!settled.same) {
        const open = settled.paths.filter((path) =>
          (path.live ?? undefined) !== undefined || text(path.desired) !== "{}"
        );
        assert.deepEqual(open, [], `an apply leaves differences: ${text(after)}`);
      }
    }),
    { numRuns: RUNS, seed: SEED },
  );
  console.log(seen);
  const least = Math.floor(RUNS / 20);
  assert.ok(seen.same >= least && seen.different >= least, "both verdicts must occur often");
}

const configMap = subjects[0];

function configMapOf(name: string, data: Json, metadata: Json = {}): Json {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data };
}

async function insistingPolicy(server: ApplyServer): Promise<void> {
  const name = `${POLICY_PREFIX}x`;
  const desired = configMapOf(name, { a: "1", b: "2" });
  const options = { manager: MANAGER, apiVersion: "v1" };
  const response = await until("the policy in force", async () => {
    const answer = await server.apply(configMap, desired, MANAGER);
    return (answer.data as Json).a === "policy" && answer;
  });
  assert.deepEqual(compare(desired, response, options), {
    same: false,
    paths: [{ path: "data.a", why: "value", desired: "1", live: "policy" }],
  });
  const tolerate = answeredDifferently(desired, response, options);
  assert.deepEqual(compare(desired, response, { ...options, tolerate }), { same: true });
  const again = await server.apply(configMap, desired, MANAGER, true);
  assert.equal(effectOf(response, again, desired, MANAGER), "none", "sending it again changes nothing");

  const edited = await server.patch(configMap, name, { data: { b: "3" } }, "other", "merge");
  assert.ok(!compare(desired, edited, { ...options, tolerate }).same, "what somebody else changes is sent");
  assert.equal(contestedBy(edited.metadata.managedFields, "data.b", options), "other");
}

/** F then says `f:a: {}`, as for an atomic map: the values are as wanted, but owned by another. */
async function bareMap(server: ApplyServer): Promise<void> {
  const thing = subjects.find(({ kind }) => kind === "Thing")!;
  const desired = {
    apiVersion: thing.apiVersion,
    kind: thing.kind,
    metadata: { name: "bare" },
    spec: { free: { a: { b: "1" } } },
  };
  await server.apply(thing, desired, MANAGER);
  await server.patch(thing, "bare", { spec: { free: { a: { b: "2" } } } }, "other", "merge");
  const taken = await server.get(thing, "bare");
  const options = { manager: MANAGER, apiVersion: thing.apiVersion };
  assert.ok(!compare(desired, taken, options).same, "another value is seen");
  const back = await server.patch(thing, "bare", { spec: { free: { a: { b: "1" } } } }, "other", "merge");
  assert.deepEqual(compare(desired, back, options), { same: true });
  const after = await server.apply(thing, desired, MANAGER, true);
  assert.equal(effectOf(back, after, desired, MANAGER), "ownership");
  assert.ok(claimsOnlyBelowBareMaps(back, after, MANAGER));
}

async function uidInBody(server: ApplyServer): Promise<void> {
  const options = { manager: MANAGER, apiVersion: "v1" };
  const { metadata } = await server.apply(configMap, configMapOf("uid", { a: "1" }), MANAGER);
  const known = configMapOf("uid", { a: "2" }, { uid: metadata!.uid });
  const response = await server.apply(configMap, known, MANAGER);
  assert.deepEqual(compare(known, response, options), { same: true });
  assert.deepEqual(compare(configMapOf("uid", { a: "2" }), response, options), { same: true });

  await server.delete(configMap, "uid");
  const resurrected = server.apply(configMap, known, MANAGER).then(() => 200, refusal);
  assert.equal(await resurrected, 409, "a vanished object is not resurrected");
}

function finalOf(applied: Json, last: Json, final: Case["final"]): Json {
  if (final === "new") return last;
  return typeof final === "string" ? mix(applied, last, final) : nudged(applied, final.how, final.place);
}

/** The body again, keys in another order; or with every other field of its two upper levels from `other`. */
function mix(body: Json, other: Json, final: "again" | "mixed"): Json {
  const merged = (a: Json, b: Json, deep: boolean): Json =>
    Object.fromEntries(
      Object.keys({ ...b, ...a }).reverse().flatMap((key, i) => {
        const [ours, theirs] = [a, b].map((map) => Object.hasOwn(map, key) ? map[key] : undefined);
        const inner = [ours, theirs].every((value) => value instanceof Object && !Array.isArray(value));
        if (deep && inner) return [[key, merged(ours as Json, theirs as Json, false)]];
        const value = final === "mixed" && i % 2 === 0 ? theirs : ours;
        return value === undefined ? [] : [[key, value]];
      }),
    );
  return merged(body, other, true);
}

/** A value for a message. */
function text(object: unknown): string {
  return JSON.stringify(object, (key, value) => key === "time" ? undefined : value);
}
