/**
 * A cluster that AIM Engine has run is taken over: nothing is made anew, no pod restarts; and AIM Engine can have
 * it back (issue: AIMService complete; spec/README: a take-over restarts nothing).
 */

import assert from "node:assert/strict";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { type Installation, uninstall, writesOf } from "../e2e/installation.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { playAutoscaler } from "./autoscaler.ts";
import { objectsIn, titleOf } from "./end_state.ts";
import { EngineWorld, namespaces } from "./engine_world.ts";
import { startSmallCluster } from "./small_cluster.ts";

let installation: Installation<ControlPlane>;
let user: User;
let engine: EngineWorld;
const stopping = new AbortController();
/** What AIM Engine left, by title. */
let left: Map<string, AnyObject>;

const services = [["qwen-chat", "ml-team"], ["my-custom", "ml-team"], ["s", "ns"]] as const;

Deno.test.beforeAll(async () => {
  installation = await startSmallCluster();
  user = installation.user;
  const { plane, operator } = installation;
  await operator.stop();
  await playAutoscaler(plane, stopping.signal);
  engine = new EngineWorld(plane);
  await engine.build();
  await until("three endpoints with their pods", async () => {
    const objects = await objectsIn(plane, namespaces);
    const pods = objects.filter(({ kind }) => kind === "Pod");
    return pods.length === 3 * services.length && pods.every(({ status }) => status.phase === "Running") &&
      objects.some(({ kind, status }) => kind === "HTTPRoute" && status?.parents?.length > 0) &&
      objects.some(({ kind, status }) =>
        kind === "HorizontalPodAutoscaler" && status?.conditions?.length > 0
      );
  });
  // Of a cluster template's Secrets an endpoint gets those that its namespace has (model-sources-and-config.md §14).
  const type = "kubernetes.io/dockerconfigjson";
  const stringData = { ".dockerconfigjson": '{"auths":{}}' };
  const metadata = { name: "of-the-template", namespace: "ml-team" };
  await user.apply([{ apiVersion: "v1", kind: "Secret", metadata, type, stringData }]);
  left = await stored();
  await operator.process.start();
  await settled();
});

Deno.test.afterAll(async () => {
  stopping.abort();
  await uninstall(installation);
});

/** Everything in the namespaces, by title. */
async function stored(): Promise<Map<string, AnyObject>> {
  const objects = await objectsIn(installation.plane, namespaces);
  return new Map(objects.map((object) => [titleOf(object), object]));
}

/** All services Running as this operator sees them, and then the operator quiet for longer than a detail may wait. */
async function settled(): Promise<void> {
  for (const [name, namespace] of services) {
    await until(`${name} taken over`, async () => {
      const { metadata, status } = await user.get("aimservice", name, namespace);
      return status.status === "Running" && status.observedGeneration === metadata.generation;
    }, { everyMilliseconds: 200 });
  }
  let last = -1;
  let since = Date.now();
  await until("the operator quiet", async () => {
    const now = (await writesOf(installation)).length;
    if (now !== last) [last, since] = [now, Date.now()];
    return Date.now() - since > 11_000;
  }, { everyMilliseconds: 500, seconds: 90 });
}

const ofKind = (objects: ReadonlyMap<string, AnyObject>, kind: string) =>
  [...objects.values()].filter((object) => object.kind === kind);

/** What of an object decides what pods run, and what users reach. */
const essence = ({ metadata, spec }: AnyObject) => ({
  uid: metadata.uid,
  generation: metadata.generation,
  spec,
});

function unchanged(now: ReadonlyMap<string, AnyObject>, kind: string): void {
  const wanted = ofKind(left, kind).map((object) => [titleOf(object), essence(object)]);
  assert.ok(wanted.length > 0, `no ${kind} was left`);
  assert.deepEqual(ofKind(now, kind).map((object) => [titleOf(object), essence(object)]), wanted);
}

Deno.test("all services run on, and say so as this operator does", async () => {
  for (const [name, namespace] of services) {
    const { metadata, status } = await user.get("aimservice", name, namespace);
    assert.equal(status.status, "Running");
    assert.equal(status.observedGeneration, metadata.generation);
    assert.deepEqual(metadata.finalizers, ["aim.eai.amd.com/template-cache-cleanup"]);
    const before = left.get(`AIMService ${namespace}/${name}`)!;
    for (const field of ["resolvedModel", "resolvedTemplate"]) {
      assert.equal(status[field].uid, before.status[field].uid, field);
    }
    assert.deepEqual(status.cache.templateCacheRef, before.status.cache.templateCacheRef);
  }
});

