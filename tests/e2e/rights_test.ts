/**
 * Used rights against granted ones, from the audit log of a run (issue: rights; conventions.md §13.1). That no
 * right is missing, every file of this folder shows at its end (`uninstall`).
 */

import assert from "node:assert/strict";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { AuditEvent } from "../control_plane/servers/audit_log.ts";
import { until } from "../control_plane/until.ts";
import { documentsBelow, named, rightsOf } from "../manifests/documents.ts";
import {
  apiVersion,
  clusterModel,
  clusterRuntimeConfig,
  clusterTemplate,
  model,
  service,
  template,
} from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

const aim = "aim.eai.amd.com";

/** Granted rights that this run need not use, and why they are granted all the same. */
const unused: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "aimservices",
      "aimmodels",
      "aimclustermodels",
      "aimclustermodelsources",
      "aimservicetemplates",
      "aimclusterservicetemplates",
      "aimtemplatecaches",
      "aimartifacts",
      "aimruntimeconfigs",
      "aimclusterruntimeconfigs",
    ].map((plural) => [`get ${aim}/${plural}`, "only after a conflict, or an answer that never came"]),
  ),
  ...Object.fromEntries(
    watchedKinds.map(({ resource: { group, plural } }) => [
      `list ${group || "core"}/${plural}`,
      "where the API server does not stream lists: tests/kube",
    ]),
  ),
  "get serving.kserve.io/inferenceservices": "only after a conflict, or an answer that never came",
  "get gateway.networking.k8s.io/httproutes": "the same",
  "get core/persistentvolumeclaims": "the same",
  "get batch/jobs": "the same",
  "get core/serviceaccounts": "the same",
  "get rbac.authorization.k8s.io/rolebindings": "the same",
  "delete batch/jobs": "a download that failed and is tried again: no pod fails here",
  "patch core/persistentvolumeclaims": "a volume that is too small: nothing is downloaded here; tests/caches",
  "patch core/events": "an event that repeats",
  "create authentication.k8s.io/tokenreviews": "who reads /metrics: tests/process",
  "create authorization.k8s.io/subjectaccessreviews": "the same",
  "bind rbac.authorization.k8s.io/clusterroles aim-engine-artifact-status-updater":
    "no verb of a request: the API server asks for it when the RoleBinding is made",
};

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install({ leaderElection: true });
  user = installation.user;
});

Deno.test.afterAll(() => uninstall(installation));

/** A model with weights of its own, which makes a template for each entry. */
const withTemplates = (object: AnyObject, names: readonly string[]): AnyObject => ({
  ...object,
  spec: {
    image: object.spec.image,
    imageMetadata: object.spec.imageMetadata,
    modelSources: [{ modelId: "example/own", sourceUri: "hf://example/own", size: "1Gi" }],
    custom: { hardware: { gpu: { requests: 1, model: "MI300X" } } },
    customTemplates: names.map((name) => ({ name, type: "optimized" })),
  },
});

/** A model whose image may be read with a pull secret, which is not there. */
const withSecret = (object: AnyObject): AnyObject => ({
  ...object,
  spec: { image: object.spec.image, imagePullSecrets: [{ name: "registry" }] },
});

