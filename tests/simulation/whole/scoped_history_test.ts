/**
 * Scoped mode over time, with the Role of the manifests and nothing else: whatever happens to rights and services, no
 * other namespace is touched, nothing is refused that could be asked for, and in the end all that counts is served.
 */

import assert from "node:assert/strict";
import { gpuNode } from "../../control_plane/nodes.ts";
import { aimLabels, deployment } from "../../catalogue/aim_image.ts";
import { documentsBelow, named } from "../../manifests/documents.ts";
import { discoveryImages, profiled } from "../../node_agent/discovery_images.ts";
import { runs } from "../world.ts";
import { NamespacedRights } from "./namespaced_rights.ts";
import { type AnyObject, WholeCluster } from "./whole_cluster.ts";

const image = "registry.example.com/org/model:1.0";
const watchedNamespace = await documentsBelow("watched-namespace");
const { rules } = named(watchedNamespace, "Role", "aim-engine-manager-role");

/** What manifests/watched-namespace puts into a namespace, as far as pods need it. */
function prepare(cluster: WholeCluster, namespace: string): void {
  cluster.ask("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  const account = named(watchedNamespace, "ServiceAccount", "aim-engine-artifact-downloader");
  cluster.ask("POST", `/api/v1/namespaces/${namespace}/serviceaccounts`, account);
  const binding = structuredClone(
    named(watchedNamespace, "RoleBinding", "aim-engine-artifact-status-updater"),
  );
  binding.subjects[0].namespace = namespace;
  cluster.ask("POST", `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, binding);
}

const pathOf = (namespace: string, name = "") =>
  `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimservices${name && `/${name}`}`;

for (let seed = 1; seed <= runs(8); seed++) {
  Deno.test(`rights come and go, services too (seed ${seed})`, async () => {
    let rights!: NamespacedRights;
    using cluster = new WholeCluster(seed, {
      behaviourOf: discoveryImages(new Map([[image, profiled("org/model", 16)]])),
      door: (server) => rights = new NamespacedRights(server),
    });
    const { random, time } = cluster;
    cluster.registry.push("org/model", "1.0", aimLabels("org/model", [deployment("latency", "fp8")]));
    for (const node of ["n1", "n2"]) cluster.ask("POST", "/api/v1/nodes", gpuNode(node, { model: "MI300X" }));
    const scope = ["a", "b"];
    for (const namespace of [...scope, "c"]) prepare(cluster, namespace);
    rights.grant("c", rules); // it could, and must not
    if (random.chance(0.5)) rights.grant("a", rules);
    let operator = cluster.start(scope);
    const wanted = new Map<string, Set<string>>(["a", "b", "c"].map((each) => [each, new Set()]));
    const granted = new Map(scope.map((each) => [each, false]));
    let revoked = false;
    for (let step = 0; step < 12; step++) {
      const namespace = random.pick(["a", "b", "c"]);
      const names = wanted.get(namespace)!;
      const what = random.below(5);
      if (what === 0 && granted.has(namespace)) {
        if (granted.get(namespace)) {
          revoked = true;
          rights.revoke(namespace);
          if (random.chance(0.7)) rights.endWatches(namespace);
        } else rights.grant(namespace, rules);
        granted.set(namespace, !granted.get(namespace));
      } else if (what === 1) {
        operator.kill();
        operator = cluster.start(scope);
      } else if (what === 2 && names.size > 0 && granted.get(namespace) !== false) {
        const [name] = names;
        names.delete(name);
        cluster.ask("DELETE", pathOf(namespace, name));
      } else {
        const name = `s${step}`;
        names.add(name);
        cluster.ask("POST", pathOf(namespace), {
          apiVersion: "aim.eai.amd.com/v1alpha1",
          kind: "AIMService",
          metadata: { name },
          spec: { model: { image } },
        });
      }
      await time.pass(random.below(90_000));
    }
    for (const namespace of scope) rights.grant(namespace, rules);
    const left = () =>
      scope.flatMap((namespace) =>
        (cluster.ask("GET", pathOf(namespace)).items as AnyObject[])
          .filter(({ metadata, status }) =>
            metadata.deletionTimestamp !== undefined || status?.status !== "Running"
          )
          .map(({ metadata, status }) => `${namespace}/${metadata.name} ${JSON.stringify(status)}`)
      );
    await time.pass(1_800_000, () => left().length === 0);
    assert.deepEqual(left(), []);
    for (const [namespace, names] of wanted) {
      const there = (cluster.ask("GET", pathOf(namespace)).items as AnyObject[]).map(({ metadata }) =>
        metadata.name
      );
      if (namespace !== "c" || names.size > 0) assert.deepEqual(there.sort(), [...names].sort());
    }
    for (const { status, metadata } of cluster.ask("GET", pathOf("c")).items as AnyObject[]) {
      assert.deepEqual([status, metadata.finalizers], [undefined, undefined], "c is not its own");
    }
    assert.deepEqual(rights.written.filter((what) => !/ [ab]\//.test(what)), []);
    const unasked = rights.refused.filter((what) => !revoked || !/ [ab]\//.test(what));
    assert.deepEqual(unasked, [], "refused, though it could have asked");
    assert.deepEqual([...cluster.operators.flatMap(({ faults }) => faults), ...cluster.faults], []);
    await time.pass(120_000); // for what follows a service that runs
    const before = rights.written.length;
    await time.pass(600_000);
    assert.deepEqual(rights.written.slice(before), [], "at rest nothing is written");
  });
}
