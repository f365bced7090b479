/**
 * What is of scoped mode alone (docs/operations.md, "In some namespaces only"): namespaces that come later or do not
 * count, and cluster kinds that are out of reach until the right to read them is given.
 */

import "./with_namespaced_rights.ts";
import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, model, service, template } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import { clusterRead, watchedNamespace } from "./namespaced_installation.ts";
import { User } from "./user.ts";

let installation: Installation;
/** Who may make cluster objects. */
let admin: User;

Deno.test.beforeAll(async () => {
  installation = await install({
    namespaces: ["ml-team"],
    laterNamespaces: ["later"],
    leaderElection: true,
  });
  admin = new User(installation.plane);
});

Deno.test.afterAll(() => uninstall(installation));

Deno.test("it leads by the Lease in its own namespace, and says what it does not read", async () => {
  const lease = await admin.get("lease", "3be10d2f.eai.amd.com", "aim-system");
  assert.match(lease.spec.holderIdentity, /_/);
  const log = await installation.operator.log();
  assert.match(
    log,
    /namespace later is left alone: there is no right to list and watch aimservices\.aim\.eai/,
  );
  assert.match(
    log,
    /no right to list and watch aimclustermodels\.aim\.eai\.amd\.com, .*nodes, storageclasses/,
  );
});

Deno.test("what the namespace has is served; where the nodes cannot be read the GPU is unknown, and passes", async () => {
  await admin.apply([
    model("own", "ml-team"),
    template("own-latency", "ml-team", "own"),
    service("own", "ml-team", { model: { name: "own" } }),
  ]);
  await admin.reaches("aimservice", "own", "Running", "ml-team");
  const gpu = await admin.condition("aimservicetemplate", "own-latency", "GPUReady", "GPUUnknown", "ml-team");
  assert.equal(gpu.status, "True");
  assert.match(gpu.message, /GPU MI300X is not known, .*list and watch nodes/);
});

Deno.test("a pull secret is read by its name, in the namespace of the model", async () => {
  const { image } = model("private", "ml-team").spec;
  const spec = { image, imageMetadata: undefined, imagePullSecrets: [{ name: "not-there" }] };
  await admin.apply([model("private", "ml-team", spec)]);
  const told = await admin.condition(
    "aimmodel",
    "private",
    "ImageMetadataReady",
    "SecretNotFound",
    "ml-team",
  );
  assert.match(told.message, /ml-team\/not-there/);
});

Deno.test("a namespace that it is not told of is left alone, whatever is in it", async () => {
  await admin.namespace("other");
  await admin.apply([
    model("own", "other"),
    template("own-latency", "other", "own"),
    service("own", "other", { model: { name: "own" } }),
  ]);
  await admin.apply([service("second", "ml-team", { model: { name: "own" } })]);
  await admin.reaches("aimservice", "second", "Running", "ml-team");
  const left = await admin.get("aimservice", "own", "other");
  assert.deepEqual([left.status, left.metadata.finalizers], [undefined, undefined]);
});

Deno.test("a namespace that comes later is served once its Role is there", async () => {
  await admin.namespace("later");
  await admin.apply([
    model("own", "later"),
    template("own-latency", "later", "own"),
    service("own", "later", { model: { name: "own" } }),
  ]);
  await admin.apply(await watchedNamespace(installation.plane, "later"));
  await until(
    "it is read",
    async () => /namespace later can be read now/.test(await installation.operator.log()),
    { seconds: 60, everyMilliseconds: 500 },
  );
  await admin.reaches("aimservice", "own", "Running", "later");
});

Deno.test("a cluster model is out of reach, not missing; with the right and a restart it is found", async () => {
  await admin.apply([clusterModel("shared"), clusterTemplate("shared-latency", "shared")]);
  await admin.apply([service("shared", "ml-team", { model: { name: "shared" } })]);
  const told = await admin.condition("aimservice", "shared", "ModelReady", "OutOfReach", "ml-team");
  assert.match(told.message, /list and watch aimclustermodels.*add the component manifests\/cluster-read/);

  await admin.apply(await clusterRead(installation.plane));
  installation = { ...installation, readsCluster: true };
  await installation.operator.restart();
  // It is read and not acted on: its status is another operator's.
  const found = await admin.condition("aimservice", "shared", "ModelReady", "ModelNotReady", "ml-team");
  assert.match(found.message, /AIMClusterModel shared/);
  await admin.condition("aimservicetemplate", "own-latency", "GPUReady", "GPUAvailable", "ml-team");
  assert.equal((await admin.get("aimclustermodel", "shared")).status?.conditions, undefined);
  assert.equal((await admin.get("aimservice", "own", "ml-team")).status.status, "Running");
});
