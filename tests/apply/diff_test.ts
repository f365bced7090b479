/**
 * Property 11 (core.md): the comparison is sound and complete against the real API server. For random
 * histories of an object and a random new D: `same` ⇔ a dry-run apply changes neither value nor ownership.
 *
 * AIM_PROPERTY_RUNS sets the number of histories, AIM_PROPERTY_SEED repeats a run.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { answeredDifferently, assertAppliable, compare } from "../../lib/operator/diff.ts";
import { type Event, events, play } from "./history.ts";
import { claimsOnlyBelowBareMaps, effectOf } from "./oracle.ts";
import { ApplyServer, refusal, type Stored } from "./server.ts";
import { type Json, type Subject, subjects } from "./subjects.ts";

const RUNS = Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 150);
const SEED = Number(Deno.env.get("AIM_PROPERTY_SEED") ?? Date.now() % 2 ** 31);
const MANAGER = "aim";

interface Case {
  readonly subject: Subject;
  readonly history: readonly Event[];
  readonly last: Json;
  /** Whether the final D is the one that we applied last, to meet `same` often. */
  readonly again: boolean;
}

const cases: fc.Arbitrary<Case> = fc.constantFrom(...subjects).chain((subject) =>
  fc.record({
    subject: fc.constant(subject),
    history: events(subject),
    last: subject.wanted,
    again: fc.boolean(),
  })
);

Deno.test("property 11: same ⇔ a dry-run apply changes nothing", async () => {
  await using server = await ApplyServer.start();
  const seen = { same: 0, different: 0, refused: 0, bareMap: 0 };
  let serial = 0;
  console.log(`seed ${SEED}, ${RUNS} histories`);

  await fc.assert(
    fc.asyncProperty(cases, async ({ subject, history, last, again }) => {
      const { apiVersion, kind, rules } = subject;
      const name = `o${serial++}`;
      const full = (body: Json): Json => ({
        apiVersion,
        kind,
        ...body,
        metadata: { ...body.metadata as Json, name },
      });
      const applied = await play(server, subject, name, history, full, MANAGER);
      const desired = full(again && applied ? applied : last);
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
      const effect = effectOf(live, after);
      if (verdict.same) {
        seen.same++;
        if (claimsOnlyBelowBareMaps(live!, after, MANAGER)) seen.bareMap++;
        else assert.equal(effect, "none", `same, but an apply changes: ${effect}`);
      } else {
        seen.different++;
        const why = verdict.paths.map((path) => `${path.why} ${path.path}`).join("; ");
        assert.notEqual(effect, "none", `differs (${why}), but an apply changes nothing`);
      }
      // No webhook is here, so what was sent is what we read.
      assert.equal(answeredDifferently(desired, after, options), undefined);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  console.log(seen);
  assert.ok(seen.same > RUNS / 10 && seen.different > RUNS / 10, "both verdicts must occur often");
});
