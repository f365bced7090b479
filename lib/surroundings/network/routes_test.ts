/** A gateway, on a cluster in memory with the definition of its kind. */

import assert from "node:assert/strict";
import { neighbourDefinitions } from "../crds/definitions.ts";
import { type AnyObject, PlayedCluster } from "../played_cluster_fixture.ts";

const routes = "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes";
const definitions = await neighbourDefinitions();

Deno.test("a gateway says what it makes of a route for the parents that it knows, and takes that back of others", () => {
  const cluster = new PlayedCluster();
  for (const definition of definitions) {
    cluster.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition as AnyObject);
  }
  cluster.pass();
  const said = () => {
    cluster.pass();
    const { parents = [] } = cluster.get(`${routes}/chat`).status ?? {};
    return parents.map(({ parentRef, conditions: [accepted] }: AnyObject) =>
      `${parentRef.name}: ${accepted.type}=${accepted.status} ${accepted.reason} ${accepted.observedGeneration}`
    );
  };

  cluster.post(routes, {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: "chat" },
    spec: {
      parentRefs: [{ name: "public" }, { name: "inner", sectionName: "missing" }, { name: "missing" }],
    },
  });
  assert.deepEqual(said(), [
    "public: Accepted=True Accepted 1",
    "inner: Accepted=False NoMatchingParent 1",
  ]);

  cluster.patch(`${routes}/chat`, { spec: { parentRefs: [{ name: "missing" }] } });
  assert.deepEqual(said(), []);
});
