/**
 * A cluster as small as these tests allow: no scheduler, no KServe controller, no gateway, no autoscaler; kwok
 * and `autoscaler.ts` answer for them. Of the controller manager there is what ends objects (garbage
 * collection, namespaces, protected claims) and what pods need to be admitted.
 */

import type { ControlPlane } from "../control_plane/control_plane.ts";
import { startControlPlane } from "../control_plane/control_plane.ts";
import { addNodes, gpuNode } from "../control_plane/nodes.ts";
import {
  httpRouteAccepted,
  inferenceServiceReady,
  parallel,
  type Stage,
} from "../control_plane/servers/stages.ts";
import { until } from "../control_plane/until.ts";
import { type Installation, installInto } from "../e2e/installation.ts";

const node = "mi300x-0";

/** Starts it, with the manifests applied and the operator running as a process. */
export async function startSmallCluster(): Promise<Installation<ControlPlane>> {
  const plane = await startSmallPlane();
  try {
    return await installInto(plane);
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** The cluster alone. */
export async function startSmallPlane(): Promise<ControlPlane> {
  const plane = await startControlPlane({
    kwok: {
      stages: [
        ...parallel(inferenceServiceReady({ podsOnNode: node }), 2),
        httpRouteAccepted(),
        jobComplete(),
      ],
    },
    kserve: {},
    gatewayApi: true,
    auditLog: true,
  });
  try {
    await addNodes(plane, [gpuNode(node, { model: "MI300X", pods: 1_000 })]);
    await startGarbageCollector(plane);
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** The controller manager with a handful of its controllers; without the one of autoscalers, whose part is played. */
async function startGarbageCollector(plane: ControlPlane): Promise<void> {
  await plane.want({ programs: ["kube-controller-manager"] });
  const kubeconfig = await plane.kubeconfigForUser({ user: "system:kube-controller-manager" });
  const controllers = [
    "garbage-collector-controller",
    "namespace-controller",
    "serviceaccount-controller",
    "persistentvolumeclaim-protection-controller",
  ];
  await plane.run({
    name: "kube-controller-manager",
    program: plane.program("kube-controller-manager"),
    args: [
      `--kubeconfig=${kubeconfig}`,
      "--secure-port=0",
      "--leader-elect=false",
      "--use-service-account-credentials=true",
      `--controllers=${controllers.join(",")}`,
      "--concurrent-gc-syncs=4",
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
    ],
  });
  await until("the service account of namespace default", async () => {
    await plane.request("GET", "/api/v1/namespaces/default/serviceaccounts/default");
    return true;
  });
}

/** Every Job succeeds at once: the downloads of this cluster. */
function jobComplete(): Stage {
  const condition = (type: string) => `
- type: ${type}
  status: "True"
  lastTransitionTime: {{ Now | Quote }}
  lastProbeTime: {{ Now | Quote }}`;
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: "job-complete" },
    spec: {
      resourceRef: { apiGroup: "batch/v1", kind: "Job" },
      selector: {
        matchExpressions: [
          { jq: { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" } },
          { jq: { key: ".status.completionTime", operator: "DoesNotExist" } },
        ],
      },
      steps: [{
        patch: {
          subresource: "status",
          root: "status",
          template: `
succeeded: 1
startTime: {{ .metadata.creationTimestamp | Quote }}
completionTime: {{ Now | Quote }}
uncountedTerminatedPods: {}
conditions:${condition("SuccessCriteriaMet")}${condition("Complete")}
`,
        },
      }],
    },
  };
}
