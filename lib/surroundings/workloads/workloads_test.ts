/** Deployments, ReplicaSets and Jobs over time. */

import assert from "node:assert/strict";
import type { Behaviour, BoundPod } from "../kubelet/behaviour.ts";
import { type AnyObject, PlayedCluster } from "../played_cluster_fixture.ts";

const here = "namespaces/default";

function deployment(name: string, { replicas = 4, image = "one", ...spec }: AnyObject = {}): AnyObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", image }] } },
      ...spec,
    },
  };
}

function conditionOf(object: AnyObject, type: string): AnyObject | undefined {
  return object.status.conditions?.find((each: AnyObject) => each.type === type);
}

/** Images that end in `-broken` never start. */
function behaviourOf({ spec }: BoundPod): Behaviour | undefined {
  return spec?.containers[0].image?.endsWith("-broken") ? { does: "never start" } : undefined;
}

function clusterWithNode(): PlayedCluster {
  const cluster = new PlayedCluster({ behaviourOf });
  cluster.node("node-a");
  return cluster;
}

const path = `/apis/apps/v1/${here}/deployments`;

Deno.test("a Deployment gets its pods, and says that it has what it wants", () => {
  const cluster = clusterWithNode();
  cluster.post(path, deployment("web"));
  cluster.pass();
  const web = cluster.get(`${path}/web`);
  assert.deepEqual(
    [web.status.replicas, web.status.readyReplicas, web.status.availableReplicas, web.status.updatedReplicas],
    [4, 4, 4, 4],
  );
  assert.equal(conditionOf(web, "Available")?.reason, "MinimumReplicasAvailable");
  assert.equal(conditionOf(web, "Progressing")?.reason, "NewReplicaSetAvailable");
  assert.equal(web.metadata.annotations["deployment.kubernetes.io/revision"], "1");
  cluster.patch(`${path}/web`, { spec: { replicas: 1 } });
  cluster.pass();
  assert.equal(cluster.list(`/api/v1/${here}/pods`).length, 1);
  assert.deepEqual(cluster.faults, []);
});

Deno.test("a template that comes back is rolled out as the newest revision, by the ReplicaSet that it had", () => {
  const cluster = clusterWithNode();
  cluster.post(path, deployment("web"));
  cluster.pass();
  const rollTo = (image: string) => {
    const template = { spec: { containers: [{ name: "main", image }] } };
    cluster.patch(`${path}/web`, { spec: { template } });
    cluster.pass();
  };
  const revisions = () =>
    cluster.list(`/apis/apps/v1/${here}/replicasets`).map(({ metadata, spec }) =>
      [spec.template.spec.containers[0].image, metadata.annotations["deployment.kubernetes.io/revision"]]
        .join(
          " ",
        )
    ).sort();
  rollTo("two");
  assert.deepEqual(revisions(), ["one 1", "two 2"]);
  rollTo("one");
  assert.deepEqual(revisions(), ["one 3", "two 2"]);
  assert.equal(
    cluster.get(`${path}/web`).metadata.annotations["deployment.kubernetes.io/revision"],
    "3",
  );
  assert.deepEqual(cluster.faults, []);
});

Deno.test("a rollout keeps three of four pods serving, never has more than five, and ends with the new ones", () => {
  const cluster = clusterWithNode();
  cluster.post(path, deployment("web"));
  cluster.pass();
  const { store } = cluster.server.cluster;
  const seen: [number, number][] = [];
  store.listen("pods", () => {
    const pods = store.list("pods") as AnyObject[];
    const ready = pods.filter((pod) =>
      conditionOf(pod, "Ready")?.status === "True" && !pod.metadata.deletionTimestamp
    );
    seen.push([pods.filter(({ metadata }) => !metadata.deletionTimestamp).length, ready.length]);
  });
  cluster.patch(`${path}/web`, {
    spec: { template: { spec: { containers: [{ name: "main", image: "two" }] } } },
  });
  cluster.pass();
  assert.ok(seen.length > 8);
  assert.equal(Math.min(...seen.map(([, ready]) => ready)), 3);
  assert.equal(Math.max(...seen.map(([pods]) => pods)), 5);
  const images = cluster.list(`/api/v1/${here}/pods`).map(({ spec }) => spec.containers[0].image);
  assert.deepEqual(images, ["two", "two", "two", "two"]);
  const sets = cluster.list(`/apis/apps/v1/${here}/replicasets`).map(({ spec }) => spec.replicas).sort();
  assert.deepEqual(sets, [0, 4]);
  assert.equal(cluster.get(`${path}/web`).metadata.annotations["deployment.kubernetes.io/revision"], "2");
});

