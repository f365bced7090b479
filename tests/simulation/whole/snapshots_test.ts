/** Support bundles of whole clusters: no secret is in one, and it decides as the cluster does. */

import assert from "node:assert/strict";
import type { StoredObject } from "../../../lib/apiserver/store/store.ts";
import { thawed } from "../../../lib/apiserver/json.ts";
import { pathOfService } from "../../../lib/cli/commands/status.ts";
import { whyOf } from "../../../lib/cli/commands/why.ts";
import { readCluster } from "../../../lib/cli/cluster/read.ts";
import { bundleOf } from "../../../lib/cli/snapshot/bundle.ts";
import { transportOf } from "../../../lib/cli/snapshot/replayed.ts";
import { tokens } from "../../../lib/cli/snapshot/tokens_fixture.ts";
import { bundleState } from "../../../lib/cli/state/bundle_state.ts";
import {
  clusterOf,
  type ClusterState,
  othersDefinitions,
  ownDefinitions,
} from "../../../lib/cli/state/state.ts";
import { watchedKinds } from "../../../lib/cluster/kinds.ts";
import { discoveryImages, profiled } from "../../node_agent/discovery_images.ts";
import { type AnyObject, WholeCluster } from "./whole_cluster.ts";
import { everything, images, namespace, pathOf, pushImages } from "./users_objects.ts";

const planted = 10_000;

/** Everything of a cluster on which users' objects have come to rest. */
async function atRest(seed: number): Promise<{ objects: StoredObject[]; at: number }> {
  using cluster = new WholeCluster(seed, {
    behaviourOf: discoveryImages(
      new Map([[images.a1, profiled("org/a", 16)], [images.b1, profiled("org/b", 16)]]),
    ),
  });
  pushImages(cluster.registry);
  for (const name of [namespace, "aim-system"]) {
    cluster.ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const { plural, object } of everything) cluster.ask("POST", pathOf(plural), object);
  cluster.start();
  await cluster.time.pass(15 * 60_000);
  const { kinds, store } = cluster.server.cluster;
  const shelves = new Set(
    kinds.all().map(({ group, plural }) => group === "" ? plural : `${plural}.${group}`),
  );
  return { objects: [...shelves].flatMap((shelf) => store.list(shelf)), at: cluster.time.clock.now() };
}

async function stateOf(objects: readonly StoredObject[], at: number): Promise<ClusterState> {
  const { cluster } = clusterOf([...ownDefinitions(), ...await othersDefinitions()], objects);
  return { cluster, manifests: [], at, unseen: [], remarks: [], knowsSecrets: true, source: "the cluster" };
}

/** What is decided of each service: the choice of its template, and where its path breaks. */
async function decisionsIn(state: ClusterState) {
  const cluster = { ...await readCluster(transportOf(state), watchedKinds), at: state.at };
  const names = state.cluster.store.list("aimservices.aim.eai.amd.com").map(({ metadata }) => metadata);
  return names.map(({ namespace = "", name }) => {
    const { because: _, ...why } = whyOf(cluster, namespace, name);
    const { links, broken, state } = pathOfService(cluster, namespace, name);
    return {
      why,
      broken,
      state,
      links: links.map(({ part, name, state, trouble }) => [part, name, state, trouble?.reason]),
    };
  });
}

/** Names, references and words by which things are decided: whoever puts a secret there gives it to everybody who may list. */
const identities =
  /^(?:name|namespace|uid|kind|apiVersion|group|resourceVersion|type|status|reason|scope|phase|controllerName|.*(?:Name|Ref|Time|Timestamp|Version|Hash|Id|Scope))$/;

/** Puts a token into each field that may hold one, again and again; gives the secrets. */
function plant(objects: readonly AnyObject[]): string[] {
  const shapes = Object.values(tokens);
  const secrets: string[] = [];
  const next = () => {
    const [secret, text] = shapes[secrets.length % shapes.length]();
    secrets.push(secret);
    return text;
  };
  const walk = (value: AnyObject, places: (() => void)[]) => {
    for (const [key, each] of Object.entries(value)) {
      if (typeof each === "object" && each !== null) walk(each, places);
      else if (typeof each === "string" && !identities.test(key)) {
        places.push(() => {
          value[key] = `${each} ${next()}`;
        });
      }
    }
  };
  const places: (() => void)[] = [];
  for (const object of objects) {
    const { metadata, spec, status, ...rest } = object;
    for (let n = 0; n < 4; n++) {
      places.push(() => (metadata.annotations ??= {})[`example.com/a-${secrets.length}`] = next());
    }
    // An event's own text stands beside its metadata.
    walk(rest, places);
    walk({ status: status ?? {} }, places);
    for (const env of environments(spec ?? {})) places.push(() => env.push({ name: "TOKEN", value: next() }));
  }
  while (secrets.length < planted) for (const place of places) place();
  return secrets;
}

/** Every list of variables in a tree. */
function environments(value: AnyObject): AnyObject[][] {
  return Object.entries(value).flatMap(([key, each]) =>
    key === "env" && Array.isArray(each)
      ? [each]
      : typeof each === "object" && each !== null
      ? environments(each)
      : []
  );
}

Deno.test(`of ${planted} tokens in every field that may hold one none is in the bundle`, async () => {
  const { objects, at } = await atRest(1);
  const copies = objects.map((object) => thawed(object)) as AnyObject[];
  const secrets = plant(copies);
  const bundle = JSON.stringify(bundleOf(await stateOf(copies as unknown as StoredObject[], at)));
  assert.ok(bundle.length > 50_000, "it holds the cluster");
  const left = secrets.filter((secret) => bundle.includes(JSON.stringify(secret).slice(1, -1)));
  assert.deepEqual(left.slice(0, 5), [], `${left.length} of ${secrets.length}`);
});

Deno.test("a bundle decides of each service as the cluster does", async () => {
  for (const seed of [1, 2]) {
    const { objects, at } = await atRest(seed);
    const state = await stateOf(objects, at);
    const bundle = JSON.parse(JSON.stringify(bundleOf(state)));
    const there = await decisionsIn(state);
    assert.ok(there.some(({ why }) => why.standsOn !== undefined) && there.length >= 5);
    assert.deepEqual(await decisionsIn(await bundleState(bundle, "bundle.json")), there);
  }
});
