/** One operator goes and another comes while two hundred services run. On real parts, with another build: `tests/manifests/upgrade_test.ts`. */

import assert from "node:assert/strict";
import { furnish } from "../../bench/embedded_catalogue.ts";
import { service } from "../../bench/scenario.ts";
import { type AnyObject, WholeCluster } from "./whole_cluster.ts";

const count = 200;

Deno.test(`${count} services run, and the operator is replaced: nothing is written but its Lease, no pod is made anew`, async () => {
  using cluster = new WholeCluster(1);
  furnish(cluster, count);
  const first = cluster.start();
  for (let n = 0; n < count; n++) {
    const { path, object } = service(n);
    cluster.ask("POST", path, object);
  }
  const { store } = cluster.server.cluster;
  const all = (kind: string) => store.list(kind) as AnyObject[];
  const running = () =>
    all("aimservices.aim.eai.amd.com").filter(({ status }) => status?.status === "Running").length;
  await cluster.time.pass(600_000, () => running() === count);
  await cluster.time.pass(60_000);
  assert.equal(running(), count);
  const versions = () =>
    ["pods", "inferenceservices.serving.kserve.io", "aimservices.aim.eai.amd.com"].flatMap(all)
      .map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`);
  const before = versions();
  const pods = before.filter((line) => line.startsWith("Pod "));
  assert.ok(pods.length >= count, `${pods.length} pods`);
  const written = cluster.written.length;

  first.stop();
  await cluster.time.pass(10_000);
  assert.equal(first.ended, "released");
  const second = cluster.start();
  await cluster.time.pass(120_000);
  assert.ok(second.operator.leading, "it holds the Lease");
  const later = cluster.written.slice(written).map(({ request }) => `${request.method} ${request.path}`);
  assert.deepEqual(later, []);
  assert.deepEqual(versions(), before);
  assert.deepEqual([...first.faults, ...second.faults, ...cluster.faults], []);
});
