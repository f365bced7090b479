/** GPUs: their models, device ids and memory, and which of them a cluster has. */
export * from "./affinity.ts";
export * from "./any_node.ts";
export * from "./devices.ts";
export * from "./model_name.ts";
export * from "./node_labels.ts";
export * from "./nodes.ts";
