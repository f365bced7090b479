/**
 * The operator goes over to a new build, and back, while services run: it writes nothing but its Lease, and no pod is
 * started anew. `AIM_UPGRADE_SERVICES` says how many services (200 in `deno task nightly`).
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { version } from "../../lib/program/version.ts";
import { addNodes, gpuNode } from "../control_plane/nodes.ts";
import type { ControlPlane } from "../control_plane/plane.ts";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, service } from "../e2e/catalogue.ts";
import { install, type Installation, uninstall, writesAtRest } from "../e2e/installation.ts";
import { rendered } from "../e2e/namespaced_installation.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { bundledOperator, type OperatorProcess, startOperator } from "../operator_process.ts";

const count = Number(Deno.env.get("AIM_UPGRADE_SERVICES") ?? "8");
const namespaces = ["ml-team", "research"];
const args = ["--leader-elect"];

let installation: Installation;
let user: User;
let running: OperatorProcess;

Deno.test.beforeAll(async () => {
  installation = await install({ leaderElection: true });
  running = installation.operator;
  user = installation.user;
  const nodes = Math.ceil(count * 2 / 8);
  await addNodes(
    installation.plane as ControlPlane,
    Array.from({ length: nodes }, (_, i) => gpuNode(`more-${i}`, { model: "MI300X" })),
  );
  for (const namespace of namespaces) await user.namespace(namespace);
  await user.apply([clusterModel("qwen"), clusterTemplate("qwen-latency", "qwen")]);
  const routing = { enabled: true, gatewayRef: { name: "inference" } };
  const shapes = [{}, { routing }, { replicas: 2 }, { caching: { mode: "Dedicated" } }];
  await user.apply(
    Array.from(
      { length: count },
      (_, i) =>
        service(`s-${i}`, namespaces[i % 2], { model: { name: "qwen" }, ...shapes[i % shapes.length] }),
    ),
  );
  await until("all services run", async () => {
    const services = await everywhere("aimservice");
    return services.length === count && services.every(({ status }) => status?.status === "Running");
  }, { seconds: 60 + count * 2, everyMilliseconds: 1_000 });
});

Deno.test.afterAll(() => uninstall(installation && { ...installation, operator: running }));

async function everywhere(kind: string): Promise<AnyObject[]> {
  return (await Promise.all(namespaces.map((namespace) => user.list(kind, namespace)))).flat();
}

/** Whatever would show that something was made, changed or started anew. */
async function traces(): Promise<string[]> {
  const kinds = ["inferenceservice", "deployment", "pod", "httproute", "persistentvolumeclaim", "job"];
  const objects = (await Promise.all(kinds.map(everywhere))).flat();
  return objects.map(({ kind, metadata: { namespace, name, uid, resourceVersion }, status }) => {
    const restarts = (status?.containerStatuses ?? []).map((each: AnyObject) => each.restartCount);
    return `${kind} ${namespace}/${name} ${uid} ${resourceVersion} ${restarts}`;
  }).sort();
}

const holder = async () =>
  (await user.get("lease", "3be10d2f.eai.amd.com", "aim-system")).spec.holderIdentity;

/** Applies the manifests with another image, as README tells, and has that build run in place of the other one. */
async function goOver(tag: string, entry?: string): Promise<void> {
  const { plane } = installation;
  const documents = await rendered(plane, {
    "": (manifests) =>
      `resources: [${manifests}]
images: [{name: aim-operator, newName: registry.example.com/aim-operator, newTag: ${tag}}]
replicas: [{name: aim-engine-controller-manager, count: 0}]
`,
  });
  await user.apply(documents);
  const { spec } = await user.get("deployment", "aim-engine-controller-manager", "aim-system");
  assert.equal(spec.template.spec.containers[0].image, `registry.example.com/aim-operator:${tag}`);
  const before = await holder();
  await running.stop();
  running = await startOperator(plane, { args, entry });
  await until("the new build leads", async () => !["", before].includes(await holder()));
}

/** Another build: the same program, but for the line that says its version. */
async function nextBuild(): Promise<string> {
  const { entry } = await bundledOperator();
  const line = `version = ${JSON.stringify(version)}`;
  let changed = 0;
  for await (const { name } of Deno.readDir(dirname(entry))) {
    const file = join(dirname(entry), name);
    const text = await Deno.readTextFile(file);
    changed += text.split(line).length - 1;
    await Deno.writeTextFile(file, text.replaceAll(line, `version = "0.2.0"`));
  }
  assert.equal(changed, 1, `lines ${line}`);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--allow-env", entry, "--version"],
  }).output();
  assert.match(new TextDecoder().decode(stdout), /^aim-operator 0\.2\.0 /);
  return entry;
}

for (const direction of ["to a new build", "back to the old one"]) {
  Deno.test(`${count} services run, and the operator goes over ${direction}: it writes nothing but its Lease`, async () => {
    const before = await writesAtRest(installation, 12);
    const was = await traces();
    assert.equal(was.filter((line) => line.startsWith("InferenceService")).length, count);
    if (direction === "to a new build") await goOver("0.2.0", await nextBuild());
    else await goOver("0.1.0");
    const after = (await writesAtRest(installation, 12)).slice(before.length);
    const now = await traces();
    const changed = was.filter((line) => !now.includes(line));
    console.log(
      `${count} services, ${direction}: ${after.length} writes, ${changed.length} of ${was.length} objects changed, ` +
        `${now.filter((line) => line.startsWith("Pod")).length} pods as they were`,
    );
    assert.deepEqual(after, []);
    assert.deepEqual(now, was);
  });
}
