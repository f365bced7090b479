/**
 * Model sources on real registries: open ones, one with a password and an authority of its own, one with tokens; and what
 * a process that is killed in the middle leaves to the next one.
 */

import assert from "node:assert/strict";
import type { Resource } from "../../lib/kube/object.ts";
import { bareClient } from "../bench/bare_client.ts";
import { observe } from "../bench/progress.ts";
import { until } from "../control_plane/until.ts";
import { startImitation } from "../registry/imitation.ts";
import { pullSecret, type Registry, startRegistry } from "../registry/registry.ts";
import { apiVersion } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

const interval = 20;
const clusterModels: Resource = {
  group: "aim.eai.amd.com",
  version: "v1alpha1",
  kind: "AIMClusterModel",
  plural: "aimclustermodels",
  namespaced: false,
};

let installation: Installation;
let user: User;
let open: Registry, second: Registry, secured: Registry, guarded: Registry;

Deno.test.beforeAll(async () => {
  open = await startRegistry({ program: "go-containerregistry" });
  second = await startRegistry();
  secured = await startRegistry({ auth: "htpasswd", tls: true });
  guarded = await startRegistry({ auth: "token" });
  const authority = await Deno.makeTempFile({ suffix: ".crt" });
  await Deno.writeTextFile(authority, secured.authority!);
  // As docs/private-registries.md says it.
  installation = await install({ env: { DENO_CERT: authority } });
  user = installation.user;
});

Deno.test.afterAll(async () => {
  await uninstall(installation);
  for (const registry of [open, second, secured, guarded]) await registry?.stop();
});

const source = (name: string, spec: AnyObject): AnyObject => ({
  apiVersion,
  kind: "AIMClusterModelSource",
  metadata: { name },
  spec,
});

async function imagesOf(name: string): Promise<string[]> {
  const models = await user.list("aimclustermodels", "default", `aim.eai.amd.com/model-source=${name}`);
  return models.map(({ spec }) => spec.image).sort();
}

/** How often a registry was asked for lists. */
async function listings(registry: Registry): Promise<number> {
  return (await registry.requests()).filter(({ path }) => /tags\/list|_catalog/.test(path)).length;
}

Deno.test("four registries: models appear, and a tag that is pushed after the interval", async () => {
  for (const name of ["org/a:1.0.0", "org/a:latest", "org/b:2.0.0", "x/c:1.0.0"]) await open.push(name, {});
  await second.push("team/aim-a:0.9.0", {});
  await secured.push("org/private:1.0.0", {});
  await secured.push("org/private:0.1.0", {});
  await guarded.push("org/token:3.0.0", {});
  await user.apply([
    { name: "secured", registry: secured },
    { name: "guarded", registry: guarded },
  ].map(({ name, registry }) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "aim-system" },
    ...pullSecret(registry.host),
  })));
  await user.apply([source("four", {
    registry: open.host,
    syncInterval: `${interval}s`,
    imagePullSecrets: [{ name: "secured" }, { name: "guarded" }],
    versions: [">=0.8.0"],
    filters: [
      { image: "org/*" },
      { image: `${second.host}/team/aim-a` },
      { image: `${secured.host}/org/private` },
      { image: `${guarded.host}/org/*` },
    ],
  })]);
  const { status } = await user.reaches("aimclustermodelsource", "four", "Ready");
  const wanted = [
    `${open.host}/org/a:1.0.0`,
    `${open.host}/org/b:2.0.0`,
    `${second.host}/team/aim-a:0.9.0`,
    `${secured.host}/org/private:1.0.0`,
    `${guarded.host}/org/token:3.0.0`,
  ].sort();
  assert.deepEqual(await imagesOf("four"), wanted);
  assert.deepEqual([status.discoveredModels, status.availableModels], [5, 5]);
  // The image is read with the same secret and the same authority.
  const models = await user.list("aimclustermodels", "default", "aim.eai.amd.com/model-source=four");
  const secret = models.find(({ spec }) => spec.image.includes("private"))!;
  assert.deepEqual(secret.spec.imagePullSecrets, [{ name: "secured" }, { name: "guarded" }]);
  await user.condition("aimclustermodel", secret.metadata.name, "ImageMetadataReady", "ImageFound");
  const before = await listings(second);
  const began = performance.now();
  await second.push("team/aim-a:0.9.1", {});
  const pushes = await listings(second) - before;
  await until("the pushed tag", async () => (await imagesOf("four")).length === 6, {
    seconds: interval * 1.1 + 20,
    everyMilliseconds: 500,
  });
  const looks = await listings(second) - before - pushes;
  const seconds = (performance.now() - began) / 1000;
  assert.ok(looks >= 1 && looks <= Math.ceil(seconds / (interval * 0.9)), `${looks} looks in ${seconds} s`);
  await user.kubectl("delete", "aimclustermodelsource", "four", "--timeout=60s");
});

Deno.test("killed in the middle of a sync: no model twice, none lost, and no listing that lastSyncTime makes unnecessary", async () => {
  await using server = await startImitation(4, 50);
  const first = new AbortController();
  const client = await bareClient(installation.plane.adminKubeconfig);
  const seen = Promise.withResolvers<void>();
  const names = new Set<string>();
  observe(client, clusterModels, ({ metadata }) => {
    if (metadata.labels?.["aim.eai.amd.com/model-source"] === "many") names.add(metadata.name);
    if (names.size >= 10) seen.resolve();
  }, first.signal);
  await user.apply([source("many", {
    registry: server.host,
    syncInterval: "1h",
    maxModels: 1000,
    filters: [{ image: "org/*" }, { image: "127.0.0.1:1/org/nowhere" }],
  })]);
  await seen.promise;
  await installation.operator.stop("SIGKILL");
  const left = (await imagesOf("many")).length;
  assert.ok(left >= 10 && left < 200, `${left} models when it was killed`);
  const { status } = await user.get("aimclustermodelsource", "many");
  assert.equal(status?.lastSyncTime, undefined, "what was not carried out is not stored");
  await installation.operator.restart();
  await user.reaches("aimclustermodelsource", "many", "Degraded");
  const images = await imagesOf("many");
  assert.deepEqual([images.length, new Set(images).size], [200, 200]);
  const told = await server.told();
  assert.deepEqual([told.pages, told.tags], [2, 2 * 4 * 3], "once by each process");
  const synced = (await user.get("aimclustermodelsource", "many")).status.lastSyncTime;
  assert.ok(synced !== undefined);
  // A part has failed: what was found stands all the same.
  await server.set();
  await installation.operator.restart("SIGKILL");
  await until("the operator to be ready", () => installation.operator.ready());
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const again = await server.told();
  assert.deepEqual([again.pages, again.tags], [0, 0]);
  const after = await user.get("aimclustermodelsource", "many");
  assert.deepEqual([after.status.lastSyncTime, after.status.status], [synced, "Degraded"]);
  // A model that is deleted is made again, and for that alone the registry is asked.
  const [lost] = await user.list("aimclustermodels", "default", "aim.eai.amd.com/model-source=many");
  await user.kubectl("delete", "aimclustermodel", lost.metadata.name, "--timeout=60s");
  await until("the lost model", async () => (await imagesOf("many")).length === 200);
  first.abort();
});
