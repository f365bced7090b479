/** Statuses that may wait: how many are written while many services start at once, and that nothing is kept of one that goes. */

import assert from "node:assert/strict";
import { furnish } from "../../bench/embedded_catalogue.ts";
import { service } from "../../bench/scenario.ts";
import { type AnyObject, WholeCluster } from "./whole_cluster.ts";

/** So long no pod starts, in milliseconds: longer than a detail of one status waits. */
const starting = 15_000;

/** So many services in a cluster whose pods start after a while. */
async function servicesThatStart(count: number) {
  let startsAt = Infinity;
  const cluster: WholeCluster = new WholeCluster(1, {
    behaviourOf: () => ({ does: cluster.time.clock.now() < startsAt ? "never start" : "serve" }),
  });
  furnish(cluster, count);
  const operator = cluster.start();
  await cluster.time.pass(5_000);
  startsAt = cluster.time.clock.now() + starting;
  const services = Array.from({ length: count }, (_, n) => service(n));
  for (const { path, object } of services) cluster.ask("POST", path, object);
  return { cluster, operator, services };
}

function statusWrites({ written }: WholeCluster): number {
  return written.filter(({ request: { path } }) => /\/aimservices\/[^/]+\/status$/.test(path)).length;
}

for (const [count, writes] of [[1, 3], [60, 2]]) {
  Deno.test(`of ${count} that start at once, each tells its status ${writes} times until it runs`, async () => {
    const { cluster, operator, services } = await servicesThatStart(count);
    using _ = cluster;
    await cluster.time.pass(2 * starting);
    for (const { path, object } of services) {
      const { status } = cluster.ask("GET", `${path}/${(object.metadata as AnyObject).name}`);
      assert.equal(status.status, "Running");
    }
    assert.equal(statusWrites(cluster), count * writes);
    assert.equal(operator.operator.runner.sizes.held, 0);
    assert.deepEqual([...operator.faults, ...cluster.faults], []);
  });
}

Deno.test("a status that waits goes with its service", async () => {
  const { cluster, operator, services: [{ path, object }] } = await servicesThatStart(1);
  using _ = cluster;
  await cluster.time.pass(1_000);
  assert.equal(operator.operator.runner.sizes.held, 1);
  cluster.ask("DELETE", `${path}/${(object.metadata as AnyObject).name}`);
  await cluster.time.pass(1_000);
  assert.equal(operator.operator.runner.sizes.held, 0);
});
