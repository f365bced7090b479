/** Granted rights against used ones: no more, no less (conventions.md §13). */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import { type Use, uses } from "../../lib/rights/uses.ts";
import { documentsBelow, named, rightsOf, type Rule } from "./documents.ts";

const rbac = await documentsBelow("rbac");
const rulesOf = (kind: string, name: string): Rule[] => named(rbac, kind, name).rules;

const aim = "aim.eai.amd.com";

/** As {@link rightsOf} writes them. */
const usedRights = (chosen: readonly Use[]) =>
  [
    ...new Set(chosen.map(({ verb, group, resource, name }) => {
      const what = `${verb} ${group || "core"}/${resource}`;
      return name === undefined ? what : `${what} ${name}`;
    })),
  ].sort();

Deno.test("the operator's ClusterRole grants what it uses, and nothing else", () => {
  assert.deepEqual(rightsOf(rulesOf("ClusterRole", "aim-engine-manager-role")), usedRights(uses));
});

Deno.test("of each watched kind a list and a watch are granted", () => {
  const granted = rightsOf(rulesOf("ClusterRole", "aim-engine-manager-role"));
  const wanted = watchedKinds.flatMap(({ resource: { group, plural } }) =>
    ["list", "watch"].map((verb) => `${verb} ${group || "core"}/${plural}`)
  );
  assert.deepEqual(granted.filter((right) => /^(list|watch) /.test(right)), wanted.sort());
});

/** What controllers write, as their code says it: the kind of every child and of every removal. */
const written: Readonly<Record<string, readonly string[]>> = {
  "artifact/claim.ts": ["create persistentVolumeClaims", "edit persistentVolumeClaims"],
  "artifact/jobs/job.ts": ["create jobs"],
  "artifact/memory.ts": ["edit artifacts"],
  "artifact/reconcile.ts": ["delete jobs"],
  "artifact/jobs/reporting.ts": ["create serviceAccounts", "create roleBindings"],
  "artifact/room.ts": ["edit persistentVolumeClaims"],
  "artifact/unused.ts": ["delete artifacts"],
  "model/plan.ts": ["apply ref"], // templates of either scope: users.ts
  "model/users.ts": ["delete scope.templates"], // templates of either scope
  "model_source/owned_models.ts": ["edit clusterModels"],
  "model_source/reconcile.ts": ["create clusterModels"],
  "service/cache/correction.ts": ["edit templateCaches"],
  "service/cache/template_cache.ts": ["create templateCaches", "edit templateCaches"],
  "service/deletion.ts": ["delete templateCaches", "delete templates"],
  "service/endpoint/http_route.ts": ["apply httpRoutes"],
  "service/endpoint/inference_service.ts": ["apply inferenceServices"],
  "service/endpoint/kept_endpoint.ts": ["apply inferenceServices"],
  "service/reconcile.ts": ["delete httpRoutes"],
  "service/resolve/model_access.ts": ["edit models"],
  "service/resolve/model_of_image.ts": ["create models"],
  "service/resolve/overrides.ts": ["create templates"],
  "service/resolve/standing.ts": ["edit services"],
  "template/cache.ts": ["apply ref"], // templateCaches
  "template/discovery/discovery.ts": ["delete jobs"],
  "template/discovery/discovery_job.ts": ["create jobs"],
  "template/model_label.ts": ["apply scope.cached"], // templates of either scope
  "template_cache/artifact.ts": ["create artifacts", "edit artifacts"],
  "template_cache/correction.ts": ["edit artifacts"],
  "template_cache/deletion.ts": ["delete artifacts", "delete templateCaches"],
};

/** Paths of all source files but tests and what serves them, relative to the folder. */
function sourcesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? sourcesBelow(`${folder}/${name}`).map((path) => `${name}/${path}`)
      : /_(test|fixture|sample)\.ts$/.test(name)
      ? []
      : [name]
  );
}

