/** What images say when they are run with `dry-run --format=json` (models-and-templates.md §5.5, §5.8). */

import type { Behaviour, BoundPod } from "../../lib/surroundings/kubelet/behaviour.ts";

/** The environment of the container, as far as it stands in the pod. */
export type Environment = Readonly<Record<string, string>>;

/** What an image does in a dry run. */
export type DryRun = (environment: Environment) => Behaviour;

/** The behaviour of discovery pods, by the image as the pod names it; undefined for every other pod. */
export function discoveryImages(
  table: ReadonlyMap<string, DryRun>,
): (pod: BoundPod) => Behaviour | undefined {
  return (pod) => {
    const container = pod.spec?.containers[0];
    if (container?.name !== "discovery" || container.args?.[0] !== "dry-run") return undefined;
    const environment = Object.fromEntries(
      (container.env ?? []).map(({ name, value = "" }) => [name, value]),
    );
    return table.get(container.image ?? "")?.(environment);
  };
}

/** An image that has a profile for whatever it is asked, with weights of so many GiB. */
export function profiled(modelId: string, gigabytes: number): DryRun {
  return (environment) => ({ does: "run", log: profileOf(environment, modelId, gigabytes) });
}

/**
 * What a dry run prints: the profile that the environment asks for.
 *
 * @param gigabytes size of the weights; an image that leaves it out has it measured
 */
export function profileOf(
  environment: Environment,
  modelId: string,
  gigabytes: number | undefined,
  type = "optimized",
): string {
  const { AIM_METRIC: metric = "latency", AIM_PRECISION: precision = "fp16" } = environment;
  const { AIM_GPU_MODEL: gpu = "MI300X", AIM_GPU_COUNT: count = "1" } = environment;
  const profile = environment.AIM_PROFILE_ID ?? `vllm-${gpu}-${precision}-tp${count}-${metric}`.toLowerCase();
  return `${
    JSON.stringify([{
      filename: `${profile}.yaml`,
      profile: {
        model: modelId,
        quantized_model: "",
        metadata: { engine: "vllm", gpu, precision, gpu_count: Number(count), metric, type },
        engine_args: { "tensor-parallel-size": Number(count) },
        env_vars: { VLLM_USE_V1: "1" },
      },
      models: [{ name: modelId, source: `hf://${modelId}`, size_gb: gigabytes }],
    }])
  }\n`;
}
