/** Images that cannot be read: what their model says, and that it becomes Ready by itself once mended. */

import assert from "node:assert/strict";
import { clusterModel, model } from "../e2e/catalogue.ts";
import { startScenarioRegistry } from "../e2e/half.ts";
import type { AnyObject } from "../e2e/user.ts";
import { profiled } from "../node_agent/discovery_images.ts";
import type { ServedRegistry } from "../registry/served_registry.ts";
import { account } from "../registry/token_server.ts";
import { aimLabels, deployment } from "./aim_image.ts";
import { installPlayed, modelsOnly, type PlayedCluster, uninstallPlayed } from "./played_cluster.ts";

const namespace = "ml-team";
const labels = aimLabels("example/tiny", [deployment("latency", "fp16")]);

let cluster: PlayedCluster;
let closed: ServedRegistry;
/** Of the private registry, and of the open one. */
let secretImage: string;
let image: string;

interface Row {
  readonly what: string;
  readonly name: string;
  /** Of the model. */
  readonly spec: () => AnyObject;
  /** Pull secrets that are there before. */
  readonly secrets?: () => AnyObject[];
  readonly status: "Degraded" | "Failed";
  readonly reason: string;
  /** What the condition's message must contain. */
  readonly says: () => string[];
  /** What a person does about it; the model is to be Ready then. */
  readonly mend: () => Promise<unknown>;
}

/** A pull secret with the account's password, or another one, for the private registry. */
function pullSecret(name: string, password: string): AnyObject {
  const config = { auths: { [closed.host]: { username: account.username, password } } };
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": JSON.stringify(config) },
  };
}

const rightSecret = (name: string) => cluster.user.apply([pullSecret(name, account.password)]);
const privateWith = (name: string) => () => ({ image: secretImage, imagePullSecrets: [{ name }] });
const change = (name: string, spec: AnyObject) =>
  cluster.user.kubectl(
    "patch",
    "aimmodel",
    name,
    "-n",
    namespace,
    "--type=merge",
    "-p",
    JSON.stringify({ spec }),
  );

const rows: readonly Row[] = [
  {
    what: "an image that was never pushed",
    name: "nowhere",
    spec: () => ({ image: `${cluster.registry.host}/aim/nowhere:1` }),
    status: "Degraded",
    reason: "ImageNotFound",
    says: () => [`"${cluster.registry.host}/aim/nowhere:1"`, "check name and tag of the image"],
    mend: () => change("nowhere", { image }),
  },
  {
    what: "an image whose reference is none",
    name: "no-reference",
    spec: () => ({ image: "example.com/Aim Tiny:1" }),
    status: "Degraded",
    reason: "InvalidImageReference",
    says: () => ["example.com/Aim Tiny:1", "write it as [host[:port]/]path[:tag][@sha256:…]"],
    mend: () => change("no-reference", { image }),
  },
  {
    what: "a private image without a pull secret",
    name: "no-secret",
    spec: () => ({ image: secretImage }),
    status: "Degraded",
    reason: "ImagePullAuthFailure",
    says:
      () => [`"${secretImage}"`, "name a pull secret with a credential for this image in imagePullSecrets"],
    mend: async () => {
      await rightSecret("right");
      await change("no-secret", { imagePullSecrets: [{ name: "right" }] });
    },
  },
  {
    what: "a pull secret that does not exist",
    name: "lost-secret",
    spec: privateWith("lost"),
    status: "Failed",
    reason: "SecretNotFound",
    says: () => ["there is no pull secret ml-team/lost", "create it"],
    mend: () => rightSecret("lost"),
  },
  {
    what: "a pull secret of a type that holds no credentials",
    name: "opaque-secret",
    spec: privateWith("opaque"),
    secrets: () => [{ ...pullSecret("opaque", account.password), type: "Opaque" }],
    status: "Degraded",
    reason: "ImagePullAuthFailure",
    says: () => [
      `"${secretImage}"`,
      "pull secret ml-team/opaque is of type Opaque",
      "kubernetes.io/dockerconfigjson",
    ],
    mend: async () => {
      await cluster.user.kubectl("delete", "secret", "opaque", "-n", namespace); // its type cannot be changed
      await rightSecret("opaque");
    },
  },
  {
    what: "a pull secret whose JSON is not that of Docker",
    name: "broken-secret",
    spec: privateWith("broken"),
    secrets: () => [{
      ...pullSecret("broken", ""),
      stringData: { ".dockerconfigjson": JSON.stringify({ auths: { [closed.host]: "puller:hunter2" } }) },
    }],
    status: "Degraded",
    reason: "SecretAccessFailed",
    says: () => ["pull secret ml-team/broken", ".dockerconfigjson", closed.host],
    mend: () => rightSecret("broken"),
  },
  {
    what: "a pull secret with a wrong password",
    name: "wrong-password",
    spec: privateWith("wrong"),
    secrets: () => [pullSecret("wrong", "hunter2")],
    status: "Degraded",
    reason: "ImagePullAuthFailure",
    says: () => [`"${secretImage}"`, "correct the credential in the pull secret"],
    mend: () => rightSecret("wrong"),
  },
  {
    what: "a label that does not read",
    name: "bad-label",
    spec: () => ({ image: `${cluster.registry.host}/aim/bad-label:1` }),
    status: "Degraded",
    reason: "MetadataExtractionFailed",
    says: () => [
      `${cluster.registry.host}/aim/bad-label:1`,
      "com.amd.aim.model.recommendedDeployments, entry [1], column 39",
      'gpuCount must be a whole number but is "two"',
      "push the image under another tag, or set spec.imageMetadata",
    ],
    mend: async () => {
      await cluster.registry.push("aim/bad-label:2", labels);
      await change("bad-label", { image: `${cluster.registry.host}/aim/bad-label:2` });
    },
  },
];