/** Makes the operator do everything that it does, as far as a cluster without failures lets it. */
async function everything(): Promise<void> {
  await user.namespace("ml-team");
  await user.namespace("podless");
  const routing = { enabled: true, gatewayRef: { name: "inference" } };
  await user.apply([
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none", namespace: "podless" },
      spec: { hard: { pods: "0" } },
    },
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    template("own", "ml-team", "qwen", { metric: "throughput", caching: { enabled: true } }),
    withTemplates(clusterModel("many"), ["one", "two"]),
    withTemplates(model("many", "ml-team"), ["one", "two"]),
    withSecret(model("private", "ml-team")),
    // Discovered by a Job, whose pod has nothing to say here.
    template("mute", "ml-team", "qwen", { modelSources: undefined }),
    { apiVersion, kind: "AIMRuntimeConfig", metadata: { name: "default", namespace: "ml-team" }, spec: {} },
    clusterRuntimeConfig("default", {}),
  ]);
  await user.apply([
    service("routed", "ml-team", { model: { name: "qwen" }, routing }),
    service("explicit", "ml-team", { model: { name: "qwen" }, template: { name: "qwen-latency" } }),
    service("imaged", "ml-team", { model: { image: "registry.example.com/nobody/knows:1" } }),
    service("waiting", "podless", { model: { name: "qwen" } }),
  ]);
  await user.reaches("aimservice", "routed", "Running", "ml-team");
  await user.reaches("aimservice", "explicit", "Running", "ml-team");
  await user.reaches("aimmodel", "private", "Failed", "ml-team");
  await user.reaches("aimservicetemplate", "mute", "Failed", "ml-team");
  await until("templates of models", async () => {
    const made = [
      ...await user.list("aimservicetemplates", "ml-team"),
      ...await user.list("aimclusterservicetemplates", "default"),
    ];
    return made.filter(({ spec }) => spec.modelName === "many").length === 4;
  });
  // A pull secret that a service gets reaches the model that was made for its image, while that cannot be read.
  const image = "127.0.0.1:1/no/where:1";
  const made = async () =>
    (await user.list("aimmodels", "ml-team")).find(({ spec }: AnyObject) => spec.image === image);
  await user.apply([service("opened", "ml-team", { model: { image } })]);
  await until("the model of the image", made);
  await user.apply([
    service("opened", "ml-team", { model: { image }, imagePullSecrets: [{ name: "regcred" }] }),
  ]);
  await until("its pull secret", async () => (await made())?.spec.imagePullSecrets?.[0].name === "regcred");
  await sourceAndItsSecret();
  // What goes again: a route, templates of models, a cache and its artifacts that never got ready.
  await user.kubectl(
    "patch",
    "aimservice",
    "routed",
    "-n",
    "ml-team",
    "--type=merge",
    "-p",
    '{"spec":{"routing":{"enabled":false}}}',
  );
  await user.apply([
    withTemplates(clusterModel("many"), ["one"]),
    withTemplates(model("many", "ml-team"), ["one"]),
  ]);
  await user.kubectl("delete", "aimservice", "waiting", "-n", "podless", "--timeout=60s");
  await until("what is not wanted is gone", async () => {
    const left = [
      ...await user.list("httproutes", "ml-team"),
      ...await user.list("aimtemplatecaches", "podless"),
      ...await user.list("aimartifacts", "podless"),
      ...(await user.list("aimservicetemplates", "ml-team")).filter(({ metadata }) =>
        /two/.test(metadata.name)
      ),
      ...(await user.list("aimclusterservicetemplates", "ml-team")).filter(({ metadata }) =>
        /two/.test(metadata.name)
      ),
    ];
    return left.length === 0;
  });
}

/** A source makes a model for its image without asking a registry; a pull secret that it gets reaches the model. */
async function sourceAndItsSecret(): Promise<void> {
  const source = (spec: AnyObject) => ({
    apiVersion,
    kind: "AIMClusterModelSource",
    metadata: { name: "pinned" },
    spec: { filters: [{ image: "registry.example.com:5000/team/pinned:2.0.0" }], ...spec },
  });
  const made = async () =>
    (await user.list("aimclustermodels", "default"))
      .find(({ metadata }) => metadata.labels?.["aim.eai.amd.com/model-source"] === "pinned");
  await user.apply([source({})]);
  await user.reaches("aimclustermodelsource", "pinned", "Ready");
  assert.equal((await made())?.spec.image, "registry.example.com:5000/team/pinned:2.0.0");
  await user.apply([source({ imagePullSecrets: [{ name: "regcred" }] })]);
  await until("its pull secret", async () => (await made())?.spec.imagePullSecrets?.[0].name === "regcred");
}

/** What one answered request needed, as `rightsOf` writes rights. */
function rightsUsed(
  { verb, objectRef, responseStatus }: AuditEvent,
  named: ReadonlySet<string>,
): string[] {
  const code = responseStatus?.code ?? 0;
  if (objectRef === undefined || code === 403) return [];
  const { apiGroup, resource, subresource, name } = objectRef;
  const what = `${apiGroup || "core"}/${resource}${subresource ? `/${subresource}` : ""}`;
  const right = named.has(`${what} ${name}`) && verb !== "create" ? `${what} ${name}` : what;
  // An apply that made its object needed both.
  return verb === "patch" && code === 201 ? [`patch ${right}`, `create ${right}`] : [`${verb} ${right}`];
}

Deno.test("nothing is granted that no run uses and no reason stands for", async () => {
  await everything();
  const rbac = await documentsBelow("rbac");
  const rules = [
    ["ClusterRole", "aim-engine-manager-role"],
    ["ClusterRole", "aim-engine-metrics-auth-role"],
    ["Role", "aim-engine-leader-election-role"],
  ].flatMap(([kind, name]) => named(rbac, kind, name).rules);
  const granted = rightsOf(rules);
  const withName = new Set(
    granted.filter((right) => right.split(" ").length === 3).map((right) =>
      right.slice(right.indexOf(" ") + 1)
    ),
  );
  const used = new Set(
    (await installation.plane.auditEvents())
      .filter(({ user: { username } }) => username === installation.operator.user)
      .flatMap((event) => rightsUsed(event, withName)),
  );
  assert.deepEqual(granted.filter((right) => !used.has(right) && !(right in unused)), []);
  assert.deepEqual(
    Object.keys(unused).filter((right) => !granted.includes(right)),
    [],
    "reasons for nothing",
  );
});