Deno.test("no controller writes what is not in the tables of this test", async () => {
  const controllers = fileURLToPath(new URL("../../controllers", import.meta.url));
  const found: Record<string, string[]> = {};
  for (const path of sourcesBelow(controllers)) {
    const source = await Deno.readTextFile(`${controllers}/${path}`);
    const writes = [
      ...source.matchAll(/how: "(create|apply)",\s+ref(?:: \{ kind: ([\w.]+))?/g),
      ...source.matchAll(/(edit|removal)Of\(\s*([\w.]+)/g),
    ].map(([, how, kind]) => `${how === "removal" ? "delete" : how} ${kind ?? "ref"}`);
    if (writes.length > 0) found[path] = [...new Set(writes)];
  }
  assert.deepEqual(found, written);
});

/** Rights on what belongs to no namespace, and rights that `watched-namespace/downloader.yaml` makes needless. */
const notInNamespace =
  /\/(aimcluster\w+(\/status)?|nodes|storageclasses|clusterroles .*)$|^(get|create) \S+\/(serviceaccounts|rolebindings)$/;

Deno.test("in a namespace the operator's Role grants what it uses there, and nothing else", async () => {
  const documents = await documentsBelow("watched-namespace");
  const role = named(documents, "Role", "aim-engine-manager-role");
  assert.deepEqual(rightsOf(role.rules), usedRights(uses).filter((right) => !notInNamespace.test(right)));
  assert.deepEqual(
    rightsOf(named(documents, "Role", "aim-engine-artifact-status-updater").rules),
    rightsOf(rulesOf("ClusterRole", "aim-engine-artifact-status-updater")),
  );
  for (const { kind } of documents) assert.doesNotMatch(kind!, /^Cluster/);
});

Deno.test("an operator of some namespaces may be given the right to read cluster kinds, all that anybody reads", async () => {
  const role = named(await documentsBelow("cluster-read"), "ClusterRole", "aim-engine-cluster-reader");
  const read = watchedKinds.map(({ resource }) => resource)
    // Of a source only its own controller reads, which does not run there.
    .filter(({ namespaced, plural }) => !namespaced && plural !== "aimclustermodelsources");
  assert.deepEqual(
    rightsOf(role.rules),
    read.flatMap(({ group, plural }) =>
      ["list", "watch"].map((verb) => `${verb} ${group || "core"}/${plural}`)
    )
      .sort(),
  );
});

Deno.test("the operator's ClusterRole has no wildcard, no list of secrets, no right of escalation", () => {
  for (const right of rightsOf(rulesOf("ClusterRole", "aim-engine-manager-role"))) {
    if (right === "get core/secrets") continue;
    assert.doesNotMatch(right, /\*|secrets|escalate|impersonate|pods\/exec|deletecollection/);
  }
});

Deno.test("in its namespace it may hold its one lease", () => {
  assert.deepEqual(rightsOf(rulesOf("Role", "aim-engine-leader-election-role")), [
    "create coordination.k8s.io/leases",
    "get coordination.k8s.io/leases 3be10d2f.eai.amd.com",
    "update coordination.k8s.io/leases 3be10d2f.eai.amd.com",
  ]);
});

Deno.test("metrics: the operator may ask who reads, a reader may read", () => {
  assert.deepEqual(rightsOf(rulesOf("ClusterRole", "aim-engine-metrics-auth-role")), [
    "create authentication.k8s.io/tokenreviews",
    "create authorization.k8s.io/subjectaccessreviews",
  ]);
  assert.deepEqual(rightsOf(rulesOf("ClusterRole", "aim-engine-metrics-reader")), ["get /metrics"]);
});

Deno.test("a download pod may report progress and nothing else", () => {
  assert.deepEqual(rightsOf(rulesOf("ClusterRole", "aim-engine-artifact-status-updater")), [
    `get ${aim}/aimartifacts/status`,
    `patch ${aim}/aimartifacts/status`,
  ]);
});

Deno.test("roles for people: three for each of the ten kinds (conventions.md §13.2)", () => {
  const kinds = [
    "aimservice",
    "aimmodel",
    "aimclustermodel",
    "aimartifact",
    "aimtemplatecache",
    "aimservicetemplate",
    "aimclusterservicetemplate",
    "aimruntimeconfig",
    "aimclusterruntimeconfig",
    "aimclustermodelsource",
  ];
  const verbs = {
    admin: ["*"],
    editor: ["create", "delete", "get", "list", "patch", "update", "watch"],
    viewer: ["get", "list", "watch"],
  };
  for (const kind of kinds) {
    for (const [role, granted] of Object.entries(verbs)) {
      assert.deepEqual(
        rightsOf(rulesOf("ClusterRole", `aim-engine-${kind}-${role}-role`)),
        [...granted.map((verb) => `${verb} ${aim}/${kind}s`), `get ${aim}/${kind}s/status`].sort(),
      );
    }
  }
  const ofPeople = rbac.filter(({ metadata }) => /^aim-engine-aim/.test(metadata?.name ?? ""));
  assert.equal(ofPeople.length, 30);
});

Deno.test("every binding names a role that is there and the operator's account", () => {
  const bindings = rbac.filter(({ kind }) => kind?.endsWith("Binding"));
  assert.deepEqual(bindings.map(({ metadata }) => metadata?.name).sort(), [
    "aim-engine-leader-election-rolebinding",
    "aim-engine-manager-rolebinding",
    "aim-engine-metrics-auth-rolebinding",
  ]);
  for (const { roleRef, subjects, metadata } of bindings) {
    const role = named(rbac, roleRef.kind, roleRef.name);
    assert.equal(role.metadata?.namespace, metadata?.namespace, `${metadata?.name} and its role`);
    assert.deepEqual(subjects, [
      { kind: "ServiceAccount", name: "aim-engine-controller-manager", namespace: "aim-system" },
    ]);
  }
});
