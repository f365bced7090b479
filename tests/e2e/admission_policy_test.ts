/** The overlay admission-policy beside the operator: what it says to users, and that it stands in nobody else's way. */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { manifestsFolder } from "../manifests/documents.ts";
import { clusterModel, clusterTemplate, model, runtimeConfig, service, template } from "./catalogue.ts";
import { onlyReal } from "./half.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

const namespace = "ml-team";
let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.kubectl("apply", "-k", `${manifestsFolder}/overlays/admission-policy`);
  await user.kubectl(
    "scale",
    "deployment",
    "aim-engine-controller-manager",
    "-n",
    "aim-system",
    "--replicas=0",
  );
  await user.namespace(namespace);
  await user.apply([
    clusterModel("shared"),
    clusterTemplate("shared-latency", "shared"),
    model("own", namespace),
    template("own-latency", namespace, "own"),
    runtimeConfig("default", namespace, {}),
    service("chat", namespace, { model: { name: "own" } }),
    service("other", namespace, { model: { name: "shared" } }),
  ]);
  await user.reaches("aimservice", "chat", "Running", namespace);
  await user.reaches("aimservice", "other", "Running", namespace);
  // Policies act a moment after they are made.
  await until("the policy acts", async () => /Warning/.test(await warning("delete", "aimmodel", "own")));
});

Deno.test.afterAll(() => uninstall(installation));

/** What kubectl writes besides, of something that only would be done. */
async function warning(verb: string, ...args: string[]): Promise<string> {
  const { code, stderr } = await installation.plane.kubectl([
    ...[verb, ...args, "-n", namespace, "--dry-run=server"],
  ]);
  assert.equal(code, 0, stderr);
  return stderr;
}

/** What kubectl writes besides, as it applies an object. */
async function applied(object: AnyObject, kubeconfig?: string) {
  return await installation.plane.kubectl(
    ["apply", "--server-side", "-f", "-"],
    JSON.stringify(object),
    kubeconfig,
  );
}

Deno.test("who deletes what a service uses is told by which one", async () => {
  const uses = (what: string) =>
    new RegExp(`Warning: .*: AIMService chat uses ${what}: delete or change the service`);
  const [cache] = await user.list("aimtemplatecache", namespace);
  const { status } = await user.get("aimservice", "chat", namespace);
  assert.match(await warning("delete", "aimmodel", "own"), uses("own"));
  assert.match(await warning("delete", "aimservicetemplate", "own-latency"), uses("own-latency"));
  assert.match(await warning("delete", "aimruntimeconfig", "default"), uses("default"));
  const used = status.cache.templateCacheRef.name;
  assert.match(await warning("delete", "aimtemplatecache", used), uses(used));
  assert.ok(cache);
});

Deno.test("what no service uses, and what belongs to no namespace, goes without a word", async () => {
  await user.apply([
    model("spare", namespace),
    template("spare-latency", namespace, "spare"),
    runtimeConfig("spare", namespace, {}),
    // The service uses the cluster's one of that name.
    model("shared", namespace),
  ]);
  const spare = ["aimmodel/spare", "aimservicetemplate/spare-latency", "aimruntimeconfig/spare"];
  for (const each of spare) assert.equal(await warning("delete", each), "", each);
  const { stderr } = await installation.plane.kubectl([
    "delete",
    "aimclustermodel",
    "shared",
    "--dry-run=server",
  ]);
  assert.equal(stderr, "");
});

