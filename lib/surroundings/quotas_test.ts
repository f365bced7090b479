/** What a namespace has used: counted at once by admission, and anew when something goes. */

import assert from "node:assert/strict";
import { type AnyObject, PlayedCluster } from "./played_cluster_fixture.ts";

const space = "/api/v1/namespaces/default";

function quota(hard: AnyObject): AnyObject {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "few" }, spec: { hard } };
}

function map(name: string): AnyObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
}

const used = (cluster: PlayedCluster) => cluster.get(`${space}/resourcequotas/few`).status.used;

Deno.test("what is there when a quota comes is counted, what comes is added, what goes makes room", () => {
  const cluster = new PlayedCluster();
  cluster.pass(1);
  cluster.post(`${space}/configmaps`, map("a"));
  // The certificate that each namespace has counts too.
  cluster.post(`${space}/resourcequotas`, quota({ "count/configmaps": "3", "count/jobs.batch": "0" }));
  cluster.pass();
  assert.deepEqual(used(cluster), { "count/configmaps": "2", "count/jobs.batch": "0" });
  cluster.post(`${space}/configmaps`, map("b"));
  assert.deepEqual(used(cluster), { "count/configmaps": "3", "count/jobs.batch": "0" });
  assert.throws(
    () => cluster.post(`${space}/configmaps`, map("c")),
    /exceeded quota: few, requested: count\/configmaps=1/,
  );
  cluster.delete(`${space}/configmaps/a`);
  cluster.pass();
  cluster.post(`${space}/configmaps`, map("c"));
  assert.deepEqual(cluster.faults, []);
});

Deno.test("a Job whose pod a quota refuses tells its words, and goes on when there is room", () => {
  const cluster = new PlayedCluster();
  cluster.pass(1);
  cluster.node("n1");
  cluster.post(`${space}/resourcequotas`, quota({ pods: "0" }));
  cluster.pass();
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "x:1" }] } };
  cluster.post("/apis/batch/v1/namespaces/default/jobs", {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "j" },
    spec: { template },
  });
  cluster.pass(1);
  assert.match(
    cluster.events("j").join("\n"),
    /FailedCreate: Error creating: .*exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0/,
  );
  cluster.patch(`${space}/resourcequotas/few`, { spec: { hard: { pods: "1" } } });
  cluster.pass(60);
  assert.equal(cluster.get("/apis/batch/v1/namespaces/default/jobs/j").status.succeeded, 1);
  // A pod that is over is not counted.
  assert.deepEqual(used(cluster), { pods: "0" });
});
