/** The cluster that the documents speak of. */

import {
  clusterModel,
  clusterRuntimeConfig,
  clusterTemplate,
  runtimeConfig,
  service,
} from "../e2e/catalogue.ts";
import type { User } from "../e2e/user.ts";

const qwen = "qwen-qwen3-32b";

/** What a registry and discovery would say of the model that the documents name: no test reaches the one or runs the other. */
export async function prepareTheCatalogue(user: User): Promise<void> {
  await user.plane.apply([
    clusterModel(qwen, { image: "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5" }),
    clusterTemplate("qwen3-32b-latency", qwen),
    clusterTemplate("qwen3-32b-throughput", qwen, { metric: "throughput" }),
  ]);
  for (const name of ["qwen3-32b-latency", "qwen3-32b-throughput"]) {
    await user.reaches("aimclusterservicetemplate", name, "Ready");
  }
}

/** The namespaces, defaults and services of the other pages. */
export async function fillTheCluster(user: User): Promise<void> {
  for (const name of ["ml-team", "research", "team-a", "gateways", "argocd"]) await user.namespace(name);
  // A command that names no namespace looks where the reader's context points.
  await user.kubectl("config", "set-context", "--current", "--namespace=ml-team");
  await user.apply([
    clusterRuntimeConfig("gateway", {
      routing: {
        enabled: true,
        gatewayRef: { name: "inference-gateway", namespace: "gateways" },
        pathTemplate: "/{.metadata.namespace}/{.metadata.name}",
      },
    }),
    runtimeConfig("default", "research", { routing: { enabled: false } }),
    // Paused, so that nobody asks its registry.
    {
      ...clusterRuntimeConfig("amd", { filters: [{ image: "amdenterpriseai/aim-*" }] }),
      kind: "AIMClusterModelSource",
      metadata: { name: "amd", annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } },
    },
    service("chat", "ml-team", { model: { name: qwen }, runtimeConfigName: "gateway" }),
  ]);
  await user.reaches("aimservice", "chat", "Running", "ml-team");
}
