import assert from "node:assert/strict";
import type { Resource } from "./object.ts";
import { pathOf, queryOf } from "./path.ts";

const pods: Resource = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true };
const roles: Resource = {
  group: "rbac.authorization.k8s.io",
  version: "v1",
  kind: "ClusterRole",
  plural: "clusterroles",
  namespaced: false,
};

Deno.test("paths of the core group and of others, in a namespace and without", () => {
  assert.equal(pathOf(pods), "/api/v1/pods");
  assert.equal(pathOf(pods, "ns"), "/api/v1/namespaces/ns/pods");
  assert.equal(pathOf(pods, "ns", "p", "status"), "/api/v1/namespaces/ns/pods/p/status");
  assert.equal(pathOf(roles), "/apis/rbac.authorization.k8s.io/v1/clusterroles");
  assert.equal(
    pathOf(roles, "ignored", "system:x"),
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Ax",
  );
});

Deno.test("selectors become a query", () => {
  assert.equal(queryOf({}).toString(), "");
  assert.equal(
    queryOf({ labelSelector: "a in (b,c)", fieldSelector: "type=Warning" }).toString(),
    "labelSelector=a+in+%28b%2Cc%29&fieldSelector=type%3DWarning",
  );
});
