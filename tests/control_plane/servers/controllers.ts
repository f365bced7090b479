/** How kube-controller-manager and kube-scheduler are run. */
import type { ControlPlane } from "../plane.ts";
import { until } from "../until.ts";

/** Starts kube-controller-manager; returns when it gave the namespace `default` its service account. */
export async function startControllerManager(plane: ControlPlane): Promise<void> {
  const kubeconfig = await plane.kubeconfigForUser({ user: "system:kube-controller-manager" });
  await plane.run({
    name: "kube-controller-manager",
    program: plane.program("kube-controller-manager"),
    args: [
      `--kubeconfig=${kubeconfig}`,
      "--secure-port=0",
      "--leader-elect=false",
      "--use-service-account-credentials=true",
      `--root-ca-file=${plane.caFile}`,
      // kwok renews no leases, so this controller would call its nodes dead after a while.
      "--controllers=*,-node-lifecycle-controller",
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
    ],
  });
  await until("the service account of namespace default", async () => {
    await plane.request("GET", "/api/v1/namespaces/default/serviceaccounts/default");
    return true;
  });
}

/** Starts kube-scheduler. */
export async function startScheduler(plane: ControlPlane): Promise<void> {
  const kubeconfig = await plane.kubeconfigForUser({ user: "system:kube-scheduler" });
  await plane.run({
    name: "kube-scheduler",
    program: plane.program("kube-scheduler"),
    args: [
      `--kubeconfig=${kubeconfig}`,
      "--secure-port=0",
      "--leader-elect=false",
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
    ],
  });
}
