import assert from "node:assert/strict";
import { inProcessTransport } from "../../apiserver/doors/in_process.ts";
import { ApiServer } from "../../apiserver/server.ts";
import { CachedKind } from "../../kube/cache/cached_kind.ts";
import { ApiError, NetworkError } from "../../kube/errors.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { RequestOptions, Transport } from "../../kube/transport.ts";
import { FollowedCluster } from "./follow.ts";

const core = (kind: string, plural: string, namespaced: boolean) =>
  new CachedKind<KubeObject, false>({
    resource: { group: "", version: "v1", kind, plural, namespaced },
    optional: false,
  });
const configMaps = core("ConfigMap", "configmaps", true);
const nodes = core("Node", "nodes", false);
const kinds = [configMaps, nodes];

/** A server in this process, a user of it, and what becomes of requests before they come there. */
async function world(meddle: (request: RequestOptions) => Error | undefined = () => undefined) {
  const inner = inProcessTransport(new ApiServer());
  const performRequest = (request: RequestOptions) => {
    const failure = meddle(request);
    if (failure !== undefined) return Promise.reject(failure);
    return inner.performRequest(request as RequestOptions & { expectJson: true });
  };
  const stop = new AbortController();
  const options = { transport: { ...inner, performRequest } as Transport, kinds, signal: stop.signal };
  const create = (path: string, object: object) =>
    inner.performRequest({ method: "POST", path, bodyJson: object, expectJson: true });
  for (const name of ["a", "b"]) {
    await create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  const configMap = (namespace: string, name: string) =>
    create(`/api/v1/namespaces/${namespace}/configmaps`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name },
    });
  await configMap("a", "one");
  await configMap("b", "two");
  return { options, stop, configMap };
}

const refused = (path: string) => new ApiError({ status: 403, message: "forbidden", method: "GET", path });
const names = ({ cache }: FollowedCluster) => [...cache.store(configMaps).keys()].sort();

Deno.test("what there is, and then each change: of one namespace, or of all", async () => {
  const { options, stop, configMap } = await world();
  const [one, all] = await Promise.all([
    FollowedCluster.open({ ...options, namespace: "a" }),
    FollowedCluster.open(options),
  ]);
  assert.deepEqual(names(one), ["a/one"]);
  assert.deepEqual(names(all), ["a/one", "b/two"]);
  const changes = all.changes();
  assert.equal((await changes.next()).done, false, "once at the start");
  await configMap("b", "three");
  while (names(all).length < 3) assert.equal((await changes.next()).done, false);
  stop.abort();
  while (!(await changes.next()).done);
  assert.equal(all.trouble, "");
});

Deno.test("what may not be read is left out and named, the rest is there", async () => {
  const { options, stop } = await world(({ path }) => path.endsWith("/nodes") ? refused(path) : undefined);
  const cluster = await FollowedCluster.open(options);
  assert.deepEqual(cluster.unseen, ["nodes"]);
  assert.equal(cluster.cache.store(nodes).state, "unreadable");
  assert.deepEqual(names(cluster), ["a/one", "b/two"]);
  assert.equal(cluster.trouble, "", "that is known for good");
  stop.abort();
});

Deno.test("a cluster that cannot be reached at first is a failure, later a trouble that passes", async () => {
  let isLost = true;
  const lost = new NetworkError("ConnectionReset", "nobody answers", {
    sent: false,
    method: "GET",
    path: "/",
  });
  const { options, stop, configMap } = await world(() => isLost ? lost : undefined);
  await assert.rejects(FollowedCluster.open(options), /nobody answers/);
  isLost = false;
  const cluster = await FollowedCluster.open(options);
  await configMap("a", "later");
  const changes = cluster.changes();
  while (names(cluster).length < 3) await changes.next();
  stop.abort();
  while (!(await changes.next()).done);
});

Deno.test("who has had enough ends alone", async () => {
  const { options, stop } = await world();
  const cluster = await FollowedCluster.open(options);
  const enough = new AbortController();
  const changes = cluster.changes(enough.signal);
  await changes.next();
  enough.abort();
  while (!(await changes.next()).done);
  assert.equal((await cluster.changes().next()).done, false, "others go on");
  stop.abort();
});
