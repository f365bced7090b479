import assert from "node:assert/strict";
import { answeredDifferently, compare, contestedBy } from "./compare.ts";

const options = { manager: "aim", apiVersion: "v1" };

function desired(data: Record<string, string>) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data };
}

/** What the server holds after we applied keys a and b. */
function response(data: Record<string, unknown>, uid = "u") {
  const fieldsV1 = { "f:data": { "f:a": {}, "f:b": {} } };
  const managedFields = [{ manager: "aim", operation: "Apply", apiVersion: "v1", fieldsV1 }];
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", uid, managedFields }, data };
}

Deno.test("an answer that is what was sent is not remembered", () => {
  assert.equal(
    answeredDifferently(desired({ a: "1", b: "2" }), response({ a: "1", b: "2" }), options),
    undefined,
  );
});

Deno.test("what a webhook makes of an apply is tolerated, that exactly and for that D", () => {
  const sent = desired({ a: "1", b: "2" });
  const tolerate = answeredDifferently(sent, response({ a: "hook", b: "2" }), options);
  assert.equal(tolerate?.uid, "u");
  assert.deepEqual(tolerate?.paths, ["data.a"]);
  const same = (d: object, l: ReturnType<typeof response>) => compare(d, l, { ...options, tolerate }).same;

  assert.ok(!compare(sent, response({ a: "hook", b: "2" }), options).same, "without memory it differs");
  assert.ok(same(sent, response({ a: "hook", b: "2" })), "the identical difference");
  assert.ok(same(sent, response({ a: "1", b: "2" })), "no difference at all");
  assert.ok(!same(sent, response({ a: "other", b: "2" })), "another answer");
  assert.ok(!same(sent, response({ a: "hook", b: "3" })), "one more difference");
  assert.ok(!same(desired({ a: "0", b: "2" }), response({ a: "hook", b: "2" })), "another D");
  assert.ok(!same(sent, response({ a: "hook", b: "2" }, "u2")), "another object of the same name");
});

Deno.test("a map that the server dropped as it became empty is sent again, not remembered", () => {
  const isvc = { apiVersion: "v1", kind: "X", metadata: { name: "x" }, spec: { autoScaling: {} } };
  const fieldsV1 = { "f:spec": { "f:autoScaling": {} } };
  for (const spec of [{}, { autoScaling: null }]) {
    const managedFields = [{ manager: "aim", operation: "Apply", apiVersion: "v1", fieldsV1 }];
    const live = { apiVersion: "v1", kind: "X", metadata: { name: "x", uid: "u", managedFields }, spec };
    assert.equal(answeredDifferently(isvc, live, options), undefined);
    assert.ok(!compare(isvc, live, options).same);
  }
});

Deno.test("contestedBy names the other owner of a path", () => {
  const entry = (manager: string, fieldsV1: unknown, time: string, operation = "Update") => ({
    manager,
    operation,
    time,
    fieldsV1,
  });
  const containers = (fields: unknown) => ({
    "f:spec": { "f:containers": { 'k:{"name":"main"}': { "f:env": { 'k:{"name":"A"}': fields } } } },
  });
  const managedFields = [
    entry("aim", { "f:spec": { "f:replicas": {} } }, "2026-01-01T00:00:09Z", "Apply"),
    entry("hpa", { "f:spec": { "f:replicas": {} } }, "2026-01-01T00:00:01Z"),
    entry("kubectl-edit", { "f:spec": { "f:replicas": {}, "f:rules": {} } }, "2026-01-01T00:00:02Z"),
    entry("envoy", containers({ ".": {}, "f:value": {} }), "2026-01-01T00:00:03Z"),
    entry("labeler", { "f:metadata": { "f:labels": { "f:a.b/c": {} } } }, "2026-01-01T00:00:04Z"),
  ];
  const by = (path: string) => contestedBy(managedFields, path, options);
  assert.equal(by("spec.replicas"), "kubectl-edit", "the latest");
  assert.equal(by("spec.rules[0].matches[0].path"), "kubectl-edit", "inside what is owned as a whole");
  assert.equal(by("spec.containers[name=main].env[name=A].value"), "envoy");
  assert.equal(by("spec.containers[name=main].env[name=A]"), "envoy", "a container of what is owned");
  assert.equal(by('metadata.labels["a.b/c"]'), "labeler");
  assert.equal(by("spec.replicasMax"), undefined, "no prefix of a name");
  assert.equal(by("spec.containers[name=other]"), undefined);
  assert.equal(contestedBy(undefined, "spec", options), undefined);
});
