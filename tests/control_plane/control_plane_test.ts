import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addNodes, gpuNode } from "./nodes.ts";
import { type ControlPlane, startControlPlane } from "./control_plane.ts";
import { startGpuCluster } from "./gpu_cluster.ts";
import { until } from "./until.ts";

Deno.test("a control plane runs pods on kwok nodes, refuses what it should and leaves nothing behind", async (t) => {
  const plane = await startControlPlane({
    controllerManager: true,
    scheduler: true,
    kwok: {},
    auditLog: true,
  });
  try {
    await addNodes(plane, [gpuNode("n1", { model: "MI325X", count: 4 })]);
    await succeeds(plane, ["create", "namespace", "ml-team"]);
    await until("the namespace's service account", async () => {
      return (await plane.kubectl(["get", "serviceaccount", "default", "-n", "ml-team"])).code === 0;
    });

    await t.step("a pod that asks for GPUs becomes Running", async () => {
      await plane.apply([pod("chat", { resources: { limits: { "amd.com/gpu": "4" } } })]);
      await succeeds(plane, ["wait", "-n", "ml-team", "pod/chat", "--for=condition=Ready", "--timeout=30s"]);
      const { spec, status } = await plane.request("GET", "/api/v1/namespaces/ml-team/pods/chat");
      assert.equal(spec.nodeName, "n1");
      assert.equal(status.phase, "Running");
    });

    await t.step("a Job on a claim completes", async () => {
      await plane.apply(jobWithClaim);
      await succeeds(plane, [
        "wait",
        "-n",
        "ml-team",
        "job/load",
        "--for=condition=Complete",
        "--timeout=30s",
      ]);
      const claim = await plane.request("GET", "/api/v1/namespaces/ml-team/persistentvolumeclaims/weights");
      assert.equal(claim.status.phase, "Bound");
    });

    await t.step("a pod's log is the file that a Logs object names", async () => {
      const logFile = join(plane.folder, "chat.log");
      await Deno.writeTextFile(logFile, "2026-01-01T00:00:00.000000000Z stdout F model loaded\n");
      await plane.apply([{
        apiVersion: "kwok.x-k8s.io/v1alpha1",
        kind: "Logs",
        metadata: { name: "chat", namespace: "ml-team" },
        spec: { logs: [{ containers: ["main"], logsFile: logFile }] },
      }]);
      const said = await until("the log", async () => {
        const { stdout } = await plane.kubectl(["logs", "-n", "ml-team", "chat"]);
        return stdout.includes("model") && stdout;
      });
      assert.equal(said, "model loaded\n");
    });

    await t.step("a service account may do nothing by itself", async () => {
      const kubeconfig = await plane.kubeconfigFor("ml-team", "default");
      const { code, stderr } = await plane.kubectl(["get", "pods", "-n", "ml-team"], "", kubeconfig);
      assert.equal(code, 1);
      assert.match(stderr, /User "system:serviceaccount:ml-team:default" cannot list resource "pods"/);
    });

    await t.step("a quota refuses a pod", async () => {
      await succeeds(plane, ["create", "quota", "few", "-n", "ml-team", "--hard=pods=1"]);
      const refusal = await until("the quota", async () => {
        const { stderr } = await plane.kubectl(
          ["apply", "-f", "-", "--dry-run=server"],
          JSON.stringify(pod("more")),
        );
        return stderr.includes("exceeded quota") && stderr;
      });
      assert.match(refusal, /exceeded quota: few/);
      await succeeds(plane, ["delete", "quota", "few", "-n", "ml-team"]);
    });

    await t.step("Pod Security refuses a pod", async () => {
      const label = "pod-security.kubernetes.io/enforce=restricted";
      await succeeds(plane, ["label", "namespace", "ml-team", label]);
      const { stderr } = await plane.kubectl(["apply", "-f", "-"], JSON.stringify(pod("privileged")));
      assert.match(stderr, /violates PodSecurity "restricted:latest"/);
    });

    await t.step("the audit log tells who wrote what", async () => {
      const made = (await plane.auditEvents()).filter(({ verb, objectRef }) =>
        verb === "create" && objectRef?.resource === "namespaces" && objectRef.name === "ml-team"
      );
      assert.deepEqual(made.map(({ user }) => user.username), ["admin"]);
    });

    await t.step("the API server can be frozen, compacted under, killed and started again", async () => {
      const { pid } = plane.apiServer;
      plane.apiServer.pause();
      await assert.rejects(() => answers(plane, 300));
      plane.apiServer.resume();
      await answers(plane, 30_000);
      assert.ok(await plane.compact() > 0);
      await plane.apiServer.restart();
      await answers(plane, 30_000);
      assert.notEqual(plane.apiServer.pid, pid);
    });
  } finally {
    const { pids, folder } = plane;
    await plane.stop();
    assert.equal(pids.length, 5);
    assert.deepEqual(pids.filter(isAlive), []);
    await assert.rejects(() => Deno.stat(folder), Deno.errors.NotFound);
  }
});