Deno.test.beforeAll(async () => {
  closed = await startScenarioRegistry({ auth: "htpasswd" });
  cluster = await installPlayed({}, modelsOnly);
  const { registry, user, dryRuns } = cluster;
  image = (await registry.push("aim/tiny:1", labels)).image;
  secretImage = (await closed.push("aim/secret:1", labels)).image;
  const badLabel = '[{"gpuModel": "MI300X"}, {"gpuCount": "two"}]';
  await registry.push("aim/bad-label:1", { "com.amd.aim.model.recommendedDeployments": badLabel });
  const dryRun = profiled("example/tiny", 0.5);
  for (const each of [image, secretImage, `${registry.host}/aim/bad-label:2`]) dryRuns.set(each, dryRun);
  await user.namespace(namespace);
  await user.apply(rows.flatMap(({ secrets }) => secrets?.() ?? []));
  await user.apply(
    rows.map(({ name, spec }) => model(name, namespace, { imageMetadata: undefined, ...spec() })),
  );
});

Deno.test.afterAll(async () => {
  await uninstallPlayed(cluster);
  await closed?.stop();
});

for (const { what, name, status, reason, says } of rows) {
  Deno.test(`${what}: the model is ${status}, ${reason}, and says what to do`, async () => {
    const { user } = cluster;
    const { message } = await user.condition("aimmodel", name, "ImageMetadataReady", reason, namespace);
    for (const text of says()) assert.ok(message.includes(text), `it says "${message}", not "${text}"`);
    await user.reaches("aimmodel", name, status, namespace);
    const ready = await user.condition("aimmodel", name, "Ready", reasonOfReady(status, reason), namespace);
    assert.ok(ready.message.includes(says()[0]), `Ready says "${ready.message}"`);
  });
}

/** A missing secret counts as a missing reference (models-and-templates.md §2 rule 3). */
function reasonOfReady(status: string, reason: string): string {
  return status === "Failed" ? "ReferenceNotFound" : reason;
}

Deno.test("the API server itself refuses a pull secret that is no JSON", async () => {
  const broken = { ...pullSecret("no-json", ""), stringData: { ".dockerconfigjson": "{" } };
  assert.match(await cluster.user.refusal([broken]), /data\[\.dockerconfigjson\]/);
});

Deno.test("no credential is told to anybody", async () => {
  const { user, operator } = cluster;
  const told = [
    await operator.log(),
    await user.kubectl("get", "aimmodels,events", "-n", namespace, "-o", "yaml"),
  ].join("\n");
  assert.ok(told.includes("ImagePullAuthFailure"), "something was told");
  for (const secret of ["hunter2", account.password, btoa(`${account.username}:${account.password}`)]) {
    assert.ok(!told.includes(secret), secret);
  }
});

Deno.test("a deployment of an unknown precision: its template is without, and the model says so", async () => {
  const { registry, user, dryRuns } = cluster;
  const { image } = await registry.push(
    "aim/precise:1",
    aimLabels("example/precise", [{ ...deployment("latency", "fp16"), precision: "fp7" }]),
  );
  dryRuns.set(image, profiled("example/precise", 0.5));
  await user.apply([model("precise", namespace, { imageMetadata: undefined, image })]);
  const { status } = await user.reaches("aimmodel", "precise", "Ready", namespace);
  const said = status.conditions.find(({ type }: AnyObject) => type === "ServiceTemplatesReady").message;
  assert.match(said, /precision "fp7" is none of auto, fp4, fp8, fp16, fp32, bf16, int4, int8/);
});

Deno.test("a private image of a cluster model: its pull secret and its Jobs are in the operator's namespace", async () => {
  const { user } = cluster;
  const secret = pullSecret("cluster-secret", account.password);
  await user.apply([
    { ...secret, metadata: { ...secret.metadata, namespace: "aim-system" } },
    clusterModel("shared", {
      image: secretImage,
      imageMetadata: undefined,
      imagePullSecrets: [{ name: "cluster-secret" }],
    }),
  ]);
  await user.reaches("aimclustermodel", "shared", "Ready");
  const [template] = await user.list("aimclusterservicetemplate", "default");
  assert.equal(template.status.discoveryJob.namespace, "aim-system");
  assert.deepEqual(template.spec.imagePullSecrets, [{ name: "cluster-secret" }]);
  assert.equal(template.status.profile.metadata.precision, "fp16");
});

Deno.test("once mended, each of the models becomes Ready by itself", async () => {
  for (const { mend } of rows) await mend();
  for (const { name } of rows) await cluster.user.reaches("aimmodel", name, "Ready", namespace);
});
