/**
 * kwok: nodes that look real to everybody else and whose pods run through their phases.
 *
 * Pods become Running and ready at once; pods of Jobs then succeed; claims of the default StorageClass
 * `kwok-volume` are bound; deleted pods go away. `Logs` and `ClusterLogs` objects say which file `kubectl logs`
 * shows for a pod.
 */
import { join } from "node:path";
import { parse } from "yaml";
import type { ControlPlane } from "../plane.ts";
import { served } from "./crds.ts";
import { kwokNodeAnnotation } from "../nodes.ts";
import { freePort } from "../processes/ports.ts";
import type { Stage } from "./stages.ts";
import { until } from "../until.ts";

/** Installs kwok's CRDs and Stages and starts it. */
export async function startKwok(plane: ControlPlane): Promise<void> {
  await plane.apply({ folder: plane.yaml("kwok-crds") });
  await served(plane, plane.yaml("kwok-crds"));
  const port = freePort();
  const [certificate, key] = await writeServingCertificate(plane);
  const kubeconfig = await plane.kubeconfigForUser({ user: "kwok", groups: ["system:masters"] });
  await Promise.all([
    plane.apply({ folder: plane.yaml("kwok-stages") }).then(() => bindInOrder(plane)),
    plane.run({
      name: "kwok",
      program: plane.program("kwok"),
      env: { KWOK_WORKDIR: join(plane.folder, "kwok") }, // no settings of the user
      args: [
        `--kubeconfig=${kubeconfig}`,
        `--manage-nodes-with-annotation-selector=${kwokNodeAnnotation}=fake`,
        "--enable-crds=Stage,Logs,ClusterLogs",
        // The API server asks the nodes' kubelet for logs: that is kwok, here.
        "--node-ip=127.0.0.1",
        `--node-port=${port}`,
        `--server-address=127.0.0.1:${port}`,
        `--tls-cert-file=${certificate}`,
        `--tls-private-key-file=${key}`,
      ],
    }),
  ]);
}

/**
 * kwok's Stage marks a claim as bound before it names the volume. In between kube-controller-manager calls the claim lost:
 * it has lost the volume that it never had.
 */
async function bindInOrder(plane: ControlPlane): Promise<void> {
  const stage: Stage = parse(await Deno.readTextFile(join(plane.yaml("kwok-stages"), "pvc-provision.yaml")));
  const steps = stage.spec.steps as { readonly patch?: { readonly root: string } }[];
  const [marks, names] = ["metadata", "spec"].map((root) =>
    steps.findIndex(({ patch }) => patch?.root === root)
  );
  if (marks < 0 || names < 0) throw new Error("kwok's Stage pvc-provision has other steps than it had");
  if (names < marks) return;
  const ordered = steps.toSpliced(names, 1).toSpliced(marks, 0, steps[names]);
  await plane.apply([{ ...stage, spec: { ...stage.spec, steps: ordered } }]);
}

/**
 * Gives kwok more Stages and waits until it plays them. Their kinds must be installed.
 *
 * kwok looks a kind's schema up once, when its first Stage comes; for a kind that was installed a moment ago the
 * API server may not publish it yet. kwok then logs the failure and tries again only when a Stage changes, so
 * they are touched until it has begun with each.
 */
export async function playStages(plane: ControlPlane, stages: readonly Stage[]): Promise<void> {
  for (let attempt = 1;; attempt++) {
    await plane.apply(stages.map((stage) => ({
      ...stage,
      metadata: { ...stage.metadata, annotations: { "control-plane/attempt": String(attempt) } },
    })));
    try {
      await until("kwok playing its Stages", () => plays(plane, stages), { seconds: 2 });
      return;
    } catch (error) {
      if (attempt === 15) throw error;
    }
  }
}

/** Whether kwok says of every Stage's kind that it plays it. */
async function plays(plane: ControlPlane, stages: readonly Stage[]): Promise<boolean> {
  const log = await Deno.readTextFile(plane.process("kwok").logFile);
  const started = log.split("\n").filter((line) => line.includes("Start stage controller")).map((line) => {
    const { APIGroup, Kind } = JSON.parse(line).ref;
    return `${APIGroup} ${Kind}`;
  });
  return stages.every(({ spec: { resourceRef: { apiGroup, kind } } }) =>
    started.includes(`${apiGroup} ${kind}`)
  );
}

async function writeServingCertificate(plane: ControlPlane): Promise<[string, string]> {
  const folder = join(plane.folder, "kwok");
  await Deno.mkdir(folder, { recursive: true });
  const { certificate, key } = plane.authority.forServer(["127.0.0.1"]);
  const files: [string, string] = [join(folder, "serving.crt"), join(folder, "serving.key")];
  await Deno.writeTextFile(files[0], certificate);
  await Deno.writeTextFile(files[1], key, { mode: 0o600 });
  return files;
}
