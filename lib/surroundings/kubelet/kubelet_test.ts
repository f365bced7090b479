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

const podOf = (name: string, image = "one") => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { restartPolicy: "Never", containers: [{ name: "main", image }] },
});

const notThere: Behaviour = { does: "fail to pull", message: "manifest unknown" };

/** A cluster with a node, and pods of which each does what is said of its image; `behaviours` may change. */
function clusterOf(behaviours: Record<string, Behaviour>) {
  const cluster = new PlayedCluster({ behaviourOf: ({ spec }) => behaviours[spec!.containers[0].image!] });
  cluster.node("node-a");
  const stateOf = (name: string) => cluster.get(`${pods}/${name}`).status.containerStatuses[0].state;
  /** In which of so many seconds a try is seen to have failed that was not in the second before. */
  const tries = (name: string, seconds: number): number[] => {
    const found: number[] = [];
    let failed = false;
    for (let second = 0; second <= seconds; second++) {
      const { reason } = stateOf(name).waiting;
      if (reason === "ErrImagePull" && !failed) found.push(second);
      failed = reason === "ErrImagePull";
      cluster.pass(1);
    }
    assert.deepEqual(cluster.faults, []);
    return found;
  };
  return { cluster, stateOf, tries };
}

Deno.test("an image that is not to be had is pulled again after 1, 2, 4 … seconds, up to five minutes", () => {
  const behaviours: Record<string, Behaviour> = { one: notThere };
  const { cluster, stateOf, tries } = clusterOf(behaviours);
  cluster.post(pods, podOf("pulls"));
  cluster.pass();
  assert.deepEqual(stateOf("pulls"), { waiting: { reason: "ErrImagePull", message: "manifest unknown" } });
  // Each try is seen to have failed for one second; then its pause begins.
  assert.deepEqual(tries("pulls", 1_200), [0, 2, 5, 10, 19, 36, 69, 134, 263, 520, 821, 1122]);
  const message = "Back-off pulling image: ErrImagePull: manifest unknown";
  assert.deepEqual(stateOf("pulls"), { waiting: { reason: "ImagePullBackOff", message } });
  behaviours.one = { does: "serve" };
  cluster.pass(300);
  assert.ok(stateOf("pulls").running !== undefined);
});

Deno.test("each pod has pauses of its own, which begin anew once it has started, and with a pod of the same name", () => {
  const behaviours: Record<string, Behaviour> = { one: notThere };
  const { cluster, stateOf, tries } = clusterOf(behaviours);
  cluster.post(pods, podOf("first"));
  cluster.pass(60);
  cluster.post(pods, podOf("second"));
  cluster.pass();
  assert.deepEqual(tries("second", 20), [0, 2, 5, 10, 19]);
  cluster.delete(`${pods}/first`);
  cluster.pass();
  cluster.post(pods, podOf("first"));
  cluster.pass();
  assert.deepEqual(tries("first", 20), [0, 2, 5, 10, 19]);
  behaviours.one = { does: "serve" };
  cluster.pass(300);
  assert.ok(stateOf("second").running !== undefined);
  behaviours.one = notThere;
  cluster.patch(`${pods}/second`, { metadata: { labels: { looked: "at" } } });
  cluster.pass();
  assert.deepEqual(tries("second", 20), [0, 2, 5, 10, 19]);
});

Deno.test("a pod that waits for its next try is deleted at once, and a new image is pulled at once", () => {
  const { cluster, stateOf } = clusterOf({ one: notThere, two: { does: "serve" } });
  for (const name of ["goes", "changes"]) cluster.post(pods, podOf(name));
  cluster.pass(400);
  cluster.delete(`${pods}/goes`);
  const { spec: { containers: [container] } } = cluster.get(`${pods}/changes`);
  cluster.patch(`${pods}/changes`, { spec: { containers: [{ ...container, image: "two" }] } });
  cluster.pass();
  assert.deepEqual(cluster.list(pods).map(({ metadata: { name } }) => name), ["changes"]);
  assert.ok(stateOf("changes").running !== undefined);
  assert.deepEqual(cluster.faults, []);
});

Deno.test("a container that is not created is tried again after pauses, and no write tells of them", () => {
  const behaviours: Record<string, Behaviour> = { one: { does: "never start" } };
  const { cluster, stateOf } = clusterOf(behaviours);
  cluster.post(pods, podOf("waits"));
  cluster.pass();
  assert.equal(stateOf("waits").waiting.reason, "ContainerCreating");
  const { server } = cluster;
  let writes = 0;
  const handle = server.handle.bind(server);
  server.handle = (request, attempt) => {
    if (request.method !== "GET") writes++;
    return handle(request, attempt);
  };
  cluster.pass(100);
  assert.equal(writes, 0);
  behaviours.one = { does: "serve" };
  cluster.pass(26); // tried at 1, 3, 7, 15, 31, 63 and 127 seconds
  assert.equal(writes, 0);
  cluster.pass(2);
  assert.ok(stateOf("waits").running !== undefined);
  assert.deepEqual(cluster.faults, []);
});

Deno.test("what runs is no start that failed: it goes on as soon as it may", () => {
  const behaviours: Record<string, Behaviour> = { one: { does: "run", milliseconds: 10_000 } };
  const { cluster, stateOf } = clusterOf(behaviours);
  cluster.post(pods, podOf("runs"));
  cluster.pass(5);
  behaviours.one = { does: "never start" };
  cluster.pass(300);
  assert.ok(stateOf("runs").running !== undefined);
  behaviours.one = { does: "run", milliseconds: 10_000 };
  cluster.pass(2);
  assert.equal(stateOf("runs").terminated.reason, "Completed");
  assert.deepEqual(cluster.faults, []);
});
