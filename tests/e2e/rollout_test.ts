/** Edits of running services, with the real KServe and Deployment controller: what is said until they are rolled out. */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

const namespace = "ml-team";
let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace(namespace);
  await user.apply([clusterModel("good"), clusterTemplate("good-latency", "good")]);
});

Deno.test.afterAll(() => uninstall(installation));

const nodes = ["mi300x-0", "mi300x-1", "mi325x-0"];
const spec = (more: AnyObject) => ({ model: { name: "good" }, ...more });

async function running(name: string, more: AnyObject = {}): Promise<void> {
  await user.apply([service(name, namespace, spec(more))]);
  await user.reaches("aimservice", name, "Running", namespace);
}

function edit(name: string, change: AnyObject): Promise<string> {
  return user.kubectl(
    "patch",
    "aimservice",
    name,
    "-n",
    namespace,
    "--type=merge",
    "-p",
    JSON.stringify({ spec: change }),
  );
}

const ready = (name: string, seconds: number) =>
  installation.plane.kubectl([
    ...["wait", "--for=condition=Ready", `aimservice/${name}`, "-n", namespace, `--timeout=${seconds}s`],
  ]);

/** What the pods that are Ready run by: the value of a variable, of each. */
async function valuesOf(name: string, variable: string): Promise<(string | undefined)[]> {
  const [isvc] = await user.list("inferenceservice", namespace, `aim.eai.amd.com/service.name=${name}`);
  const pods = await user.list(
    "pods",
    namespace,
    `serving.kserve.io/inferenceservice=${isvc.metadata.name}`,
  );
  return pods
    .filter(({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status.conditions?.some(({ type, status }: AnyObject) => type === "Ready" && status === "True")
    )
    .map(({ spec }) => spec.containers[0].env.find(({ name }: AnyObject) => name === variable)?.value);
}

Deno.test("kubectl wait after an edit returns once the pods of the edit are ready, not on the old ones", async () => {
  await running("edited", { replicas: 2, env: [{ name: "STEP", value: "0" }] });
  for (const step of ["1", "2", "0"]) {
    await edit("edited", { env: [{ name: "STEP", value: step }] });
    const { code, stderr } = await ready("edited", 60);
    assert.equal(code, 0, stderr);
    const values = await valuesOf("edited", "STEP");
    assert.equal(values.filter((value) => value === step).length, 2, `step ${step}: ${values}`);
  }
});

Deno.test("the pods of an edit find no place while the old ones serve: Degraded, both said, then Running", async () => {
  await running("stuck", { env: [{ name: "STEP", value: "0" }] });
  for (const node of nodes) await user.kubectl("cordon", node);
  try {
    await edit("stuck", { env: [{ name: "STEP", value: "1" }] });
    const said = await user.condition(
      "aimservice",
      "stuck",
      "InferenceServicePodsReady",
      "FailedScheduling",
      namespace,
    );
    assert.match(
      said.message,
      /nodes are available: 3 node\(s\) were unschedulable.*; the previous revision serves$/,
    );
    await user.reaches("aimservice", "stuck", "Degraded", namespace);
    const { code, stderr } = await ready("stuck", 3);
    assert.notEqual(code, 0, "Ready on the old revision");
    assert.match(stderr, /timed out/);
    assert.deepEqual(await valuesOf("stuck", "STEP"), ["0"]);
  } finally {
    for (const node of nodes) await user.kubectl("uncordon", node);
  }
  await user.reaches("aimservice", "stuck", "Running", namespace);
  assert.deepEqual(await valuesOf("stuck", "STEP"), ["1"]);
});

Deno.test("of two replicas one finds no place: Degraded, and the scheduler is quoted", async () => {
  await running("half", { replicas: 1 });
  for (const node of nodes) await user.kubectl("cordon", node);
  try {
    await edit("half", { replicas: 2 });
    const said = await user.condition(
      "aimservice",
      "half",
      "InferenceServicePodsReady",
      "FailedScheduling",
      namespace,
    );
    assert.match(said.message, /unschedulable.*; 1 of 2 replicas are ready$/);
    await user.reaches("aimservice", "half", "Degraded", namespace);
  } finally {
    for (const node of nodes) await user.kubectl("uncordon", node);
  }
  await user.reaches("aimservice", "half", "Running", namespace);
});

Deno.test("an edit of the InferenceService that its Deployment never sees leaves the service Running", async () => {
  await running("unseen");
  const [{ metadata: { name } }] = await user.list(
    "inferenceservice",
    namespace,
    "aim.eai.amd.com/service.name=unseen",
  );
  const patch = JSON.stringify({ spec: { predictor: { maxReplicas: 9 } } });
  await user.kubectl("patch", "inferenceservice", name, "-n", namespace, "--type=merge", "-p", patch);
  const { metadata, status } = await until("the edit put back", async () => {
    const isvc = await user.get("inferenceservice", name, namespace);
    return isvc.spec.predictor.maxReplicas === 1 && isvc.metadata.generation >= 3 && isvc;
  });
  // KServe copies the Deployment's generation there, which has not changed: nothing to go by.
  assert.ok(status.observedGeneration < metadata.generation, `${status.observedGeneration}`);
  await user.apply([service("unseen", namespace, spec({ routing: { enabled: false } }))]);
  const now = await until("the service looked at again", async () => {
    const { metadata, status } = await user.get("aimservice", "unseen", namespace);
    return metadata.generation > 1 && status.observedGeneration === metadata.generation && status;
  });
  assert.equal(now.status, "Running", JSON.stringify(now.conditions));
});