Deno.test("a pod that loses its owner is replaced by the set that it had", () => {
  const cluster = clusterWithNode();
  cluster.post(path, deployment("web", { replicas: 1 }));
  cluster.pass();
  const [pod] = cluster.list(`/api/v1/${here}/pods`);
  cluster.patch(`/api/v1/${here}/pods/${pod.metadata.name}`, { metadata: { ownerReferences: null } });
  cluster.pass();
  const owned = cluster.list(`/api/v1/${here}/pods`).filter(({ metadata }) => metadata.ownerReferences);
  assert.equal(owned.length, 1);
});

Deno.test("a rollout whose pods never start stands still, and is called late after its deadline", () => {
  const cluster = clusterWithNode();
  cluster.post(path, deployment("web"));
  cluster.pass();
  cluster.patch(`${path}/web`, {
    spec: { template: { spec: { containers: [{ name: "main", image: "a-broken" }] } } },
  });
  cluster.pass(599);
  assert.equal(conditionOf(cluster.get(`${path}/web`), "Progressing")?.status, "True");
  cluster.pass(2);
  const web = cluster.get(`${path}/web`);
  assert.equal(conditionOf(web, "Progressing")?.reason, "ProgressDeadlineExceeded");
  assert.equal(conditionOf(web, "Available")?.status, "True");
  assert.equal(web.status.availableReplicas, 3);
  cluster.patch(`${path}/web`, {
    spec: { template: { spec: { containers: [{ name: "main", image: "one" }] } } },
  });
  cluster.pass();
  assert.equal(conditionOf(cluster.get(`${path}/web`), "Progressing")?.reason, "NewReplicaSetAvailable");
});

Deno.test("pods of a node that goes are replaced elsewhere", () => {
  const cluster = clusterWithNode();
  cluster.post(path, deployment("web", { replicas: 2 }));
  cluster.pass();
  cluster.node("node-b");
  cluster.delete("/api/v1/nodes/node-a");
  cluster.pass();
  const nodes = cluster.list(`/api/v1/${here}/pods`).map(({ spec }) => spec.nodeName);
  assert.deepEqual(nodes, ["node-b", "node-b"]);
});

Deno.test("pods that are refused are told by ReplicaFailure", () => {
  const cluster = clusterWithNode();
  const sets = `/apis/apps/v1/${here}/replicasets`;
  // Nobody looks for the account of a template before a pod is made of it.
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { serviceAccountName: "web", containers: [{ name: "main", image: "one" }] },
  };
  cluster.post(sets, {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web" },
    spec: { replicas: 2, selector: { matchLabels: { app: "web" } }, template },
  });
  cluster.pass(1);
  const failure = conditionOf(cluster.get(`${sets}/web`), "ReplicaFailure");
  assert.equal(failure?.reason, "FailedCreate");
  assert.match(failure?.message, /serviceaccount "web" not found/);
  // One refusal ends a pass: the second pod is not tried. What is written of it begins one pass more.
  assert.equal(cluster.events("web").length, 2);
  cluster.patch(`${sets}/web`, { spec: { template: { spec: { serviceAccountName: "default" } } } });
  cluster.pass(6);
  const now = cluster.get(`${sets}/web`);
  assert.equal(conditionOf(now, "ReplicaFailure"), undefined);
  assert.equal(now.status.readyReplicas, 2);
});

function job(name: string, spec: AnyObject = {}): AnyObject {
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "one" }] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { template, ...spec } };
}

const jobs = `/apis/batch/v1/${here}/jobs`;

Deno.test("a Job completes with its pod, and goes when its time is over", () => {
  const cluster = clusterWithNode();
  cluster.post(jobs, job("once", { ttlSecondsAfterFinished: 60 }));
  cluster.pass(1);
  const { status } = cluster.get(`${jobs}/once`);
  assert.equal(status.succeeded, 1);
  assert.deepEqual(status.conditions.map(({ type }: AnyObject) => type), ["SuccessCriteriaMet", "Complete"]);
  assert.deepEqual(cluster.events("once").map((event) => event.split(":")[0]), [
    "SuccessfulCreate",
    "Completed",
  ]);
  cluster.pass(58);
  assert.equal(cluster.list(jobs).length, 1);
  cluster.pass(2);
  assert.deepEqual([cluster.list(jobs).length, cluster.list(`/api/v1/${here}/pods`).length], [0, 0]);
});

