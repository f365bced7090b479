/** Pods whose containers are real processes, seen with kubectl. */

import assert from "node:assert/strict";
import { type ControlPlane, startControlPlane } from "../../control_plane/control_plane.ts";
import { gpuNode } from "../../control_plane/nodes.ts";
import { until } from "../../control_plane/until.ts";
import { type NodeAgent, startNodeAgent } from "../node_agent.ts";
import { denoProgram, type Image } from "./image.ts";

let plane: ControlPlane;
let agent: NodeAgent;

const images: Record<string, Image> = {
  shell: { entrypoint: ["/bin/sh", "-c"], files: { "/check-size.sh": "/bin/echo" } },
  deno: { entrypoint: denoProgram("lib/kube/json/equal.ts", []) },
};

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true, scheduler: true });
  agent = await startNodeAgent(plane, {
    nodes: [gpuNode("n1", { model: "MI300X" })],
    imageOf: (name) => images[name],
  });
});

Deno.test.afterAll(async () => {
  await agent?.stop();
  await plane?.stop();
});

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

// deno-lint-ignore no-explicit-any
type Any = any;

/** A pod that runs a shell script once, with more of a container or pod as said. */
function pod(name: string, script: string, container: object = {}, spec: object = {}): object {
  const main = { name: "main", image: "shell", args: [script], ...container };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 2, ...spec, containers: [main] },
  };
}

async function read(name: string): Promise<Any> {
  return JSON.parse(await kubectl("get", "pod", name, "-o", "json"));
}

async function reaches(name: string, holds: (pod: Any) => unknown): Promise<Any> {
  let last: Any;
  return await until(`pod ${name}`, async () => holds(last = await read(name)) ? last : undefined)
    .catch((error) => assert.fail(`${error.message}: ${JSON.stringify(last?.status)}`));
}

const ends = (name: string) =>
  reaches(name, ({ status }) => status.phase === "Succeeded" || status.phase === "Failed");

Deno.test("a container runs as its user, with its environment; its output is the log, its last word the message", async () => {
  await plane.apply([pod(
    "says",
    'id -u; id -g; id -G; echo "$GREETING" >&2; ls /work 2>/dev/null; echo done > /dev/termination-log; touch /x || echo refused',
    { env: [{ name: "WHO", value: "world" }, { name: "GREETING", value: "hello $(WHO)" }] },
    { securityContext: { runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true, fsGroup: 2000 } },
  )]);
  const { status } = await ends("says");
  assert.equal(status.phase, "Succeeded");
  const { terminated } = status.containerStatuses[0].state;
  assert.deepEqual([terminated.exitCode, terminated.reason, terminated.message], [0, "Completed", "done\n"]);
  const log = (await kubectl("logs", "says")).trim().split("\n");
  assert.deepEqual(log.filter((line) => !line.startsWith("touch:")), [
    "1000",
    "1000",
    "1000 2000",
    "hello world",
    "refused",
  ]);
});

Deno.test("a claim is a folder that outlives its pods; a pod waits until it is bound", async () => {
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "weights", namespace: "default" },
    spec: {
      storageClassName: "",
      accessModes: ["ReadWriteMany"],
      resources: { requests: { storage: "1Gi" } },
    },
  };
  const spec = {
    securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 },
    volumes: [{ name: "cache", persistentVolumeClaim: { claimName: "weights" } }],
  };
  const mount = { volumeMounts: [{ name: "cache", mountPath: "/cache" }] };
  await plane.apply([claim, {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "disk" },
    spec: {
      storageClassName: "",
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteMany"],
      hostPath: { path: "/nowhere" },
      claimRef: { namespace: "default", name: "weights" },
    },
  }]);
  await plane.apply([pod("writes", "echo bytes > /cache/file", mount, spec)]);
  assert.equal((await ends("writes")).status.phase, "Succeeded");
  await kubectl("delete", "pod", "writes");
  await plane.apply([pod("reads", "cat /cache/file; ls -A /tmp", mount, spec)]);
  assert.equal((await ends("reads")).status.phase, "Succeeded");
  assert.equal(await kubectl("logs", "reads"), "bytes\n");
  const { uid } = JSON.parse(await kubectl("get", "pvc", "weights", "-o", "json")).metadata;
  assert.equal(await Deno.readTextFile(`${agent.volumes.claimFolder(uid)}/file`), "bytes\n");
});

Deno.test("a Secret that is missing is named, and the container starts once it is there", async () => {
  const env = [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } }];
  await plane.apply([pod("needs", 'echo "$TOKEN"', { env })]);
  await reaches("needs", ({ status }) => {
    const { reason, message } = status.containerStatuses?.[0].state.waiting ?? {};
    return reason === "CreateContainerConfigError" && message === 'secret "hf" not found';
  });
  await kubectl("create", "secret", "generic", "hf", "--from-literal=token=t0");
  assert.equal((await ends("needs")).status.phase, "Succeeded");
  assert.equal(await kubectl("logs", "needs"), "t0\n");
});

Deno.test("a failure keeps its exit code, and the end of the log where nothing else was said", async () => {
  const policy = { terminationMessagePolicy: "FallbackToLogsOnError" };
  await plane.apply([pod("fails", "echo no such model; exit 3", policy)]);
  const { status } = await ends("fails");
  assert.equal(status.phase, "Failed");
  const { terminated } = status.containerStatuses[0].state;
  assert.deepEqual([terminated.exitCode, terminated.reason, terminated.message], [
    3,
    "Error",
    "no such model\n",
  ]);
});

Deno.test("a container that ends is started again, and says what became of its last life", async () => {
  await plane.apply([pod("restarts", "echo once; exit 7", {}, { restartPolicy: "Always" })]);
  const { status } = await reaches(
    "restarts",
    ({ status }) => status.containerStatuses?.[0].restartCount > 0,
  );
  const [main] = status.containerStatuses;
  assert.equal(main.lastState.terminated.exitCode, 7);
  await kubectl("delete", "pod", "restarts");
});

Deno.test("deletion asks the process first, and its service account's token is one of the API server", async () => {
  await plane.apply([pod(
    "serves",
    'trap "echo asked; exit 0" TERM; wc -c < /var/run/secrets/kubernetes.io/serviceaccount/token; while :; do sleep 0.05; done',
  )]);
  await reaches("serves", ({ status }) => status.containerStatuses?.[0].ready);
  const follow = kubectl("logs", "-f", "serves");
  await until("the first line", async () => (await kubectl("logs", "serves")) !== "");
  await kubectl("delete", "pod", "serves");
  const [token, asked] = (await follow).trim().split("\n");
  assert.ok(Number(token) > 100, token);
  assert.equal(asked, "asked");
});

Deno.test("programs of the image stand at their fixed paths; one of this checkout runs without the network", async () => {
  await plane.apply([
    pod("sizes", "", { command: ["/check-size.sh"], args: ["hf://a/b"] }),
    pod("deno", "", { image: "deno" }, {
      securityContext: { runAsUser: 1000, runAsGroup: 1000, runAsNonRoot: true },
    }),
  ]);
  await ends("sizes");
  assert.equal(await kubectl("logs", "sizes"), "hf://a/b\n");
  const { status } = await ends("deno");
  assert.equal(status.phase, "Succeeded", await kubectl("logs", "deno"));
});