Deno.test("where the binding says Deny, nobody takes a model away from its services; with them it goes", async () => {
  const actions = (actions: string) =>
    user.kubectl(
      ...["patch", "validatingadmissionpolicybinding", "aim-engine-used-by-services", "--type=merge"],
      ...["-p", `{"spec":{"validationActions":[${actions}]}}`],
    );
  await actions('"Deny"');
  const refused = await until("the refusal", async () => {
    const { code, stderr } = await installation.plane.kubectl([
      ...["delete", "aimmodel", "own", "-n", namespace, "--dry-run=server"],
    ]);
    return code !== 0 && stderr;
  });
  assert.match(refused, /denied request: AIMService chat uses own: delete or change the service first/);
  // A namespace that goes is emptied by Kubernetes, and its services cleaned up by the operator.
  await user.namespace("leaving");
  await user.apply([model("own", "leaving"), template("own-latency", "leaving", "own")]);
  await user.apply([service("chat", "leaving", { model: { name: "own" } })]);
  await user.reaches("aimservice", "chat", "Running", "leaving");
  await user.kubectl("delete", "namespace", "leaving", "--timeout=60s");
  await actions('"Warn","Audit"');
});

Deno.test("the second service with one path is told of the first", async () => {
  const routed = (name: string, pathTemplate: string) =>
    service(name, namespace, { model: { name: "own" }, routing: { pathTemplate } });
  assert.equal((await applied(routed("first", "/llm"))).stderr, "");
  const { code, stderr } = await applied(routed("second", "/llm"));
  assert.equal(code, 0, "it is no error");
  assert.match(
    stderr,
    /Warning: .*: AIMService first has the path \/llm already, .*choose another spec\.routing/,
  );
  for (const path of ["/llm-2", "/{.metadata.namespace}/{.metadata.name}"]) {
    assert.equal((await applied(routed("third", path))).stderr, "", path);
  }
  // The first one again is not told of itself.
  await user.kubectl("delete", "aimservice", "second", "-n", namespace, "--timeout=30s");
  assert.equal((await applied(routed("first", "/llm"))).stderr, "");
});

Deno.test("who may make no pods lends no account, the operator does: it copies what somebody may", async () => {
  const { plane } = installation;
  await user.apply([
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "powerful", namespace } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "editor", namespace },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "aim-engine-aimservice-editor-role",
      },
      subjects: [{ kind: "User", name: "ann", apiGroup: "rbac.authorization.k8s.io" }],
    },
  ]);
  const ann = await plane.kubeconfigForUser({ user: "ann", groups: [] });
  const lending = (name: string, image: string) =>
    service(name, namespace, { model: { image }, serviceAccountName: "powerful" });
  const refused = await until("ann's rights count", async () => {
    const { stderr } = await applied(lending("lent", "registry.example.com/aim/lent:1"), ann);
    return /serviceAccountName/.test(stderr) && stderr;
  });
  assert.match(
    refused,
    /spec\.serviceAccountName: ann may not create pods in ml-team, and so may not have them run as powerful/,
  );
  const plain = service("plain", namespace, { model: { name: "own" } });
  assert.equal((await applied(plain, ann)).code, 0, "without an account");
  // An administrator lends it; ann may edit the rest of that service, and the operator copies the name to its model.
  const { code, stderr } = await applied(lending("lent", "registry.example.com/aim/lent:1"));
  assert.equal(code, 0, stderr);
  const [copied] = await until("the model of the image", async () => {
    const models = await user.list("aimmodel", namespace);
    const found = models.filter(({ spec }) => spec.serviceAccountName === "powerful");
    return found.length > 0 && found;
  });
  assert.equal(copied.spec.image, "registry.example.com/aim/lent:1");
  const edited = await plane.kubectl(
    ["patch", "aimservice", "lent", "-n", namespace, "--type=merge", "-p", '{"spec":{"replicas":2}}'],
    "",
    ann,
  );
  assert.equal(edited.code, 0, edited.stderr);
});

onlyReal(
  "types of expressions",
  "the API server has nothing to say against the policies themselves",
  async () => {
    const policies = await until("the policies to be checked", async () => {
      const all = await user.list("validatingadmissionpolicy", "");
      const checked = ({ metadata, status }: AnyObject) =>
        status?.typeChecking !== undefined && status.observedGeneration === metadata.generation;
      return all.length > 0 && all.every(checked) && all;
    });
    assert.equal(policies.length, 3);
    for (const { metadata, status } of policies) {
      assert.deepEqual(status.typeChecking.expressionWarnings ?? [], [], metadata.name);
    }
  },
);