Deno.test("a Job whose pods fail tries again after 10, 20 and 40 seconds, until its limit", () => {
  const cluster = new PlayedCluster({ behaviourOf: () => ({ does: "run", exitCode: 1 }) });
  cluster.node("node-a");
  const began = cluster.clock.now();
  const made: number[] = [];
  cluster.server.cluster.store.listen("pods", ({ type }) => {
    if (type === "ADDED") made.push((cluster.clock.now() - began) / 1000);
  });
  cluster.post(jobs, job("fails", { backoffLimit: 3 }));
  cluster.pass(3600);
  assert.deepEqual(made.map(Math.floor), [0, 10, 30, 70]);
  const { status } = cluster.get(`${jobs}/fails`);
  assert.equal(status.failed, 4);
  assert.deepEqual(status.conditions.map(({ type, reason }: AnyObject) => [type, reason]), [
    ["FailureTarget", "BackoffLimitExceeded"],
    ["Failed", "BackoffLimitExceeded"],
  ]);
});

Deno.test("a Job that runs too long is ended with its pods; one that is suspended has none", () => {
  const cluster = new PlayedCluster({ behaviourOf: () => ({ does: "serve" }) });
  cluster.node("node-a");
  cluster.post(jobs, job("long", { activeDeadlineSeconds: 30 }));
  cluster.post(jobs, job("waits", { suspend: true }));
  cluster.pass(29);
  assert.equal(cluster.get(`${jobs}/long`).status.active, 1);
  assert.equal(cluster.get(`${jobs}/waits`).status.conditions[0].reason, "JobSuspended");
  cluster.pass(2);
  assert.equal(cluster.get(`${jobs}/long`).status.conditions.at(-1).reason, "DeadlineExceeded");
  assert.deepEqual(cluster.list(`/api/v1/${here}/pods`), []);
  cluster.patch(`${jobs}/waits`, { spec: { suspend: false } });
  cluster.pass();
  assert.equal(cluster.list(`/api/v1/${here}/pods`).length, 1);
});

Deno.test("a Job that is deleted while it runs takes its pods along; so does its namespace", () => {
  const cluster = new PlayedCluster({ behaviourOf: () => ({ does: "serve" }) });
  cluster.node("node-a");
  cluster.post(jobs, job("long"));
  cluster.pass(1);
  cluster.delete(`${jobs}/long`);
  cluster.pass(60);
  assert.deepEqual([cluster.list(jobs), cluster.list(`/api/v1/${here}/pods`)], [[], []]);
  cluster.post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } });
  cluster.post("/apis/batch/v1/namespaces/team/jobs", job("long"));
  cluster.pass(1);
  cluster.delete("/api/v1/namespaces/team");
  cluster.pass(60);
  assert.throws(() => cluster.get("/api/v1/namespaces/team"), /not found/);
});

Deno.test("a pod that is taken from its Job can be deleted: nobody counts it any more", () => {
  const cluster = new PlayedCluster({ behaviourOf: () => ({ does: "serve" }) });
  cluster.node("node-a");
  cluster.post(jobs, job("long"));
  cluster.pass(1);
  const [{ metadata: { name } }] = cluster.list(`/api/v1/${here}/pods`);
  cluster.patch(`/api/v1/${here}/pods/${name}`, { metadata: { ownerReferences: null } });
  cluster.delete(`/api/v1/${here}/pods/${name}`);
  cluster.pass(60);
  assert.throws(() => cluster.get(`/api/v1/${here}/pods/${name}`), /not found/);
});

Deno.test("a Job that is suspended while it runs has not failed", () => {
  const cluster = new PlayedCluster({ behaviourOf: () => ({ does: "serve" }) });
  cluster.node("node-a");
  cluster.post(jobs, job("long", { backoffLimit: 0 }));
  cluster.pass(1);
  cluster.patch(`${jobs}/long`, { spec: { suspend: true } });
  cluster.pass(60);
  const { status } = cluster.get(`${jobs}/long`);
  assert.equal(status.failed, undefined);
  assert.deepEqual(status.conditions.map(({ type }: AnyObject) => type), ["Suspended"]);
  assert.deepEqual(cluster.list(`/api/v1/${here}/pods`), []);
});

Deno.test("where a Deployment is recreated, no new pod comes while an old one is there", () => {
  const cluster = clusterWithNode();
  cluster.post(path, deployment("web", { strategy: { type: "Recreate" } }));
  cluster.pass();
  const { store } = cluster.server.cluster;
  const images = () =>
    new Set((store.list("pods") as AnyObject[]).map(({ spec }) => spec.containers[0].image));
  let mixed = false;
  store.listen("pods", () => mixed ||= images().size > 1);
  cluster.patch(`${path}/web`, {
    spec: { template: { spec: { containers: [{ name: "main", image: "two" }] } } },
  });
  cluster.pass(60);
  assert.deepEqual([mixed, [...images()]], [false, ["two"]]);
});
