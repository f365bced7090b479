import assert from "node:assert/strict";
import type { StoredObject } from "../store/store.ts";
import { Watch } from "./watch.ts";

const object = (version: number, labels: Record<string, string> = {}): StoredObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", uid: "u", creationTimestamp: "", resourceVersion: String(version), labels },
});

function watchOf(bound = 10): Watch {
  return new Watch({
    wants: ({ metadata }) => metadata.labels?.mine === "yes",
    shape: ({ metadata }) => metadata.resourceVersion,
    bookmark: (version) => ({ version }),
    bound,
  });
}

Deno.test("what enters a selector is added, what leaves it is deleted in the version of its leaving", async () => {
  const watch = watchOf();
  const mine = { mine: "yes" };
  watch.change({ type: "ADDED", version: 1, object: object(1), before: undefined });
  watch.change({ type: "MODIFIED", version: 2, object: object(2, mine), before: object(1) });
  watch.change({ type: "MODIFIED", version: 3, object: object(3, mine), before: object(2, mine) });
  watch.change({ type: "MODIFIED", version: 4, object: object(4), before: object(3, mine) });
  watch.change({ type: "DELETED", version: 5, object: object(5), before: object(4) });
  watch.end();
  const seen = [];
  for (let event = await watch.next(); event !== undefined; event = await watch.next()) seen.push(event);
  assert.deepEqual(seen, [
    { type: "ADDED", object: "2" },
    { type: "MODIFIED", object: "3" },
    { type: "DELETED", object: "4" },
  ]);
});

Deno.test("a reader who does not read is cut, and nothing is kept for it", async () => {
  const watch = watchOf(3);
  let ended = 0;
  watch.atEnd(() => ended++);
  for (let i = 0; i < 10; i++) watch.bookmark(i);
  assert.deepEqual([watch.ended, watch.waiting, ended], [true, 0, 1]);
  assert.equal(await watch.next(), undefined);
});

Deno.test("a reader who waits is woken by an event, and by the end", async () => {
  const watch = watchOf();
  const next = watch.next();
  watch.bookmark(7);
  assert.deepEqual(await next, { type: "BOOKMARK", object: { version: 7 } });
  const last = watch.next();
  watch.end();
  assert.equal(await last, undefined);
});
