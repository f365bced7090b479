/** What must be so before an operator is run against a cluster from outside, and what is good to know. */

import { clusterModels, httpRoutes, inferenceServices, watchedKinds } from "../../lib/cluster/kinds.ts";
import { Discovery } from "../../lib/kube/discovery.ts";
import { isStatus } from "../../lib/kube/errors.ts";
import type { Transport } from "../../lib/kube/transport.ts";

export interface Findings {
  /** Any of these, and the operator is not started. Each says what to do. */
  readonly obstacles: string[];
  readonly remarks: string[];
}

/** @throws ApiError, NetworkError when the cluster cannot be asked. */
export async function preflight(transport: Transport): Promise<Findings> {
  const obstacles: string[] = [];
  const remarks: string[] = [];
  const discovery = new Discovery(transport);
  const ours = watchedKinds.filter(({ resource }) => resource.group === clusterModels.resource.group);
  const missing = [];
  for (const { resource } of ours) if (!await discovery.serves(resource)) missing.push(resource.plural);
  if (missing.length > 0) {
    obstacles.push(
      `The CRDs are not installed (${missing.join(", ")}): kubectl apply -k manifests/crds`,
    );
  }
  const replicas = await replicasOfInstalledOperator(transport);
  if (replicas > 0) {
    obstacles.push(
      "An operator is installed here and would act at the same time: " +
        "kubectl scale deployment aim-engine-controller-manager -n aim-system --replicas=0",
    );
  }
  if (!await discovery.serves(inferenceServices.resource)) {
    remarks.push("KServe is not installed: services wait, and go on by themselves once it is.");
  }
  if (!await discovery.serves(httpRoutes.resource)) {
    remarks.push("Gateway API is not installed: services with routing wait, and go on once it is.");
  }
  return { obstacles, remarks };
}

/** Replicas of the Deployment that `manifests/` installs; 0 where there is none or we may not look. */
async function replicasOfInstalledOperator(transport: Transport): Promise<number> {
  try {
    const deployment = await transport.performRequest({
      method: "GET",
      path: "/apis/apps/v1/namespaces/aim-system/deployments/aim-engine-controller-manager",
      expectJson: true,
      abortSignal: AbortSignal.timeout(15_000),
    }) as { spec?: { replicas?: number } };
    return deployment.spec?.replicas ?? 1;
  } catch (error) {
    if (isStatus(error, 404) || isStatus(error, 403)) return 0;
    throw error;
  }
}
