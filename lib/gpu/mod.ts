/** GPUs: their models, device ids and memory, and which of them a cluster has. */
export * from "./devices.ts";
export * from "./model_name.ts";
export * from "./nodes.ts";
