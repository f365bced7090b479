/**
 * The operator killed with SIGKILL at random moments while fifty services of all shapes come, change and go: in
 * the end everything is as if it had never been killed (issue: AIMService complete).
 *
 * `AIM_KILL_RUNS` says how many runs there are (3), `AIM_KILL_SEED` with which seed they begin.
 */

import assert from "node:assert/strict";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { type Installation, uninstall, writesOf } from "../e2e/installation.ts";
import { Random } from "../simulation/random.ts";
import { playAutoscaler } from "./autoscaler.ts";
import { differences, normalForm, objectsIn, orphansIn, titleOf } from "./end_state.ts";
import { catalogueOf, clusterCatalogue, endsOf, lives, namespaces } from "./shapes.ts";
import { act, writesOfUsers } from "./story.ts";
import { startSmallCluster } from "./small_cluster.ts";

const runs = Number(Deno.env.get("AIM_KILL_RUNS") ?? 3);
const firstSeed = Number(Deno.env.get("AIM_KILL_SEED") ?? 1);
/** How long the acts of one run take, in seconds. */
const pace = 3;

const all = lives();
const ends = endsOf(all);
const everMade = all.map(({ name }) => name);
const stopping = new AbortController();
let installation: Installation<ControlPlane>;
/** The end of the undisturbed run: what of it is never put off, and all of it. */
let essentials: Map<string, string>;
let undisturbed: Map<string, string>;

Deno.test.beforeAll(async () => {
  installation = await startSmallCluster();
  const { plane } = installation;
  await playAutoscaler(plane, stopping.signal);
  await plane.apply(namespaces.map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })));
  await plane.apply(clusterCatalogue);
  await furnish();
  await act(plane, all, new Random(0), pace);
  await ended();
  await told();
  await quiet();
  const objects = await objectsIn(plane);
  essentials = normalForm(objects, everMade, { details: false });
  undisturbed = normalForm(objects, everMade, { details: true });
  assert.ok(undisturbed.size > 200, `only ${undisturbed.size} objects`);
});

Deno.test.afterAll(async () => {
  stopping.abort();
  await uninstall(installation);
});

/** The namespaces with what stands in them, Ready: what a service selects does not hang on when it comes. */
async function furnish(): Promise<void> {
  const { plane } = installation;
  await plane.apply(namespaces.flatMap(catalogueOf));
  await until("the catalogue is Ready", async () => {
    const objects = await objectsIn(plane);
    return objects.filter(({ kind }) => kind.startsWith("AIM")).every(({ status }) =>
      status?.status === "Ready"
    );
  }, { everyMilliseconds: 300 });
}

/** Takes away everything of the last run. */
async function clear(): Promise<void> {
  const { plane } = installation;
  const plurals = ["aimservices", "aimtemplatecaches", "aimartifacts", "aimmodels", "aimservicetemplates"];
  for (const plural of plurals) {
    for (const namespace of namespaces) {
      await plane.request("DELETE", `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/${plural}`);
    }
    await until(`no ${plural}`, async () => {
      const { items } = await plane.request("GET", `/apis/aim.eai.amd.com/v1alpha1/${plural}`);
      return items.length === 0;
    }, { everyMilliseconds: 200 });
  }
  await until("nothing left in the namespaces", async () => {
    const left = (await objectsIn(plane)).filter(({ kind, metadata }) =>
      metadata.namespace !== undefined && kind !== "ServiceAccount" && kind !== "RoleBinding"
    );
    if (left.length > 0) {
      throw new Error(`${left.length} are left: ${left.slice(0, 5).map(titleOf).join(", ")}`);
    }
    return true;
  }, { everyMilliseconds: 300 });
}

/** Every service has the status that its shape ends in. */
async function ended(): Promise<void> {
  await until("all services at their end", async () => {
    const { items } = await installation.plane.request("GET", "/apis/aim.eai.amd.com/v1alpha1/aimservices");
    const now = new Map<string, string>();
    for (const { metadata, status } of items) {
      now.set(`${metadata.namespace}/${metadata.name}`, status?.status ?? "none");
    }
    const off = [...ends].filter(([key, word]) => now.get(key) !== word).map(([key]) =>
      `${key}: ${now.get(key)}`
    );
    if (off.length > 0 || now.size !== ends.size) throw new Error(`${now.size}; ${off.join(", ")}`);
    return true;
  }, { everyMilliseconds: 300, seconds: 60 });
}

/**
 * Details of a status may wait for half a minute when much is going on. A successor tells them at once, and is
 * let in only when all that may not wait has come about without it.
 */
