import assert from "node:assert/strict";
import { PlayedCluster } from "../played_cluster_fixture.ts";

const pods = "/api/v1/namespaces/default/pods";

function logOf(cluster: PlayedCluster, name: string): { code: number; text?: string } {
  return cluster.server.handle({
    method: "GET",
    path: `${pods}/${name}/log`,
    query: new URLSearchParams(),
  }) as { code: number; text?: string };
}

Deno.test("the log of a played pod is what its behaviour says, from its start until the pod is gone", () => {
  const cluster = new PlayedCluster({
    behaviourOf: () => ({ does: "run", milliseconds: 5_000, log: () => ["one\n", "two\n"] }),
  });
  cluster.post(pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "talks" },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "one" }] },
  });
  cluster.pass();
  assert.equal(logOf(cluster, "talks").text, "", "it has no node yet");
  cluster.node("node-a");
  cluster.pass();
  assert.equal(logOf(cluster, "talks").text, "one\ntwo\n");
  cluster.pass(10);
  assert.equal(cluster.get(`${pods}/talks`).status.phase, "Succeeded");
  assert.equal(logOf(cluster, "talks").text, "one\ntwo\n");
  cluster.delete(`${pods}/talks`);
  cluster.pass(60);
  assert.equal(logOf(cluster, "talks").code, 404);
  assert.equal(cluster.server.cluster.logs.size, 0);
  assert.deepEqual(cluster.faults, []);
});
