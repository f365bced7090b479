/**
 * Every smallest change that `kubectl aim why` prints is taken by the API server, and makes its candidate win. No
 * operator runs: what one would find out of a template is written by hand.
 *
 * `AIM_CATALOGUES=200` tries as many random catalogues, `SEED=1` others.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type AnyObject,
  type Catalogue,
  catalogues,
  changed,
  placeAfter,
} from "../../lib/cli/commands/random_catalogue_sample.ts";
import { whyOf } from "../../lib/cli/commands/why.ts";
import { readCluster } from "../../lib/cli/cluster/read.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import { detectAccess } from "../../lib/kube/access/detect_access.ts";
import { HttpTransport } from "../../lib/kube/http_transport.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";
import { manifestsFolder } from "../manifests/documents.ts";
import { startScenarioServer } from "./half.ts";
import { kustomized } from "./kustomized.ts";

const rounds = Number(Deno.env.get("AIM_CATALOGUES") ?? 5);
const seed = Number(Deno.env.get("SEED") ?? 16);

let server: Cluster;
let transport: HttpTransport;

Deno.test.beforeAll(async () => {
  server = await startScenarioServer();
  await server.apply(await kustomized(server, `${manifestsFolder}/crds`));
  await kindsServed(server);
  transport = new HttpTransport(await detectAccess(server.adminKubeconfig, undefined), {
    userAgent: "kubectl-aim",
  });
});

Deno.test.afterAll(async () => {
  transport?.close();
  await server?.stop();
});

Deno.test(`of ${rounds} random catalogues every smallest change, carried out, wins`, async () => {
  let tried = 0;
  for (let n = 0; n < rounds; n++) {
    const name = `catalogue-${n}`;
    const [catalogue] = fc.sample(catalogues(name), { numRuns: 1, seed: seed + n });
    await server.request("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    });
    for (const object of catalogue.objects) await create(object);
    for (const candidate of (await why(catalogue)).candidates) {
      if (candidate.status === "chosen") continue;
      const after = changed(catalogue, candidate);
      await write(catalogue.objects, after);
      const { candidates, selection } = await why(catalogue);
      const winner = candidates.find(({ status }) => status === "chosen");
      assert.deepEqual(
        [winner?.name, winner?.namespace],
        placeAfter(catalogue, candidate),
        `catalogue ${seed + n}: ${candidate.name} does not win with ${candidate.winsWith}: ${selection}`,
      );
      for (const object of after) if (!has(catalogue.objects, object)) await remove(object);
      for (const object of catalogue.objects) if (!has(after, object)) await create(object);
      tried++;
    }
    for (const object of catalogue.objects) await remove(object);
  }
  console.log(`${rounds} catalogues, ${tried} changes`);
  assert(tried > rounds, `only ${tried} changes`);
});

async function why({ namespace, service }: Catalogue) {
  return whyOf(await readCluster(transport, watchedKinds, namespace), namespace, service);
}

/** Makes of what is there what is wanted, as a person would: the service is changed, never made anew. */
async function write(before: readonly AnyObject[], after: readonly AnyObject[]): Promise<void> {
  for (const object of before) {
    if (!after.some((each) => pathOf(each) === pathOf(object))) await remove(object);
  }
  for (const object of after) {
    if (has(before, object)) continue;
    const old = before.find((each) => pathOf(each) === pathOf(object));
    if (old === undefined) await create(object);
    else if (JSON.stringify(old.spec) === JSON.stringify(object.spec)) await writeStatus(object);
    else if (object.kind === "AIMService") {
      const live = await server.request("GET", pathOf(object));
      await server.request("PUT", pathOf(object), { ...live, spec: object.spec });
    } else {
      // Most of a template's spec cannot be changed.
      await remove(object);
      await create(object);
    }
  }
}

function has(objects: readonly AnyObject[], object: AnyObject): boolean {
  const text = JSON.stringify(object);
  return objects.some((each) => JSON.stringify(each) === text);
}

async function create(object: AnyObject): Promise<void> {
  await server.request("POST", pathOf(object).replace(/\/[^/]+$/, ""), object);
  if (object.status !== undefined) await writeStatus(object);
}

async function writeStatus(object: AnyObject): Promise<void> {
  await server.request(
    "PATCH",
    `${pathOf(object)}/status`,
    { status: object.status },
    "application/merge-patch+json",
  );
}

async function remove(object: AnyObject): Promise<void> {
  await server.request("DELETE", pathOf(object));
}

const plurals: Readonly<Record<string, string>> = {
  AIMModel: "aimmodels",
  AIMService: "aimservices",
  AIMServiceTemplate: "aimservicetemplates",
  AIMClusterServiceTemplate: "aimclusterservicetemplates",
  Node: "nodes",
};

function pathOf({ apiVersion, kind, metadata }: AnyObject): string {
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  const namespace = metadata?.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${root}${namespace}/${plurals[kind!]}/${metadata?.name}`;
}