Deno.test("nothing is made anew, nothing is made besides, nothing is gone", async () => {
  const now = await stored();
  // The account of downloads is ours; without a download there is none.
  assert.deepEqual([...now.keys()].sort(), [...left.keys()].sort());
  for (const [title, { metadata }] of left) assert.equal(now.get(title)!.metadata.uid, metadata.uid, title);
});

for (
  const kind of ["InferenceService", "PersistentVolumeClaim", "AIMTemplateCache", "AIMArtifact", "AIMModel"]
) {
  Deno.test(`no ${kind} has another spec`, async () => unchanged(await stored(), kind));
}

Deno.test("the route leads where it led", async () => unchanged(await stored(), "HTTPRoute"));

Deno.test("no pod was replaced, none has restarted", async () => {
  const pods = ofKind(await stored(), "Pod");
  assert.deepEqual(
    pods.map(({ metadata }) => metadata.uid).sort(),
    ofKind(left, "Pod").map(({ metadata }) => metadata.uid).sort(),
  );
  for (const { status } of pods) {
    for (const { restartCount } of status.containerStatuses) assert.equal(restartCount, 0);
  }
});

Deno.test("each child has one owner of its fields, AIM Engine's", async () => {
  for (const kind of ["InferenceService", "HTTPRoute"]) {
    for (const { metadata } of ofKind(await stored(), kind)) {
      const applied = metadata.managedFields.filter(({ operation }: AnyObject) => operation === "Apply");
      assert.deepEqual(applied.map(({ manager }: AnyObject) => manager), ["aim-service-controller"]);
    }
  }
});

Deno.test("AIM Engine can have it back: what it applied applies again, without conflict and without effect", async () => {
  const { operator } = installation;
  await operator.stop();
  const before = await stored();
  for (const { manager, object } of engine.applies) {
    const title = titleOf(object);
    const after = await engine.apply({ manager, object });
    assert.equal(after.metadata.uid, before.get(title)!.metadata.uid, title);
    assert.deepEqual(after.spec, before.get(title)!.spec, title);
    assert.equal(after.metadata.generation, before.get(title)!.metadata.generation, title);
  }
  // Its updates of whole objects pass, too: of finalizers, and of a status.
  for (const [name, namespace] of services) {
    const path = `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimservices/${name}`;
    const object = await installation.plane.request("GET", path);
    await installation.plane.request("PUT", `${path}?fieldManager=manager`, object);
    await installation.plane.request("PUT", `${path}/status?fieldManager=manager`, object);
  }
  await operator.process.start();
  await settled();
  const again = await stored();
  for (const kind of ["InferenceService", "HTTPRoute", "PersistentVolumeClaim"]) unchanged(again, kind);
});

Deno.test("the user's next edit is followed, on the same objects", async () => {
  const body = JSON.stringify({ spec: { replicas: 3 } });
  await user.kubectl("patch", "aimservice", "qwen-chat", "-n", "ml-team", "--type=merge", "-p", body);
  const isvc = await until("three replicas, and the Secrets that have been asked for meanwhile", async () => {
    const object = await user.get("inferenceservice", "qwen-chat-a04542d9", "ml-team");
    const { minReplicas, imagePullSecrets } = object.spec.predictor;
    return minReplicas === 3 && imagePullSecrets.length > 1 && object;
  });
  const before = left.get("InferenceService ml-team/qwen-chat-a04542d9")!;
  assert.equal(isvc.metadata.uid, before.metadata.uid);
  assert.deepEqual(isvc.spec.predictor.containers, before.spec.predictor.containers);
  assert.deepEqual(isvc.spec.predictor.volumes, before.spec.predictor.volumes);
  // Now that the user has asked for a change, richer rules count (spec/README "Which line wins").
  assert.deepEqual(isvc.spec.predictor.imagePullSecrets, [{ name: "regcred" }, { name: "of-the-template" }]);
  await user.reaches("aimservice", "qwen-chat", "Running", "ml-team");
});

Deno.test("what AIM Engine made goes as what this operator makes does", async () => {
  await user.kubectl("delete", "aimservice", "my-custom", "qwen-chat", "-n", "ml-team", "--timeout=60s");
  await until("endpoints, routes and the Dedicated cache are gone", async () => {
    const now = await stored();
    const gone = ["InferenceService", "HTTPRoute"].every((kind) =>
      ofKind(now, kind).every(({ metadata }) => metadata.namespace !== "ml-team")
    );
    const caches = ofKind(now, "AIMTemplateCache").filter(({ metadata }) => metadata.namespace === "ml-team");
    return gone && caches.length === 1 && caches[0].spec.mode === "Shared";
  });
});
