import assert from "node:assert/strict";
import { KeptResults } from "./kept_results.ts";

Deno.test("what was used longest ago goes first, by number and by weight", () => {
  const kept = new KeptResults<number>({ entries: 3, weight: 10 });
  const keys = () => ["a", "b", "c", "d"].filter((key) => kept.get(key) !== undefined).join("");
  kept.set("a", 1, 2);
  kept.set("b", 2, 2);
  kept.set("c", 3, 2);
  assert.equal(kept.get("a"), 1);
  kept.set("d", 4, 2);
  assert.equal(keys(), "acd");
  kept.set("b", 5, 7); // 13 in all, and one too many
  assert.equal(keys(), "bd");
  kept.set("b", 6, 9);
  assert.equal(keys(), "b");
  kept.set("c", 7, 11);
  assert.equal(keys(), "");
  kept.set("a", 8, 10);
  kept.delete("a");
  kept.set("b", 9, 10);
  assert.equal(keys(), "b");
});
