/** Somebody takes what the operator makes, at once and for twenty minutes: as the garbage collector does whose owner is gone. */

import assert from "node:assert/strict";
import { History } from "./history.ts";
import { isFine, leftovers, untruths } from "./invariants.ts";
import type { WholeCluster } from "./whole_cluster.ts";

const minute = 60_000;

/** The paths of the objects that the operator made since so many writes, but for events. */
function madeSince(from: number, { written }: WholeCluster): string[] {
  return written.slice(from)
    .filter(({ request, code }) => code === 201 && !request.path.includes("/events"))
    .map(({ request: { method, path, body } }) =>
      method === "POST" ? `${path}/${(body as { metadata: { name: string } }).metadata.name}` : path
    );
}

function take(path: string, cluster: WholeCluster): void {
  try {
    cluster.ask("PATCH", path, { metadata: { finalizers: null } }, "application/merge-patch+json");
    cluster.ask("DELETE", path);
  } catch {
    // It went with its owner.
  }
}

Deno.test("what is taken at once is made ever more rarely, of every kind", async () => {
  using history = new History(1);
  const { cluster } = history;
  await cluster.time.pass(5 * minute, () => isFine(history, []));
  for (const path of madeSince(0, cluster)) take(path, cluster);
  const times = new Map<string, number>();
  for (let second = 0; second < 20 * 60; second++) {
    const from = cluster.written.length;
    await cluster.time.pass(1_000);
    for (const path of madeSince(from, cluster)) {
      times.set(path, (times.get(path) ?? 0) + 1);
      take(path, cluster);
    }
  }
  const kinds = new Set([...times.keys()].map((path) => path.split("/").at(-2)));
  for (const plural of ["aimmodels", "aimclustermodels", "aimservicetemplates", "inferenceservices"]) {
    assert.ok(kinds.has(plural), `none of ${plural} was made again`);
  }
  assert.deepEqual([...times].filter(([, count]) => count >= 12), []);
  await history.settle([], () => isFine(history, []));
  const wrong = [...untruths(history), ...leftovers(history), ...history.violations];
  assert.deepEqual([isFine(history, []), wrong], [true, []]);
});

Deno.test("what the operator takes away itself is made again at once, however often", async () => {
  using history = new History(1);
  const { cluster } = history;
  await cluster.time.pass(5 * minute, () => isFine(history, []));
  const path = "/apis/aim.eai.amd.com/v1alpha1/namespaces/ml/aimservices/routed";
  const routing = (enabled: boolean) =>
    cluster.ask("PATCH", path, { spec: { routing: { enabled } } }, "application/merge-patch+json");
  for (let times = 0; times < 6; times++) {
    routing(false);
    await cluster.time.pass(2_000);
    assert.deepEqual(history.list("httproutes"), []);
    routing(true);
    await cluster.time.pass(2_000);
    assert.equal(history.list("httproutes").length, 1, `switched on for the ${times + 1}th time`);
  }
});
