/** What no recorded conversation shows: applied objects of built-in kinds, definitions that define nothing, what keeps an owner. */

import assert from "node:assert/strict";
import { DrivenClock, realClock } from "../clock.ts";
import type { JsonObject } from "../json.ts";
import { ApiServer } from "../server.ts";

// deno-lint-ignore no-explicit-any -- objects of any kind
type AnyObject = Record<string, any>;

function serverWithClock() {
  const clock = new DrivenClock(Date.parse("2026-01-01T00:00:00Z"));
  const server = new ApiServer({ clock });
  const ask = (method: string, path: string, body?: AnyObject, contentType = "application/json") => {
    const answer = server.handle({
      method,
      path,
      query: new URLSearchParams({ fieldManager: "test" }),
      body: body as JsonObject,
      contentType,
    });
    return answer as unknown as { code: number; body: AnyObject };
  };
  return { clock, ask };
}

Deno.test("an applied Secret has its text as data, an applied Namespace its name as a label", () => {
  const { ask } = serverWithClock();
  const apply = "application/apply-patch+yaml";
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { token: "abc" } };
  const made = ask("PATCH", "/api/v1/namespaces/default/secrets/s", secret, apply);
  assert.deepEqual([made.body.data, made.body.stringData, made.body.type], [
    { token: "YWJj" },
    undefined,
    "Opaque",
  ]);
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } };
  const { body } = ask("PATCH", "/api/v1/namespaces/team", namespace, apply);
  assert.equal(body.metadata.labels["kubernetes.io/metadata.name"], "team");
});

Deno.test("a definition without versions or names is refused, and what is missing is named", () => {
  const { ask, clock } = serverWithClock();
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "x.y" },
  };
  const spec = { group: "y", scope: "Namespaced", names: { plural: "x", kind: "X" }, versions: [] };
  for (
    const [wrong, field] of [[spec, "spec.versions"], [{ ...spec, names: {} }, "spec.names.kind"]] as const
  ) {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const { code, body } = ask("POST", path, { ...definition, spec: wrong });
    assert.equal(code, 422);
    assert.match(body.message, new RegExp(`${field}: Required value`));
  }
  clock.advance(1_000);
});

Deno.test("a namespace that is deleted in the foreground stays until it is empty", () => {
  const { ask, clock } = serverWithClock();
  ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } });
  const held = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "held", finalizers: ["example.com/held"] },
  };
  ask("POST", "/api/v1/namespaces/team/configmaps", held);
  clock.advance(1_000);
  ask("DELETE", "/api/v1/namespaces/team", {
    kind: "DeleteOptions",
    apiVersion: "v1",
    propagationPolicy: "Foreground",
  });
  clock.advance(500);
  assert.equal(
    ask("GET", "/api/v1/namespaces/team/configmaps/held").body.metadata.deletionTimestamp,
    undefined,
    "what is deleted along with its namespace is still found",
  );
  clock.advance(5_000);
  assert.equal(ask("GET", "/api/v1/namespaces/team").code, 200);
  const free = { metadata: { finalizers: null } };
  ask("PATCH", "/api/v1/namespaces/team/configmaps/held", free, "application/merge-patch+json");
  clock.advance(5_000);
  assert.equal(ask("GET", "/api/v1/namespaces/team").code, 404);
});

Deno.test("a call that is due in a month does not come at once", async () => {
  let called = false;
  const callOff = realClock.after(30 * 24 * 3600 * 1000, () => called = true);
  await new Promise((resolve) => realClock.after(20, () => resolve(undefined)) && setTimeout(resolve, 30));
  callOff();
  assert.equal(called, false);
});

Deno.test("an event is forgotten an hour after it was written last", () => {
  const { ask, clock } = serverWithClock();
  const events = "/api/v1/namespaces/default/events";
  const event = (name: string) => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name },
    involvedObject: { kind: "Pod", namespace: "default", name: "p" },
  });
  const names = () => ask("GET", events).body.items.map(({ metadata }: AnyObject) => metadata.name);
  ask("POST", events, event("once"));
  clock.advance(1_800_000);
  ask("POST", events, event("later"));
  ask("POST", events, event("again"));
  clock.advance(1_200_000);
  ask("PATCH", `${events}/again`, { count: 2 }, "application/merge-patch+json");
  clock.advance(599_999);
  assert.deepEqual(names(), ["again", "later", "once"]);
  clock.advance(1);
  assert.deepEqual(names(), ["again", "later"]);
  clock.advance(1_800_000);
  assert.deepEqual(names(), ["again"]);
  clock.advance(3_600_000);
  assert.deepEqual(names(), []);
});

Deno.test("what an update leaves as it is stored is one with it, and another limit is judged as any other change", () => {
  const { ask } = serverWithClock();
  const pods = "/api/v1/namespaces/default/pods";
  const resources = { limits: { cpu: "1" }, requests: { cpu: "500m" } };
  const spec = { containers: [{ name: "c", image: "i:1", resources }] };
  ask("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
  const { body: stored } = ask("POST", pods, { metadata: { name: "p", labels: { a: "b" } }, spec });
  const copy = structuredClone(stored);
  copy.metadata.labels.c = "d";
  const { body: labelled } = ask("PUT", `${pods}/p`, copy);
  assert.equal(labelled.spec, stored.spec);
  assert.deepEqual(labelled.metadata.labels, { a: "b", c: "d" });
  const limited = structuredClone(labelled);
  limited.spec.containers[0].resources.limits.memory = "1Gi";
  assert.equal(ask("PUT", `${pods}/p`, limited).code, 422);
});

Deno.test("what was stored under an older definition is read anew by the next write", () => {
  const { ask, clock } = serverWithClock();
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const definition = (properties: AnyObject) => ({
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      scope: "Cluster",
      names: { plural: "things", kind: "Thing" },
      versions: [{
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { part: { type: "object", properties } } } },
          },
        },
      }],
    },
  });
  ask("POST", definitions, definition({ old: { type: "string" } }));
  clock.advance(1_000);
  const path = "/apis/example.com/v1/things";
  const thing = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "t" } };
  const { body: stored } = ask("POST", path, { ...thing, spec: { part: { old: "x" } } });
  const { body: { metadata } } = ask("GET", `${definitions}/things.example.com`);
  const { resourceVersion } = metadata;
  const next = definition({ fresh: { type: "string", default: "y" } });
  ask("PUT", `${definitions}/things.example.com`, {
    ...next,
    metadata: { ...next.metadata, resourceVersion },
  });
  clock.advance(1_000);
  assert.deepEqual(ask("PUT", `${path}/t`, stored).body.spec, { part: { fresh: "y" } });
});
