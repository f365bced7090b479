import assert from "node:assert/strict";
import fc from "fast-check";
import { correction, type Values } from "./corrections.ts";

/** An object that several share: its values, and its annotation. */
class Shared {
  tries = "{}";
  edits = 0;
  constructor(public values: Values, readonly maker: string) {}

  /** What becomes of it when somebody wants it otherwise; whether it was changed. */
  corrected(by: string, wanted: Values, failed = true): boolean {
    const patch = correction(this.tries, { by, made: by === this.maker, now: this.values, wanted }, failed);
    if (patch === undefined) return false;
    this.values = patch.spec as Values;
    const { annotations } = patch.metadata as { annotations: Record<string, string> };
    this.tries = Object.values(annotations)[0];
    this.edits++;
    return true;
  }
}

const env = (value: string) => ({ env: [{ name: "T", value }], storageClassName: null });

Deno.test("a correction of what has failed is made once", () => {
  const it = new Shared(env("bad"), "a");
  assert.equal(it.corrected("a", env("bad")), false, "nothing differs");
  assert.equal(it.corrected("b", env("good")), true);
  assert.deepEqual(it.values, env("good"));
  assert.equal(it.corrected("b", env("good")), false);
});

Deno.test("what another has tried in vain is not tried again; a new wish is", () => {
  const it = new Shared(env("1"), "a");
  assert.ok(it.corrected("b", env("2")));
  assert.equal(it.corrected("a", env("1")), false, "the maker's own, which failed");
  assert.equal(it.corrected("c", env("1")), false);
  assert.equal(it.corrected("c", env("2")), false);
  assert.ok(it.corrected("a", env("3")));
  assert.equal(it.corrected("b", env("2")), false);
  assert.ok(it.corrected("b", env("4")));
});

Deno.test("who is alone may go back to what was", () => {
  const it = new Shared(env("1"), "a");
  for (const value of ["2", "1", "2"]) assert.ok(it.corrected("a", env(value)), value);
});

Deno.test("what has not failed is left to its maker, as long as no other has corrected it", () => {
  const it = new Shared(env("1"), "a");
  assert.equal(it.corrected("b", env("2"), false), false);
  assert.ok(it.corrected("a", env("3"), false));
  assert.ok(it.corrected("b", env("2")));
  assert.equal(it.corrected("a", env("4"), false), false);
  assert.ok(it.corrected("a", env("4")));
});

Deno.test("an annotation that says nothing of use counts as none", () => {
  const it = new Shared(env("1"), "a");
  for (const tries of ["", "{", "[]", "null", '{"a":1}']) {
    it.tries = tries;
    assert.ok(it.corrected("b", env(`not ${tries}`)), tries);
  }
});

Deno.test("however many want different values, and whoever comes first: each has its turn, and then it is at rest", () => {
  const wishes = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 });
  const order = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
  fc.assert(fc.property(wishes, order, (wanted, tries) => {
    const it = new Shared(env(String(wanted[0])), "0");
    const tried = new Set([JSON.stringify(it.values)]);
    for (const turn of tries) {
      const who = turn % wanted.length;
      it.corrected(String(who), env(String(wanted[who])));
      tried.add(JSON.stringify(it.values));
    }
    for (let who = 0; who < wanted.length; who++) {
      it.corrected(String(who), env(String(wanted[who])));
      tried.add(JSON.stringify(it.values));
    }
    for (const value of wanted) {
      assert.ok(tried.has(JSON.stringify(env(String(value)))), "a wish was never tried");
    }
    const before = it.edits;
    for (let who = 0; who < wanted.length; who++) it.corrected(String(who), env(String(wanted[who])));
    assert.equal(it.edits, before, "not at rest");
    assert.ok(it.edits <= wanted.length);
  }));
});
