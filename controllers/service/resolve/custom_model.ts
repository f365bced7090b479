/** The model of a service that brings its own weights (services.md §4). */

import {
  canonicalQuantity,
  type EnvVar,
  type Hardware,
  type ModelSource,
  type QuantityValue,
  type ServiceModelCustom,
} from "../../../lib/api/mod.ts";
import { byAge } from "../../../lib/kube/object.ts";
import { models } from "../../../lib/cluster/kinds.ts";
import type { ComponentError } from "../../../lib/operator/errors/errors.ts";
import { withoutEmptyValue } from "../../../lib/operator/naming/env.ts";
import { label } from "../../../lib/operator/naming/labels.ts";
import { type HashJson, labelValue } from "../../../lib/operator/naming/naming.ts";
import { modelNameForCustom } from "../../../lib/operator/naming/object_names.ts";
import { equalJson } from "../../../lib/kube/json/equal.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { Context } from "../context.ts";
import type { ModelResolution } from "./resolved.ts";
import { modelChild, modelsWithImage, wantsDiscovery } from "./model_of_image.ts";

/** The namespace's model with these weights on this hardware; created if there is none. */
export function customModel(context: Context, custom: ServiceModelCustom, view: View): ModelResolution {
  const { service } = context;
  const sameWeights = modelsWithImage(service, custom.baseImage, view)
    .filter(({ spec }) => sameSources(spec?.modelSources ?? [], custom.modelSources));
  const same = sameWeights.filter(({ spec }) => sameHardware(spec?.custom?.hardware, custom.hardware));
  const found = same.toSorted(byAge)[0];
  if (found !== undefined) return { found: { object: found, scope: "Namespace" } };
  // Other hardware needs another template, hence another model: the hardware then is part of the name.
  const distinct = sameWeights.length > 0 ? canonicalHardware(custom.hardware) : undefined;
  const name = modelNameForCustom(custom.baseImage, custom.modelSources, distinct);
  if (view.get(models, service.metadata.namespace, name) !== undefined) return { error: taken(name) };
  // Its template needs no discovery, so the config's wish is but to ask no registry (api.md §11).
  const discovery = wantsDiscovery(context) ? {} : { discovery: { extractMetadata: false } };
  const child = modelChild(context, name, {
    image: custom.baseImage,
    ...discovery,
    modelSources: custom.modelSources.map((source) => ({ ...source, ...writtenEnv(source.env) })),
    custom: { hardware: custom.hardware },
    ...writtenEnv(service.spec?.env),
  }, {
    [label.customModel]: "true",
    [label.service]: labelValue(service.metadata.name) ?? "",
  });
  const message = `Custom model will be created for ${custom.modelSources[0]?.modelId ?? custom.baseImage}`;
  return { creating: { child, message } };
}

/** Env as it is written: an empty value is left out (services.md §1.3). */
function writtenEnv(env: readonly EnvVar[] | undefined): { env?: EnvVar[] } {
  return env?.length ? { env: env.map(withoutEmptyValue) } : {};
}

/** Somebody has edited the model since it was made: waiting for one would never end. */
function taken(name: string): ComponentError {
  return {
    category: "InvalidSpec",
    reason: "ModelNotFound",
    message: `the model for these weights would be named ${name}, but that AIMModel has another image, ` +
      "other weights or other hardware; delete it, or name it in spec.model.name of a new service",
  };
}

/** Equal in length and order; of each the id, the place and the literal S3 endpoint. */
function sameSources(a: readonly ModelSource[], b: readonly ModelSource[]): boolean {
  return a.length === b.length &&
    a.every((source, i) =>
      source.modelId === b[i].modelId && source.sourceUri === b[i].sourceUri &&
      endpointOf(source) === endpointOf(b[i])
    );
}

function endpointOf({ env }: ModelSource): string {
  return env?.find(({ name }) => name === "AWS_ENDPOINT_URL")?.value ?? "";
}

function sameHardware(a: Hardware | undefined, b: Hardware | undefined): boolean {
  return equalJson(canonicalHardware(a), canonicalHardware(b));
}

/** Hardware as it is meant: quantities by value, defaults filled in, what is empty left out. */
function canonicalHardware(hardware: Hardware | undefined): HashJson {
  const { gpu, cpu } = hardware ?? {};
  return {
    ...(gpu === undefined ? {} : {
      gpu: {
        requests: gpu.requests ?? 0,
        model: gpu.model ?? "",
        resourceName: gpu.resourceName || "amd.com/gpu",
        ...(gpu.minVram === undefined ? {} : { minVram: canonical(gpu.minVram) }),
      },
    }),
    ...(cpu === undefined ? {} : {
      cpu: {
        requests: canonical(cpu.requests),
        ...(cpu.limits === undefined ? {} : { limits: canonical(cpu.limits) }),
      },
    }),
  };
}

/** The text as it stands, where it is no quantity: the schema has let it through, and it equals itself. */
function canonical(value: QuantityValue): string {
  try {
    return canonicalQuantity(value);
  } catch {
    return String(value);
  }
}