async function told(): Promise<void> {
  await installation.operator.restart("SIGTERM");
}

/** Waits until everything is as it is said to be, and fails with what is not. */
async function same(wanted: ReadonlyMap<string, string>, details: boolean, what: string): Promise<void> {
  let left: string[] = [];
  await until(what, async () => {
    left = differences(wanted, normalForm(await objectsIn(installation.plane), everMade, { details }));
    return left.length === 0;
  }, { everyMilliseconds: 400, seconds: 30 }).catch(() => assert.fail(`${what}:\n${left.join("\n")}`));
}

/** The operator has written nothing for a while, which is longer than what it has just found may wait. */
async function quiet(): Promise<void> {
  let last = (await writesOf(installation)).length;
  let since = Date.now();
  await until("the operator quiet", async () => {
    const now = (await writesOf(installation)).length;
    if (now !== last) since = Date.now();
    last = now;
    return Date.now() - since > 2_500;
  }, { everyMilliseconds: 300, seconds: 120 });
}

/** Kills the operator at moments that the seed chooses, until told that the story is over; says how often. */
async function killing(random: Random, over: () => boolean): Promise<number> {
  const { operator } = installation;
  let kills = 0;
  let started: Promise<void> = Promise.resolve();
  while (kills === 0 || !over()) {
    // Mostly while it works, sometimes while it starts.
    if (random.chance(0.8)) await started;
    await new Promise((resolve) => setTimeout(resolve, 100 + random.below(1_500)));
    if (operator.process.pid === undefined) throw new Error("the operator ended before it was killed");
    await operator.stop("SIGKILL");
    kills++;
    await new Promise((resolve) => setTimeout(resolve, random.below(300)));
    started = operator.process.start().catch((error) => {
      if (!/did not start|runs already/.test(error.message)) throw error;
    });
  }
  await started;
  return kills;
}

for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
  Deno.test(`fifty services, the operator killed again and again (AIM_KILL_SEED=${seed})`, async () => {
    const { plane } = installation;
    await clear();
    await furnish();
    const began = Date.now();
    let over = false;
    const [kills] = await Promise.all([
      killing(new Random(seed * 7919), () => over),
      act(plane, all, new Random(seed), pace).then(() => over = true),
    ]);
    const acted = (Date.now() - began) / 1000;
    await ended();
    await same(essentials, false, `seed ${seed}: the end of the undisturbed run`);
    const took = (Date.now() - began) / 1000;
    await told();
    await same(undisturbed, true, `seed ${seed}: its end to the last detail`);
    assert.deepEqual(orphansIn(await objectsIn(plane)), [], `seed ${seed}`);
    await eachWrittenSeldom(began, kills);
    console.log(
      `  seed ${seed}: ${kills} kills in ${acted.toFixed(1)} s, the same end after ${took.toFixed(1)} s`,
    );
  });
}

/** No InferenceService is written more often than its service by a user, plus once for each kill. */
async function eachWrittenSeldom(began: number, kills: number): Promise<void> {
  const { plane, operator } = installation;
  const { items } = await plane.request("GET", "/apis/serving.kserve.io/v1beta1/inferenceservices");
  const serviceOf = new Map<string, string>();
  for (const { metadata } of items) {
    serviceOf.set(`${metadata.namespace}/${metadata.name}`, metadata.labels["aim.eai.amd.com/service.name"]);
  }
  const writes = new Map<string, number>();
  for (const { user, verb, objectRef, requestReceivedTimestamp, stage } of await plane.auditEvents()) {
    if (user.username !== operator.user || stage !== "ResponseComplete") continue;
    if (objectRef?.resource !== "inferenceservices" || !["create", "patch", "update"].includes(verb)) {
      continue;
    }
    if (Date.parse(requestReceivedTimestamp) < began) continue;
    const key = `${objectRef.namespace}/${objectRef.name}`;
    writes.set(key, (writes.get(key) ?? 0) + 1);
  }
  assert.ok(writes.size > 0, "no write of an InferenceService was counted");
  const byUsers = writesOfUsers(all);
  for (const [key, count] of writes) {
    const [namespace] = key.split("/");
    const service = serviceOf.get(key) ?? key.slice(namespace.length + 1).replace(/-[0-9a-f]{8}$/, "");
    const allowed = (byUsers.get(`${namespace}/${service}`) ?? 0) + kills;
    assert.ok(count <= allowed, `InferenceService ${key} was written ${count} times, not at most ${allowed}`);
  }
}
