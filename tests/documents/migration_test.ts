/**
 * docs/migration.md, followed there and back by a reader on a cluster that AIM Engine has run, with an object of each of
 * the ten kinds as it leaves it. Its spec, its endpoints and its pods stay as they are, and what is handed back is in
 * the form that AIM Engine expects.
 */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { install, type Installation, uninstall, writesOf } from "../e2e/installation.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { EngineWorld, namespaces, pathOf } from "../endurance/engine_world.ts";
import { titleOf } from "../endurance/end_state.ts";
import { Reader } from "./reader.ts";

const page = "docs/migration.md";

/** The ten kinds, and what AIM Engine makes of them. */
const kinds = [
  ...["aimservices", "aimmodels", "aimservicetemplates", "aimtemplatecaches", "aimartifacts"],
  ...["aimruntimeconfigs", "aimclustermodels", "aimclusterservicetemplates", "aimclusterruntimeconfigs"],
  "aimclustermodelsources",
];
const children = ["inferenceservices", "httproutes", "persistentvolumeclaims", "deployments", "pods", "jobs"];

let installation: Installation;
let user: User;
let reader: Reader;
let engine: EngineWorld;
/** What AIM Engine left, and what is there after the switch, by title. */
let left: Map<string, AnyObject>;
let taken: Map<string, AnyObject>;

Deno.test.beforeAll(async () => {
  installation = await install({ namespaces, leaderElection: true });
  user = installation.user;
  reader = await Reader.sitsDown(user);
  const { plane, operator } = installation;
  await operator.stop();
  await plane.apply([fastClass, ...await enginesOwn()]);
  engine = new EngineWorld(plane);
  await engine.build();
  await until("AIM Engine's endpoints run", async () => {
    const pods = await user.list("pods", "ml-team");
    const services = new Set(
      pods.map(({ metadata }) => metadata.labels["serving.kserve.io/inferenceservice"]),
    );
    return services.size === 2 && pods.every(({ status }) => status.phase === "Running");
  });
  left = await stored();
});

Deno.test.afterAll(async () => {
  await reader?.leaves(); // it may not have come
  await uninstall(installation);
});

/** The class of AIM Engine's claims, a copy of the cluster's own. */
const fastClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "fast" },
  provisioner: "embedded.example.com/volume",
};

/** AIM Engine's Deployment under its own image, and its second Lease, which it never gives back. */
async function enginesOwn(): Promise<AnyObject[]> {
  const deployment = await user.get("deployment", "aim-engine-controller-manager", "aim-system");
  const [manager] = deployment.spec.template.spec.containers;
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: deployment.metadata.name, namespace: "aim-system" },
      spec: {
        ...deployment.spec,
        replicas: 1,
        template: {
          ...deployment.spec.template,
          spec: {
            ...deployment.spec.template.spec,
            containers: [{ ...manager, image: "ghcr.io/silogen/aim-engine:0.9.0" }],
          },
        },
      },
    },
    {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "aim-discovery-lock", namespace: "aim-system" },
      spec: { holderIdentity: "" },
    },
  ];
}

async function stored(): Promise<Map<string, AnyObject>> {
  const objects = new Map<string, AnyObject>();
  for (const namespace of namespaces) {
    for (const kind of [...kinds, ...children]) {
      for (const object of await user.list(kind, namespace)) objects.set(titleOf(object), object);
    }
  }
  return objects;
}

const isAim = ({ apiVersion }: AnyObject) => apiVersion === "aim.eai.amd.com/v1alpha1";

/** All of one kind that AIM Engine left, each with what it is now. */
function pairs(now: ReadonlyMap<string, AnyObject>, which: (object: AnyObject) => boolean) {
  return [...left].filter(([, object]) => which(object)).map(([title, before]) => {
    assert.ok(now.has(title), `${title} is gone`);
    return { title, before, after: now.get(title)! };
  });
}

Deno.test("AIM Engine has left an object of each of the ten kinds", () => {
  const there = new Set([...left.values()].filter(isAim).map(({ kind }) => kind));
  assert.equal(there.size, 10, [...there].join());
});

Deno.test("the reader looks at what there is, and keeps a copy", () => reader.types(page, "Before"));

Deno.test("the reader switches over", async () => {
  const blocks = reader.blocks(page, "There");
  assert.equal(blocks.length, 3, "each is typed here");
  const [stop, start, check] = blocks;
  await reader.typesBlock(stop);
  // The Deployment's pod is played; in its place runs a process.
  await reader.typesBlock(start);
  await installation.operator.process.start();
  await until("every object is known to the operator", async () => {
    taken = await stored();
    return [...taken.values()].filter(isAim).every(({ metadata, status }) =>
      status?.observedGeneration === metadata.generation
    );
  });
  let writes = -1;
  await until("the operator has no more to say", async () => {
    const before = writes;
    writes = (await writesOf(installation)).length;
    return before === writes;
    // Longer than a detail of a status may wait.
  }, { everyMilliseconds: 11_000, seconds: 120 });
  taken = await stored();
  await reader.typesBlock(check);
});

