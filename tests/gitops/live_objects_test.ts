/**
 * All ten kinds kept by a second manager with server-side apply, as Argo CD and Flux keep what stands in Git, beside the
 * operator: it writes nothing of theirs, so there is nothing to put back and no loop.
 */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import {
  apiVersion,
  clusterModel,
  clusterRuntimeConfig,
  clusterTemplate,
  model,
  runtimeConfig,
  service,
  template,
} from "../e2e/catalogue.ts";
import { install, type Installation, uninstall, writesOf } from "../e2e/installation.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { kinds } from "../../lib/api/mod.ts";
import { aimLabels } from "../catalogue/aim_image.ts";
import { type Registry, startRegistry } from "../registry/registry.ts";
import { verdictsOn } from "./verdicts.ts";

const namespace = "ml-team";
const manager = "argocd-controller";
const check = await Deno.readTextFile(new URL("../../manifests/argocd/health.lua", import.meta.url));

let installation: Installation;
let user: User;
let registry: Registry;
let git: AnyObject[];

Deno.test.beforeAll(async () => {
  registry = await startRegistry({ program: "go-containerregistry" });
  await registry.push("aim/found:1.0.0", aimLabels("example/found", []));
  git = stored(registry.host);
  installation = await install();
  user = installation.user;
  await user.namespace(namespace);
});

Deno.test.afterAll(async () => {
  await uninstall(installation);
  await registry?.stop();
});

/** What stands in Git. */
function stored(host: string): AnyObject[] {
  const caching = (kind: string, name: string, spec: AnyObject) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
    spec,
  });
  return [
    clusterRuntimeConfig("default", { env: [{ name: "FROM", value: "platform" }] }),
    runtimeConfig("default", namespace, { storage: { pvcHeadroomPercent: 20 } }),
    clusterModel("shared"),
    clusterTemplate("shared-latency", "shared"),
    {
      apiVersion,
      kind: "AIMClusterModelSource",
      metadata: { name: "found" },
      spec: {
        registry: host,
        filters: [{ image: "aim/found:1.0.0" }],
      },
    },
    model("own", namespace, { imagePullSecrets: [{ name: "pull" }] }),
    template("own-latency", namespace, "own", { env: [{ name: "A", value: "1" }] }),
    caching("AIMTemplateCache", "warm", {
      templateName: "own-latency",
      templateScope: "Namespace",
      mode: "Shared",
    }),
    caching("AIMArtifact", "single", { sourceUri: "hf://example/single", size: "1Gi" }),
    service("chat", namespace, {
      model: { name: "own" },
      replicas: 2,
      env: [{ name: "B", value: "2" }, { name: "A", value: "3" }],
      resources: { limits: { memory: "1000Mi" } },
    }),
    service("other", namespace, { model: { name: "shared" } }),
  ];
}

const text = () => git.map((each) => JSON.stringify(each)).join("\n---\n");

async function apply(): Promise<void> {
  const { code, stderr } = await installation.plane.kubectl(
    ["apply", "--server-side", `--field-manager=${manager}`, "-f", "-"],
    text(),
  );
  assert.equal(code, 0, stderr);
}

const lived = () =>
  Promise.all(
    git.map(({ kind, metadata }) => user.get(kind.toLowerCase(), metadata.name, metadata.namespace)),
  );

Deno.test("of each kind there is one in Git, and all become Current and Healthy", async () => {
  assert.deepEqual(
    [...new Set(git.map(({ kind }) => kind))].sort(),
    kinds.map(({ kind }) => kind as string).sort(),
  );
  await apply();
  let last: string[] = [];
  const isWell = async () => {
    const objects = await lived();
    const answers = await verdictsOn(objects.map((object) => ({ object, check })));
    last = answers.map(({ kstatus, argocd }, at) =>
      `${objects[at].kind} ${
        objects[at].metadata.name
      }: ${kstatus.status} ${argocd?.status}, ${argocd?.message}`
    );
    return objects.every(({ status }) => status?.conditions !== undefined) &&
      answers.every(({ kstatus, argocd }) => kstatus.status === "Current" && argocd?.status === "Healthy");
  };
  await until("all is well", isWell, { seconds: 60, everyMilliseconds: 500 })
    .catch((error) => assert.fail(`${error.message}\n${last.join("\n")}`));
});

Deno.test("the operator owns no field that Git holds, and no spec", async () => {
  for (const { kind, metadata: { name, managedFields } } of await lived()) {
    const others = managedFields.filter((each: AnyObject) => each.manager !== manager);
    assert.ok(others.length > 0, `${kind} ${name} has no status of the operator's`);
    for (const { manager, fieldsV1 } of others) {
      assert.equal(fieldsV1["f:spec"], undefined, `${manager} writes the spec of ${kind} ${name}`);
    }
  }
});

Deno.test("what Git holds differs from what is there in nothing, and putting it there again writes nothing", async () => {
  const diff = await installation.plane.kubectl(
    ["diff", "--server-side", `--field-manager=${manager}`, "-f", "-"],
    text(),
  );
  assert.deepEqual([diff.code, diff.stdout], [0, ""], diff.stderr);
  const versions = (objects: AnyObject[]) => objects.map(({ metadata }) => metadata.resourceVersion);
  const before = versions(await lived());
  const writes = (await writesOf(installation)).length;
  for (let round = 0; round < 3; round++) await apply();
  assert.deepEqual(versions(await lived()), before);
  assert.deepEqual((await writesOf(installation)).slice(writes), []);
});

Deno.test("an edit in Git reaches the endpoint, and then it is quiet again: neither undoes the other", async () => {
  const chat = git.find(({ metadata }) => metadata.name === "chat")!;
  chat.spec.env = [{ name: "B", value: "changed" }];
  await apply();
  await until("the endpoint has it", async () => {
    const [isvc] = await user.list("inferenceservice", namespace, "aim.eai.amd.com/service.name=chat");
    return JSON.stringify(isvc.spec.predictor).includes('"changed"');
  });
  await user.reaches("aimservice", "chat", "Running", namespace);
  const { spec } = await user.get("aimservice", "chat", namespace);
  assert.deepEqual(spec.env, chat.spec.env, "what Git no longer has is gone");
  const diff = await installation.plane.kubectl(
    ["diff", "--server-side", `--field-manager=${manager}`, "-f", "-"],
    text(),
  );
  assert.deepEqual([diff.code, diff.stdout], [0, ""], diff.stderr);
});
