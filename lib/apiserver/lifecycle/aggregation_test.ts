/** Cluster roles that are made of others (Kubernetes, "Aggregated ClusterRoles"). */
import assert from "node:assert/strict";
import { DrivenClock } from "../clock.ts";
import { ApiServer } from "../server.ts";

const path = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const rule = (verb: string) => ({ apiGroups: [""], resources: ["configmaps"], verbs: [verb] });

Deno.test("a role has the rules of those that its selectors find, each once, and what they lose goes", () => {
  const clock = new DrivenClock(0);
  const server = new ApiServer({ clock });
  const ask = (method: string, place: string, body?: object) => {
    const answer = server.handle({
      method,
      path: place,
      query: new URLSearchParams(),
      body,
      contentType: method === "PATCH" ? "application/merge-patch+json" : "application/json",
    });
    clock.advance(1);
    return (answer as { body: { rules?: unknown } }).body;
  };
  const role = (name: string, labels: Record<string, string>, ...verbs: string[]) =>
    ask("POST", path, { metadata: { name, labels }, rules: verbs.map(rule) });
  const selects = (...names: string[]) => ({
    clusterRoleSelectors: names.map((name) => ({ matchLabels: { [name]: "yes" } })),
  });
  ask("POST", path, { metadata: { name: "whole" }, aggregationRule: selects("outer") });
  ask("POST", path, {
    metadata: { name: "part", labels: { outer: "yes" } },
    aggregationRule: selects("one", "two"),
  });
  role("b", { one: "yes" }, "get");
  role("a", { two: "yes" }, "get", "list");
  role("other", {}, "delete");
  const rules = (name: string) => ask("GET", `${path}/${name}`).rules;
  assert.deepEqual(rules("part"), [rule("get"), rule("list")]);
  assert.deepEqual(rules("whole"), [rule("get"), rule("list")], "a part of a part");
  ask("PATCH", `${path}/a`, { metadata: { labels: null } });
  assert.deepEqual(rules("whole"), [rule("get")]);
  ask("PATCH", `${path}/whole`, { rules: [rule("delete")] });
  assert.deepEqual(rules("whole"), [rule("get")], "nobody else writes its rules");
});
