import assert from "node:assert/strict";
import { applyDefaults, builtInDefinitions, definitionName, prune, schemaOfBuiltIn } from "./mod.ts";
import { isAtomicMap, itemNode, listKeys, listType, memberNode, type SchemaNode } from "./schema.ts";

function nodeAt(group: string, version: string, kind: string, path: string): SchemaNode {
  let node: SchemaNode | undefined = schemaOfBuiltIn(group, version, kind)!.root;
  for (const step of path.split(".")) {
    node = step === "[]" ? itemNode(node) : memberNode(node, step, false);
    assert.ok(node, `${path} at ${step}`);
  }
  return node;
}

/** Kind, path of a list, how it is merged, its keys: as the API reference says. */
const lists: readonly (readonly [string, string, string, string, string[]])[] = [
  ["apps/v1", "Deployment", "spec.template.spec.containers", "map", ["name"]],
  ["apps/v1", "Deployment", "spec.template.spec.containers.[].ports", "map", ["containerPort", "protocol"]],
  ["apps/v1", "Deployment", "spec.template.spec.containers.[].env", "map", ["name"]],
  ["apps/v1", "Deployment", "spec.template.spec.containers.[].args", "atomic", []],
  ["apps/v1", "Deployment", "status.conditions", "map", ["type"]],
  ["/v1", "Pod", "spec.tolerations", "atomic", []],
  ["/v1", "Pod", "metadata.finalizers", "set", []],
  ["/v1", "Pod", "metadata.ownerReferences", "map", ["uid"]],
  ["/v1", "Service", "spec.ports", "map", ["port", "protocol"]],
  ["/v1", "ServiceAccount", "secrets", "map", ["name"]],
  ["batch/v1", "Job", "spec.template.spec.volumes", "map", ["name"]],
  ["rbac.authorization.k8s.io/v1", "Role", "rules", "atomic", []],
];

for (const [apiVersion, kind, path, type, keys] of lists) {
  Deno.test(`${path} of a ${kind} is ${type} ${keys}`, () => {
    const [group, version] = apiVersion.split("/");
    const node = nodeAt(group, version, kind, path);
    assert.equal(listType(node), type);
    if (type === "map") assert.deepEqual(listKeys(node), keys);
  });
}

Deno.test("selectors are owned as a whole, labels one by one", () => {
  assert.ok(isAtomicMap(nodeAt("apps", "v1", "Deployment", "spec.selector")));
  assert.ok(isAtomicMap(nodeAt("", "v1", "Service", "spec.selector")));
  assert.ok(!isAtomicMap(nodeAt("apps", "v1", "Deployment", "metadata.labels")));
});

Deno.test("a definition that holds itself has a schema", () => {
  const path = "spec.versions.[].schema.openAPIV3Schema.properties.any.properties.other";
  const node = nodeAt("apiextensions.k8s.io", "v1", "CustomResourceDefinition", path);
  assert.ok(memberNode(node, "x-kubernetes-list-type"));
});

Deno.test("only what the schema does not know is pruned, and named", () => {
  const object = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p", labels: { any: "thing" } },
    spec: { containers: [{ name: "c", foo: 1, resources: { limits: { "amd.com/gpu": "1" } } }], bar: {} },
  };
  const pruned = prune(schemaOfBuiltIn("", "v1", "Pod")!, object);
  assert.deepEqual(pruned.unknown, ["spec.containers[0].foo", "spec.bar"]);
  const { labels } = object.metadata;
  assert.deepEqual(labels, { any: "thing" });
  assert.deepEqual(object.spec, {
    containers: [{ name: "c", resources: { limits: { "amd.com/gpu": "1" } } }],
  });
});

Deno.test("there is no schema of a kind that is not built in", () => {
  assert.equal(schemaOfBuiltIn("example.com", "v1", "Thing"), undefined);
  assert.equal(schemaOfBuiltIn("apps", "v2", "Deployment"), undefined);
});

Deno.test("definitions are there with their descriptions, for whoever explains them", () => {
  const name = definitionName("apps", "v1", "Deployment")!;
  assert.equal(name, "io.k8s.api.apps.v1.Deployment");
  assert.match(String(builtInDefinitions()[name].description), /Deployment enables declarative updates/);
});

Deno.test("of a built-in kind nothing empty is kept, but what says something by being so", () => {
  const spec = {
    paused: false,
    replicas: 0,
    minReadySeconds: 0,
    selector: {},
    template: {
      metadata: { labels: {} },
      spec: {
        nodeName: "",
        nodeSelector: {},
        tolerations: [],
        containers: [],
        volumes: [{ name: "v", emptyDir: {} }, { name: "h", hostPath: { path: "/", type: "" } }],
      },
    },
  };
  const kept = applyDefaults(schemaOfBuiltIn("apps", "v1", "Deployment")!, { spec }).spec as typeof spec;
  assert.deepEqual(
    Object.keys(kept).sort(),
    ["progressDeadlineSeconds", "replicas", "revisionHistoryLimit", "selector", "strategy", "template"],
  );
  assert.deepEqual(kept.template.metadata as unknown, {});
  const { nodeName, nodeSelector, tolerations, containers, volumes } = kept.template.spec;
  assert.deepEqual({ nodeName, nodeSelector, tolerations }, {
    nodeName: undefined,
    nodeSelector: undefined,
    tolerations: undefined,
  });
  assert.deepEqual(containers, []);
  assert.deepEqual(volumes, [{ name: "v", emptyDir: {} }, { name: "h", hostPath: { path: "/", type: "" } }]);
});
