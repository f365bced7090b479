/** What an image says about itself: its labels, and what it prints when it is asked for its profile. */
export * from "./discovery_log.ts";
export { imageMetadataOf, LabelError } from "./image_labels.ts";
export { DeploymentsError, mostDeployments, readDeployments } from "./recommended_deployments.ts";
