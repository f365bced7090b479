import assert from "node:assert/strict";
import type { HttpTransport } from "../kube/http_transport.ts";
import type { RequestOptions } from "../kube/transport.ts";
import { probesOf, scopeOf } from "./run.ts";

Deno.test("conventions.md §1.3: dead is who has work and no turn for more than 5 minutes; ready, whose caches have synced", () => {
  const operator = { runner: { stuckFor: 0 }, synced: false };
  const { alive, ready } = probesOf(operator);
  assert.equal(ready(), "the caches have not synced yet");
  operator.synced = true;
  assert.equal(ready(), undefined);
  operator.runner.stuckFor = 5 * 60_000;
  assert.equal(alive(), undefined);
  operator.runner.stuckFor = 5 * 60_000 + 1;
  assert.equal(alive(), "the work loop is stuck");
});

Deno.test("--namespace: what it names is the scope; its rights are asked on the one connection, each namespace has another", async () => {
  const asked = new Set<string | undefined>();
  const api = {
    performRequest: ({ bodyJson }: RequestOptions) => {
      const { spec } = bodyJson as { spec: { resourceAttributes: { namespace?: string } } };
      const { namespace } = spec.resourceAttributes;
      asked.add(namespace);
      return Promise.resolve({ ...bodyJson as object, status: { allowed: namespace === "a" } });
    },
  } as unknown as HttpTransport;
  const further = () => ({}) as HttpTransport;
  assert.equal(scopeOf([], { api, further }), undefined, "all of the cluster");

  const scope = scopeOf(["a", "b"], { api, further })!;
  assert.deepEqual(scope.namespaces, ["a", "b"]);
  const apples = { group: "fruit", version: "v1", kind: "Apple", plural: "apples", namespaced: true };
  assert.equal(await scope.mayRead(apples, "a"), true);
  assert.equal(await scope.mayRead(apples, "b"), false);
  assert.deepEqual([...asked], ["a", "b"]);
  const own = scope.transportOf("a");
  assert.equal(scope.transportOf("a"), own, "for as long as it runs");
  assert.notEqual(scope.transportOf("b"), own);
  assert.notEqual(own, api);
});
