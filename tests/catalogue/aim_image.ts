/** The labels of an AIM image (models-and-templates.md §3.4), as people who build such images write them. */

export type Labels = Readonly<Record<string, string>>;

/** One entry of the label `recommendedDeployments`. */
export interface Deployment {
  readonly gpuModel?: string;
  readonly gpuCount?: number;
  readonly precision?: string;
  readonly metric?: string;
  readonly profileId?: string;
  readonly description?: string;
}

export function aimLabels(canonicalName: string, deployments: readonly Deployment[]): Labels {
  return {
    "org.opencontainers.image.title": `${canonicalName} as an inference service`,
    "com.amd.aim.model.canonicalName": canonicalName,
    "com.amd.aim.title": canonicalName.split("/").at(-1)!,
    "com.amd.aim.model.recommendedDeployments": JSON.stringify(deployments),
  };
}

/** For one GPU of the kind, by its metric and precision. */
export function deployment(metric: string, precision: string, gpuModel = "MI300X", gpuCount = 1): Deployment {
  const profileId = `vllm-${gpuModel}-${precision}-tp${gpuCount}-${metric}`.toLowerCase();
  return { gpuModel, gpuCount, precision, metric, profileId };
}
