/** Which rules are printed for which operator; what the files of `manifests` grant, `tests/manifests` says. */

import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import type { Feature } from "./features.ts";
import { features } from "./features.ts";
import { operatorRole, roleFiles } from "./role_files.ts";
import { type Choice, clusterReaderRules, everything, faultOf, managerRules, scoped } from "./rules.ts";
import { rolesFor } from "./main.ts";
import { needed } from "../../tests/rights/needed.ts";

const without = (...off: Feature[]): Choice => ({ isScoped: false, without: new Set(off) });
const inNamespaces = (...off: Feature[]): Choice => ({ isScoped: true, without: new Set(off) });

/** Single rights, as `verb group/resource name`. */
const rightsOf = (choice: Choice) =>
  managerRules(choice).flatMap(({ group, resources, name, verbs }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => `${verb} ${group}/${resource}${name ? ` ${name}` : ""}`)
    )
  );

/** What a feature takes away when it is off. */
const taken: readonly (readonly [Feature, readonly string[]])[] = [
  [
    "kserve",
    ["get", "list", "watch", "create", "patch"].map((verb) => `${verb} serving.kserve.io/inferenceservices`),
  ],
  [
    "gateway",
    ["get", "list", "watch", "create", "patch", "delete"].map((verb) =>
      `${verb} gateway.networking.k8s.io/httproutes`
    ),
  ],
  ["model-sources", [
    "create aim.eai.amd.com/aimclustermodels",
    "patch aim.eai.amd.com/aimclustermodels",
    "get aim.eai.amd.com/aimclustermodelsources",
    "patch aim.eai.amd.com/aimclustermodelsources/status",
  ]],
  ["secrets", ["get /secrets"]],
  ["downloader-accounts", [
    "get /serviceaccounts",
    "create /serviceaccounts",
    "get rbac.authorization.k8s.io/rolebindings",
    "create rbac.authorization.k8s.io/rolebindings",
    "bind rbac.authorization.k8s.io/clusterroles aim-engine-artifact-status-updater",
  ]],
  ["metrics", []],
  ["leader-election", []],
];

for (const [feature, rights] of taken) {
  Deno.test(`without ${feature} the ClusterRole lacks what only that needs`, () => {
    const left = rightsOf(without(feature));
    assert.deepEqual(
      rightsOf(everything).filter((right) => !left.includes(right)).sort(),
      [...rights].sort(),
    );
    assert.deepEqual(left.filter((right) => !rightsOf(everything).includes(right)), []);
  });
}

Deno.test("every feature is one of the table, or one of an operator of some namespaces", () => {
  const known = [...taken.map(([feature]) => feature), "nodes", "storage-classes", "cluster-kinds"];
  assert.deepEqual(Object.keys(features).sort(), known.sort());
});

Deno.test("an operator of the whole cluster does not start without nodes, one of some namespaces reads what it may", () => {
  assert.match(faultOf(without("nodes", "cluster-kinds"))!, /does not start without nodes, cluster-kinds/);
  assert.equal(faultOf(without("kserve")), undefined);
  assert.equal(faultOf(inNamespaces("nodes")), undefined);
  const read = (choice: Choice) => clusterReaderRules(choice).flatMap(({ resources }) => resources).sort();
  const ofCluster = ["aimclustermodels", "aimclusterruntimeconfigs", "aimclusterservicetemplates"];
  assert.deepEqual(read(scoped), [...ofCluster, "nodes", "storageclasses"]);
  assert.deepEqual(read(inNamespaces("nodes", "storage-classes")), ofCluster);
  assert.deepEqual(read(inNamespaces("cluster-kinds")), ["nodes", "storageclasses"]);
});

Deno.test("a rule says of every verb but the watch's what it is for", () => {
  for (const { verbs, reasons, resources } of managerRules(everything)) {
    const explained = reasons.flatMap((reason) => reason.split(":")[0].split(", "));
    const rest = verbs.filter((verb) => !["list", "watch"].includes(verb));
    assert.deepEqual(rest.filter((verb) => !explained.includes(verb)), [], resources.join());
    if (rest.length === 0) assert.deepEqual(explained, ["list", "watch"], resources.join());
  }
});

Deno.test("each right has a scenario that needs it (tests/rights), and none is needed that is not granted", () => {
  const ofOtherRoles = [
    "create authentication.k8s.io/tokenreviews",
    "create authorization.k8s.io/subjectaccessreviews",
    "create coordination.k8s.io/leases",
    "get coordination.k8s.io/leases 3be10d2f.eai.amd.com",
    "update coordination.k8s.io/leases 3be10d2f.eai.amd.com",
  ];
  const granted = rightsOf(everything).map((right) => right.replace(" /", " core/"));
  assert.deepEqual(
    [...new Set<string>(Object.values(needed).flat())].sort(),
    [...granted, ...ofOtherRoles].sort(),
  );
});

Deno.test("what is printed are the roles with their bindings, in the namespaces that are named", async () => {
  const texts = await rolesFor({
    ...inNamespaces("metrics"),
    namespaces: ["a", "b"],
    operatorNamespace: "ops",
  });
  const documents = parseAllDocuments(texts).map((document) => document.toJS());
  assert.deepEqual(
    documents.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`),
    [
      ...["a", "b"].flatMap((namespace) => [
        `Role ${namespace}/aim-engine-manager-role`,
        `RoleBinding ${namespace}/aim-engine-manager-rolebinding`,
      ]),
      "ClusterRole /aim-engine-cluster-reader",
      "ClusterRoleBinding /aim-engine-cluster-reader-binding",
      "Role ops/aim-engine-leader-election-role",
      "RoleBinding ops/aim-engine-leader-election-rolebinding",
      ...["a", "b"].flatMap((namespace) => [
        `ServiceAccount ${namespace}/aim-engine-artifact-downloader`,
        `Role ${namespace}/aim-engine-artifact-status-updater`,
        `RoleBinding ${namespace}/aim-engine-artifact-status-updater`,
      ]),
    ],
  );
  for (const { kind, metadata, subjects } of documents) {
    if (!/Binding$/.test(kind)) continue;
    const own = metadata.name === "aim-engine-artifact-status-updater" ? metadata.namespace : "ops";
    assert.equal(subjects[0].namespace, own, `${kind} ${metadata.name}`);
  }
});

Deno.test("the files of manifests are what is printed", async () => {
  for (const [path, text] of roleFiles()) {
    assert.equal(await Deno.readTextFile(new URL(`../../manifests/${path}`, import.meta.url)), text, path);
  }
  assert.equal(roleFiles().get("rbac/operator_role.yaml"), operatorRole(everything));
});
