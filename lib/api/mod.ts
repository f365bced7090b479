/**
 * The API group `aim.eai.amd.com/v1alpha1`: ten kinds, their types, validation and value formats (api.md).
 */
import { aimArtifact } from "./kinds/aim_artifact.ts";
import { aimClusterModel } from "./kinds/aim_cluster_model.ts";
import { aimClusterModelSource } from "./kinds/aim_cluster_model_source.ts";
import { aimClusterRuntimeConfig } from "./kinds/aim_cluster_runtime_config.ts";
import { aimClusterServiceTemplate } from "./kinds/aim_cluster_service_template.ts";
import { aimModel } from "./kinds/aim_model.ts";
import { aimRuntimeConfig } from "./kinds/aim_runtime_config.ts";
import { aimService } from "./kinds/aim_service.ts";
import { aimServiceTemplate } from "./kinds/aim_service_template.ts";
import { aimTemplateCache } from "./kinds/aim_template_cache.ts";
import type { Kind } from "./kind.ts";

export * from "./kinds/aim_artifact.ts";
export * from "./kinds/aim_cluster_model.ts";
export * from "./kinds/aim_cluster_model_source.ts";
export * from "./kinds/aim_cluster_runtime_config.ts";
export * from "./kinds/aim_cluster_service_template.ts";
export * from "./kinds/aim_model.ts";
export * from "./kinds/aim_runtime_config.ts";
export * from "./kinds/aim_service.ts";
export * from "./kinds/aim_service_template.ts";
export * from "./kinds/aim_template_cache.ts";
export * from "./display.ts";
export * from "./values/duration.ts";
export * from "./k8s.ts";
export * from "./values/quantity.ts";
export * from "./structures/autoscaling.ts";
export * from "./structures/hardware.ts";
export * from "./structures/image_metadata.ts";
export * from "./structures/model.ts";
export * from "./structures/reference.ts";
export * from "./structures/runtime_config.ts";
export * from "./structures/template.ts";
export * from "./structures/words.ts";
export { apiVersion, group, type Kind, type PrinterColumn, type Resource, version } from "./kind.ts";
export { type NamesPullSecrets, pullSecretNames } from "./pull_secrets.ts";
export { type QuantityValue } from "./schema.ts";
export { fieldOf } from "./field_path.ts";
export { describeIssue, type Issue, validate, type Validation } from "./validate.ts";
export { ValueError } from "./values/value_error.ts";

/** The ten kinds, in the order of api.md §2. */
export const kinds: readonly Kind[] = [
  aimService,
  aimModel,
  aimClusterModel,
  aimServiceTemplate,
  aimClusterServiceTemplate,
  aimTemplateCache,
  aimArtifact,
  aimRuntimeConfig,
  aimClusterRuntimeConfig,
  aimClusterModelSource,
];
