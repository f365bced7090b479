/** KServe's kind goes, though somebody holds an object of it: whatever else is made of it is deleted at once. */

import assert from "node:assert/strict";
import { History } from "./history.ts";
import { isFine, leftovers, untruths } from "./invariants.ts";
import { everything } from "./users_objects.ts";

const few = ["by-image", "dedicated"];
const absent = everything.filter(({ plural, name }) => plural === "aimservices" && !few.includes(name));
const minute = 60_000;

Deno.test("what does not last is made ever more rarely, and in the end there is what is wanted", async () => {
  using history = new History(1, { absent });
  const { time } = history.cluster;
  const endpoints = () => history.list("inferenceservices");
  await time.pass(5 * minute, () => isFine(history, absent));
  assert.equal(endpoints().length, 2);
  const [{ metadata: { name: held } }, { metadata: { name, uid } }] = endpoints();
  await history.play([{ do: "delete", plural: "inferenceservices", nth: 1, wait: 0 }]);
  await time.pass(2_000);
  assert.notEqual(
    history.get("inferenceservices", name)?.metadata.uid ?? uid,
    uid,
    "one that somebody takes is made at once",
  );
  await history.play([
    { do: "hold", plural: "inferenceservices", nth: 0, wait: 0 },
    { do: "uninstall", what: "inferenceservices", wait: 0 },
  ]);
  const from = history.cluster.written.length;
  await time.pass(20 * minute);
  assert.equal(
    history.get("inferenceservices", held)?.metadata.finalizers.includes("example.com/hold"),
    true,
  );
  const made = history.cluster.written.slice(from).filter(({ request, code }) =>
    request.path.endsWith(`/inferenceservices/${name}`) && request.method === "PATCH" && code === 201
  );
  const pauses = made.slice(1).map(({ at }, n) => at - made[n].at);
  assert.ok(made.length >= 3 && made.length < 12, `made ${made.length} times in twenty minutes`);
  // A pause may be a tenth longer or shorter than it is meant to be.
  for (const [n, pause] of pauses.slice(1).entries()) assert.ok(pause > 0.8 * pauses[n], pauses.join());
  assert.ok(pauses.at(-1)! > 2 * pauses[0], pauses.join());
  await history.settle(absent, () => isFine(history, absent));
  const wrong = [...untruths(history), ...leftovers(history), ...history.violations];
  assert.deepEqual([isFine(history, absent), wrong], [true, []]);
});
