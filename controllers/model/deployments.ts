/** The recommended deployments of an image as templates to be (models-and-templates.md §3.6, §3.7). */

import {
  metrics,
  precisions,
  type RecommendedDeployment,
  type ServiceTemplateSpec,
} from "../../lib/api/mod.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";
import { derivedName } from "../../lib/operator/naming/naming.ts";
import { discoveredTemplateName } from "../../lib/operator/naming/object_names.ts";

/** What a deployment makes of a template's name and spec; fields common to all templates come later. */
export interface DeploymentTemplate {
  readonly name: string;
  readonly spec: Pick<ServiceTemplateSpec, "metric" | "precision" | "profileId" | "hardware">;
  /** What of the deployment could not be taken over, in words. */
  readonly flaws: readonly string[];
}

/**
 * One template for each deployment. Deployments that differ only in their profile have one name: the first
 * keeps it, later ones get one of their own; those that are equal in every field are one template.
 */
export function deploymentTemplates(
  model: string,
  image: string,
  deployments: readonly RecommendedDeployment[],
): DeploymentTemplate[] {
  const made = new Map<string, DeploymentTemplate>();
  for (const deployment of deployments) {
    const { spec, flaws } = specOf(deployment);
    const first = discoveredTemplateName(model, image, deployment);
    const holder = made.get(first);
    if (holder !== undefined && equalJson(holder.spec, spec)) continue;
    const name = holder === undefined ? first : laterName(first, model, image, deployment);
    if (!made.has(name)) made.set(name, { name, spec, flaws });
  }
  return [...made.values()];
}

/** As the first name, with the profile in the text that its last four digits are the hash of. */
function laterName(first: string, model: string, image: string, deployment: RecommendedDeployment): string {
  const { gpuModel, gpuCount, metric, precision, profileId = "" } = deployment;
  const traits = [gpuModel, gpuCount ? `x${gpuCount}` : "", metric, precision].filter(Boolean);
  const identity = [`${model}-${image}`, ...traits, profileId].join("-");
  return first.slice(0, -4) + derivedName(["x"], { hash: [identity], hashLength: 4 }).slice(-4);
}

/** A metric or precision that the API does not know is left out, and said (api.md §10.2). */
function specOf(deployment: RecommendedDeployment): Omit<DeploymentTemplate, "name"> {
  const { gpuModel, gpuCount, profileId } = deployment;
  const flaws: string[] = [];
  const known = <T extends string>(field: "metric" | "precision", words: readonly T[]): T | undefined => {
    const text = deployment[field];
    if (!text) return undefined;
    if (words.includes(text as T)) return text as T;
    flaws.push(`${field} "${text}" is none of ${words.join(", ")}`);
    return undefined;
  };
  const metric = known("metric", metrics);
  const precision = known("precision", precisions);
  return {
    spec: {
      ...(metric && { metric }),
      ...(precision && { precision }),
      ...(profileId ? { profileId } : {}),
      ...(gpuModel && gpuCount && gpuCount > 0
        ? { hardware: { gpu: { requests: gpuCount, model: gpuModel } } }
        : {}),
    },
    flaws,
  };
}