Deno.test("nothing is made anew, nothing besides, nothing is gone", () => {
  assert.deepEqual([...taken.keys()].sort(), [...left.keys()].sort());
  for (const { title, before, after } of pairs(taken, () => true)) {
    assert.equal(after.metadata.uid, before.metadata.uid, title);
  }
});

Deno.test("no spec is rewritten, of the ten kinds, of their endpoints, routes and claims", () => {
  for (
    const { title, before, after } of pairs(taken, ({ kind }) => kind !== "Pod" && kind !== "Deployment")
  ) {
    assert.deepEqual(after.spec, before.spec, title);
    assert.equal(after.metadata.generation, before.metadata.generation, title);
  }
});

Deno.test("no pod is replaced or has restarted", () => {
  for (const { title, after } of pairs(taken, ({ kind }) => kind === "Pod")) {
    for (const { restartCount } of after.status.containerStatuses ?? []) assert.equal(restartCount, 0, title);
  }
});

Deno.test("what serves is Running, and models, templates, caches, artifacts and sources are Ready", () => {
  for (
    const { title, after } of pairs(taken, (object) => isAim(object) && object.status?.status !== undefined)
  ) {
    // The autoscaled one waits for KEDA, which is not here.
    if (title === "AIMService ns/s") continue;
    assert.match(
      after.status.status,
      /^(Running|Ready)$/,
      `${title}: ${JSON.stringify(after.status.conditions)}`,
    );
  }
});

Deno.test("written were statuses, events, and labels and annotations of ours on the ten kinds; nothing else", async () => {
  const writes = (await writesOf(installation)).filter((line) =>
    !/\/(status|events)\b/.test(line) && !/accessreviews|tokenreviews/.test(line)
  );
  assert.deepEqual(writes.filter((line) => !/^patch \/apis\/aim\.eai\.amd\.com\//.test(line)), []);
  for (const { title, before, after } of pairs(taken, isAim)) {
    const { labels, annotations, managedFields: _, resourceVersion: __, ...metadata } = after.metadata;
    const { labels: hadLabels, annotations: had, managedFields: ___, resourceVersion: ____, ...was } =
      before.metadata;
    assert.deepEqual(metadata, was, title);
    assertGrown(labels, hadLabels, title);
    assertGrown(annotations, had, title);
  }
});

/** Whether all is there that was, and what has been added is this operator's. */
function assertGrown(now: AnyObject = {}, before: AnyObject = {}, title: string): void {
  assert.deepEqual({ ...now, ...before }, now, title);
  const foreign = Object.keys(now).filter((key) => !(key in before) && !key.startsWith("aim.eai.amd.com/"));
  assert.deepEqual(foreign, [], title);
}

Deno.test("the reader goes back", async () => {
  const blocks = reader.blocks(page, "Back");
  assert.equal(blocks.length, 1, "each is typed here");
  const [stop] = blocks;
  await reader.typesBlock(stop);
  await installation.operator.stop();
});

for (const kind of kinds) {
  Deno.test(`AIM Engine finds its ${kind} in the form that it knows`, async () => {
    const plural = (object: AnyObject) => isAim(object) && `${object.kind.toLowerCase()}s` === kind;
    const all = pairs(await stored(), plural);
    assert.ok(all.length > 0);
    for (const { title, before, after } of all) {
      assert.deepEqual(after.metadata.finalizers, before.metadata.finalizers, title);
      assert.deepEqual(after.metadata.ownerReferences, before.metadata.ownerReferences, title);
      for (const [key, value] of Object.entries(before.metadata.labels ?? {})) {
        assert.equal(after.metadata.labels[key], value, `${title}: ${key}`);
      }
      // What it reads of a status is there as it was; moments and conditions move on.
      const { conditions: _, lastSyncTime: __, ...known } = before.status ?? {};
      for (const [field, value] of Object.entries(known)) {
        if (title === "AIMService ns/s" && field === "status") continue;
        assertHolds(after.status[field], value, `${title}: status.${field}`);
      }
      // It updates whole objects, and a schema of its own judges them.
      const path = pathOf(after);
      await installation.plane.request("PUT", `${path}?fieldManager=manager`, after);
      const again = await installation.plane.request("GET", path);
      await installation.plane.request("PUT", `${path}/status?fieldManager=manager`, again);
    }
  });
}

/** Whether all that was said still stands; more may have been added. */
function assertHolds(now: unknown, before: unknown, what: string): void {
  if (before === null || typeof before !== "object" || Array.isArray(before)) {
    return assert.deepEqual(now, before, what);
  }
  for (const [key, value] of Object.entries(before)) {
    assertHolds((now as AnyObject)?.[key], value, `${what}.${key}`);
  }
}

Deno.test("what AIM Engine applied applies again, without a conflict and without a change", async () => {
  for (const applied of engine.applies) {
    const title = titleOf(applied.object);
    const after = await engine.apply(applied);
    assert.equal(after.metadata.uid, left.get(title)!.metadata.uid, title);
    assert.deepEqual(after.spec, left.get(title)!.spec, title);
    assert.equal(after.metadata.generation, left.get(title)!.metadata.generation, title);
  }
});
