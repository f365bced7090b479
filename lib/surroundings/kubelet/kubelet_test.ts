import assert from "node:assert/strict";
import { PlayedCluster } from "../played_cluster_fixture.ts";
import type { Behaviour } from "./behaviour.ts";

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

const podOf = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { restartPolicy: "Never", containers: [{ name: "main", image: "one" }] },
});

Deno.test("an image that is not to be had is pulled again after 1, 2, 4 … seconds, up to five minutes", () => {
  let behaviour: Behaviour = { does: "fail to pull", message: "manifest unknown" };
  const cluster = new PlayedCluster({ behaviourOf: () => behaviour });
  cluster.node("node-a");
  cluster.post(pods, podOf("pulls"));
  const state = () => cluster.get(`${pods}/pulls`).status.containerStatuses[0].state;
  cluster.pass();
  const tries: number[] = [];
  let failed = false;
  for (let second = 0; second <= 1_200; second++) {
    const { reason, message } = state().waiting;
    if (reason === "ErrImagePull" && !failed) tries.push(second);
    failed = reason === "ErrImagePull";
    assert.match(
      message,
      failed ? /^manifest unknown$/ : /^Back-off pulling image: ErrImagePull: manifest unknown$/,
    );
    cluster.pass(1);
  }
  // Each try is seen to have failed for one second; then its pause begins.
  assert.deepEqual(tries, [0, 2, 5, 10, 19, 36, 69, 134, 263, 520, 821, 1122]);
  behaviour = { does: "serve" };
  cluster.pass(300);
  assert.ok(state().running !== undefined);
  assert.deepEqual(cluster.faults, []);
});

Deno.test("a container that is not created is tried again after pauses, and no write tells of them", () => {
  let behaviour: Behaviour = { does: "never start" };
  const cluster = new PlayedCluster({ behaviourOf: () => behaviour });
  cluster.node("node-a");
  cluster.post(pods, podOf("waits"));
  cluster.pass(100);
  const { metadata, status } = cluster.get(`${pods}/waits`);
  assert.equal(status.containerStatuses[0].state.waiting.reason, "ContainerCreating");
  behaviour = { does: "serve" };
  cluster.pass(26); // tried at 1, 3, 7, 15, 31, 63 and 127 seconds
  assert.equal(cluster.get(`${pods}/waits`).metadata.resourceVersion, metadata.resourceVersion);
  cluster.pass(2);
  assert.ok(cluster.get(`${pods}/waits`).status.containerStatuses[0].state.running !== undefined);
  assert.deepEqual(cluster.faults, []);
});
