/** The short tables of api.md §2 to §6, as the tests of the CRDs expect them. */

// api.md §2 and §8
export const names: [string, string, string, string, string, string, string][] = [
  ["AIMService", "Namespaced", "aimservices", "aimservice", "aimsvc", "AIMServiceSpec", "AIMServiceStatus"],
  ["AIMModel", "Namespaced", "aimmodels", "aimmodel", "aimmdl", "ModelSpec", "ModelStatus"],
  [
    "AIMClusterModel",
    "Cluster",
    "aimclustermodels",
    "aimclustermodel",
    "aimclmdl",
    "ModelSpec",
    "ModelStatus",
  ],
  [
    "AIMServiceTemplate",
    "Namespaced",
    "aimservicetemplates",
    "aimservicetemplate",
    "aimtpl",
    "AIMServiceTemplateSpec",
    "TemplateStatus",
  ],
  [
    "AIMClusterServiceTemplate",
    "Cluster",
    "aimclusterservicetemplates",
    "aimclusterservicetemplate",
    "aimcltpl",
    "AIMClusterServiceTemplateSpec",
    "TemplateStatus",
  ],
  [
    "AIMTemplateCache",
    "Namespaced",
    "aimtemplatecaches",
    "aimtemplatecache",
    "aimtc",
    "AIMTemplateCacheSpec",
    "AIMTemplateCacheStatus",
  ],
  [
    "AIMArtifact",
    "Namespaced",
    "aimartifacts",
    "aimartifact",
    "aimart",
    "AIMArtifactSpec",
    "AIMArtifactStatus",
  ],
  [
    "AIMRuntimeConfig",
    "Namespaced",
    "aimruntimeconfigs",
    "aimruntimeconfig",
    "aimrc",
    "RuntimeConfigSpec",
    "RuntimeConfigStatus",
  ],
  [
    "AIMClusterRuntimeConfig",
    "Cluster",
    "aimclusterruntimeconfigs",
    "aimclusterruntimeconfig",
    "aimclrc",
    "RuntimeConfigSpec",
    "RuntimeConfigStatus",
  ],
  [
    "AIMClusterModelSource",
    "Cluster",
    "aimclustermodelsources",
    "aimclustermodelsource",
    "aimclsrc",
    "AIMClusterModelSourceSpec",
    "AIMClusterModelSourceStatus",
  ],
];

// api.md §3
const age = "Age date .metadata.creationTimestamp";
const modelColumns = [
  "Status string .status.status",
  "Source string .status.sourceType",
  "Image string .spec.image",
  "Model string .status.imageMetadata.model.canonicalName",
  age,
];
const templateColumns = [
  "Model string .spec.modelName",
  "Status string .status.status",
  "Hardware string .status.hardwareSummary",
  "Metric string .status.profile.metadata.metric",
  "Precision string .status.profile.metadata.precision",
];
export const columns: Record<string, string[]> = {
  AIMService: [
    "Status string .status.status",
    "Model string .status.resolvedModel.name",
    "Template string .status.resolvedTemplate.name",
    "Replicas string .status.runtime.replicas",
    age,
  ],
  AIMModel: modelColumns,
  AIMClusterModel: modelColumns,
  AIMServiceTemplate: templateColumns,
  AIMClusterServiceTemplate: templateColumns,
  AIMTemplateCache: [
    "Template string .spec.templateName",
    "Mode string .spec.mode",
    "Status string .status.status",
    "Kind string .status.resolvedTemplateKind",
    age,
  ],
  AIMArtifact: [
    "Status string .status.status",
    "Mode string .status.mode",
    "Model Size string .status.displaySize",
    "Progress string .status.progress.displayPercentage",
    "Protocol string .status.download.protocol 1",
    "Attempt string .status.download.attempt 1",
    age,
  ],
  AIMRuntimeConfig: [],
  AIMClusterRuntimeConfig: [],
  AIMClusterModelSource: [
    "Status string .status.status",
    "Models integer .status.discoveredModels",
    "LastSync date .status.lastSyncTime",
    age,
  ],
};

// api.md §4
export const enums: Record<string, string> = {
  "E-Metric": "latency throughput",
  "E-Precision": "auto fp4 fp8 fp16 fp32 bf16 int4 int8",
  "E-ProfileType": "optimized preview unoptimized",
  "E-Scope": "Namespace Cluster Merged Unknown",
  "E-TemplateScope": "Namespace Cluster Unknown",
  "E-CachingMode": "Dedicated Shared Auto Always Never",
  "E-CacheMode": "Dedicated Shared",
  "E-SourceType": "Image Custom",
  "E-Status": "Pending Progressing Ready Degraded Failed NotAvailable",
  "E-CacheStatus": "Pending Progressing Ready Failed Degraded NotAvailable",
  "E-ServiceStatus": "Pending Starting Running Degraded Failed",
  "E-SourceStatus": "Pending Starting Progressing Ready Running Degraded NotAvailable Failed",
  "E-MetricSource": "PodMetric",
  "E-Backend": "opentelemetry",
  "E-TargetType": "Value AverageValue Utilization",
  "E-ConditionStatus": "True False Unknown",
};

// api.md §5 and §6
export const rules: Record<string, string> = {
  "R-IMM": "self == oldSelf",
  "R-ONEOF": "[has(self.name), has(self.image), has(self.custom)].filter(x, x).size() == 1",
  "R-SRC1": "self.modelSources.size() >= 1",
  "R-HW": "has(self.gpu) || has(self.cpu)",
  "R-GPU": '!(has(self.minVram) && has(self.model) && self.model != "")',
  "R-MODELHW":
    "!has(self.modelSources) || self.modelSources.size() == 0 || (has(self.custom) && has(self.custom.hardware)) || !has(self.customTemplates) || self.customTemplates.all(t, has(t.hardware))",
};
export const patterns: Record<string, string> = {
  "P-ModelId": "^[a-zA-Z0-9_-]+/[a-zA-Z0-9._-]+$",
  "P-SourceUri": String.raw`^(hf|s3)://[^ \t\r\n]+$`,
  "P-Quantity": String
    .raw`^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$`,
  "P-Reason": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
  "P-ConditionType": String
    .raw`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`,
  "P-Group": String.raw`^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`,
  "P-Kind": "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
  "P-Label": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
  "P-Subdomain": String.raw`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`,
};