Deno.test("KServe's own controller makes an InferenceService Ready; the gateway accepts a route", async () => {
  await using plane = await startGpuCluster();
  await plane.apply(inferenceServiceAndRoute);
  await succeeds(plane, ["wait", "inferenceservice/chat", "--for=condition=Ready", "--timeout=60s"]);
  const pods = await plane.request(
    "GET",
    "/api/v1/namespaces/default/pods?labelSelector=serving.kserve.io/inferenceservice=chat",
  );
  assert.deepEqual(
    pods.items.map(({ spec, status }: { spec: { nodeName: string }; status: { phase: string } }) => [
      spec.nodeName,
      status.phase,
    ]),
    [["mi325x-0", "Running"]],
  );
  const path = "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/chat";
  const parents = await until(
    "the route accepted",
    async () => (await plane.request("GET", path)).status?.parents,
  );
  assert.deepEqual(
    parents.map((
      { parentRef, conditions }: { parentRef: { name: string }; conditions: { type: string }[] },
    ) => [
      parentRef.name,
      conditions.map(({ type }) => type),
    ]),
    [["public", ["Accepted", "ResolvedRefs"]], ["private", ["Accepted", "ResolvedRefs"]]],
  );
});

for (const signal of ["SIGKILL", "SIGINT"] as const) {
  Deno.test(`no process is left when the one that started it gets ${signal}`, async () => {
    const module = JSON.stringify(new URL("control_plane.ts", import.meta.url).href);
    const program = `
      const { startControlPlane } = await import(${module});
      const { folder, pids } = await startControlPlane();
      console.log(JSON.stringify({ folder, pids }));
      await new Promise(() => {});
    `;
    const parent = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--config", fileURLToPath(new URL("../../deno.json", import.meta.url)), program],
      stdout: "piped",
    }).spawn();
    const reader = parent.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { folder, pids } = JSON.parse((await reader.read()).value!);
    assert.equal(pids.length, 2);
    assert.deepEqual(pids.filter(isAlive), pids);
    parent.kill(signal);
    await parent.status;
    await until("the end of all processes", () => pids.filter(isAlive).length === 0);
    await until("the end of the folder", () => Deno.stat(folder).then(() => false, () => true));
    await reader.cancel();
  });
}

function pod(name: string, container: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "ml-team" },
    spec: { containers: [{ name: "main", image: "example.com/chat:1", ...container }] },
  };
}

const jobWithClaim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: weights, namespace: ml-team}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: load, namespace: ml-team}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: "example.com/load:1", volumeMounts: [{name: weights, mountPath: /weights}]}]
      volumes: [{name: weights, persistentVolumeClaim: {claimName: weights}}]
`;

const inferenceServiceAndRoute = `
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: chat
  namespace: default
  annotations: {serving.kserve.io/autoscalerClass: none}
spec:
  predictor:
    minReplicas: 1
    containers:
    - name: kserve-container
      image: example.com/chat:1
      ports: [{containerPort: 8000, name: http, protocol: TCP}]
      resources: {limits: {amd.com/gpu: 8}, requests: {amd.com/gpu: 8}}
    affinity:
      nodeAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms:
          - matchExpressions: [{key: amd.com/gpu.device-id, operator: In, values: [74a5, 74b9]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: chat, namespace: default}
spec:
  parentRefs: [{name: public, namespace: gateways}, {name: private}]
  rules: [{backendRefs: [{name: chat-predictor, port: 80}]}]
`;

async function succeeds(plane: ControlPlane, args: string[]): Promise<void> {
  const { code, stderr } = await plane.kubectl(args);
  assert.equal(code, 0, stderr);
}

/** Throws if the API server does not answer in time. */
async function answers(plane: ControlPlane, milliseconds: number): Promise<void> {
  const { code, stderr } = await plane.kubectl([
    "get",
    "--raw",
    "/readyz",
    `--request-timeout=${milliseconds}ms`,
  ]);
  assert.equal(code, 0, stderr);
}

function isAlive(pid: number): boolean {
  return new Deno.Command("sh", { args: ["-c", `kill -0 ${pid}`], stderr: "null" }).outputSync().success;
}
