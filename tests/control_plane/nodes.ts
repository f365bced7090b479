/** GPU nodes that kwok runs. */
import type { ControlPlane } from "./plane.ts";
import { until } from "./until.ts";

/** GPUs for which nodes can be made: PCI device id and memory per GPU as AMD's node labeller writes them. */
const gpus = {
  MI300X: { deviceId: "74a1", vram: "192G", product: "AMD_Instinct_MI300X_OAM" },
  MI325X: { deviceId: "74a5", vram: "256G", product: "AMD_Instinct_MI325X_OAM" },
} as const;

/** What a node has. */
export interface GpuNodeOptions {
  readonly model: keyof typeof gpus;
  /** Number of GPUs; default 8. */
  readonly count?: number;
  /** CPU cores; default 192. */
  readonly cpu?: string;
  /** Main memory; default 2Ti. */
  readonly memory?: string;
  /** How many pods fit; default 110. */
  readonly pods?: number;
  /** Labels added to, or in place of, the usual ones; undefined takes one away. */
  readonly labels?: Readonly<Record<string, string | undefined>>;
}

/** The annotation by which kwok knows its nodes. Nodes without it are left to others. */
export const kwokNodeAnnotation = "kwok.x-k8s.io/node";

/** A Node object with AMD GPUs and the labels that AMD's node labeller puts on it. */
export function gpuNode(name: string, options: GpuNodeOptions) {
  const { model, count = 8, cpu = "192", memory = "2Ti", pods = 110, labels = {} } = options;
  const { deviceId, vram, product } = gpus[model];
  const capacity: Record<string, string> = {
    cpu,
    memory,
    pods: String(pods),
    "ephemeral-storage": "4Ti",
    ...(count > 0 ? { "amd.com/gpu": String(count) } : {}),
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { [kwokNodeAnnotation]: "fake" },
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "amd.com/gpu.device-id": deviceId,
        "amd.com/gpu.vram": vram,
        "amd.com/gpu.family": "AI",
        "amd.com/gpu.product-name": product,
        ...labels,
      },
    },
    status: { capacity, allocatable: capacity },
  };
}

/** Creates nodes and waits until kwok has made them Ready. */
export async function addNodes(
  plane: ControlPlane,
  nodes: readonly ReturnType<typeof gpuNode>[],
): Promise<void> {
  for (const node of nodes) await plane.request("POST", "/api/v1/nodes", node);
  for (const { metadata: { name } } of nodes) {
    await until(`Node ${name} Ready`, async () => {
      const { status } = await plane.request("GET", `/api/v1/nodes/${name}`);
      const conditions: { type: string; status: string }[] = status.conditions ?? [];
      return conditions.some(({ type, status }) => type === "Ready" && status === "True");
    });
  }
}
