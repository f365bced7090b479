/** AIMService: one inference endpoint (api.md §8). */
import type * as z from "zod";
import { conditions, localObjectReference, resourceRequirements } from "../k8s.ts";
import { ageColumn, column, defineKind, type Resource } from "../kind.ts";
import {
  bool,
  described,
  immutable,
  int32,
  int64,
  integer,
  listOf,
  oneOf,
  structure,
  text,
  withRule,
} from "../schema.ts";
import { autoScaling } from "../structures/autoscaling.ts";
import { hardware, runtimeParameters } from "../structures/hardware.ts";
import { modelSource } from "../structures/model.ts";
import { resolvedReference } from "../structures/reference.ts";
import { runtimeConfigRef, serviceRuntimeConfig } from "../structures/runtime_config.ts";
import { cachingModes, serviceStatuses } from "../structures/words.ts";

/** A model given in the service itself. */
export const serviceModelCustom = withRule(
  structure("A model with its own weights, given right here.", {
    baseImage: text("Image that runs the weights."),
    modelSources: listOf("The weights to run.", modelSource, { minItems: 1, maxItems: 1 }),
    hardware: described("Hardware that one replica of the model needs.", hardware),
  }),
  {
    rule: "self.modelSources.size() >= 1",
    message: "at least one model source is needed",
    remedy: "add an item to modelSources",
    holds: (custom) => custom.modelSources.length >= 1,
  },
);
export type ServiceModelCustom = z.infer<typeof serviceModelCustom>;

/** What a service runs: a model by name, by image or given in place. */
export const serviceModel = withRule(
  structure("The model to run: exactly one of name, image and custom.", {
    name: text("Name of an AIMModel in the namespace, else of an AIMClusterModel.").optional(),
    image: text("Image of the model. A model with this image is used, or created when there is none.")
      .optional(),
    custom: serviceModelCustom.optional(),
  }),
  {
    rule: "[has(self.name), has(self.image), has(self.custom)].filter(x, x).size() == 1",
    message: "exactly one of name, image, custom must be set",
    remedy: "keep one of name, image and custom",
    holds: ({ name, image, custom }) => [name, image, custom].filter((way) => way !== undefined).length === 1,
  },
);
export type ServiceModel = z.infer<typeof serviceModel>;

/** How a service runs its model. */
export const serviceTemplateRef = structure(
  "How to run the model. Absent means that a template is selected.",
  {
    name: text(
      "Name of a template, in the namespace or else in the cluster. Empty means that one is selected.",
    )
      .optional(),
    allowUnoptimized: bool(
      "Whether selection may take templates of type preview and unoptimized. Does not matter when name is set.",
    ).optional(),
  },
);
export type ServiceTemplateRef = z.infer<typeof serviceTemplateRef>;

/** How a service stores its weights. */
export const serviceCaching = structure("How the weights are stored. Absent means Shared.", {
  mode: oneOf(
    cachingModes,
    "Shared keeps the weights for other services and after this one; Dedicated keeps them for this service and removes them with it. Auto and Always are old names of Shared, Never of Dedicated.",
    { default: "Shared" },
  ).optional(),
});
export type ServiceCaching = z.infer<typeof serviceCaching>;

/** Which template a service wants. */
export const serviceOverrides = structure(
  "Narrows the selection of a template. Counted are metric, precision, hardware.gpu.model and hardware.gpu.requests.",
  runtimeParameters,
);
export type ServiceOverrides = z.infer<typeof serviceOverrides>;

/** Spec of AIMService. */
export const aimServiceSpec = structure("The endpoint as you want it.", {
  model: immutable("model", serviceModel),
  template: immutable("template", serviceTemplateRef).optional(),
  caching: immutable("caching", serviceCaching).optional(),
  cacheModel: bool("Deprecated and ignored: use caching.mode.").optional(),
  replicas: int32(
    "Number of replicas. 0 keeps the endpoint without any. Ignored when minReplicas, maxReplicas or autoScaling is set.",
    { default: 1 },
  ).optional(),
  minReplicas: int32(
    "Fewest replicas. Setting this, maxReplicas or autoScaling turns autoscaling on. Absent means 1.",
    { minimum: 1 },
  ).optional(),
  maxReplicas: int32("Most replicas. Absent means minReplicas, or else 1.", { minimum: 1 }).optional(),
  autoScaling: autoScaling.optional(),
  ...runtimeConfigRef,
  ...serviceRuntimeConfig,
  resources: described(
    "Resources of the inference container, laid over those of the template.",
    resourceRequirements,
  ).optional(),
  overrides: serviceOverrides.optional(),
  imagePullSecrets: listOf("Secrets to pull the images of the endpoint with.", localObjectReference)
    .optional(),
  serviceAccountName: text("Service account of the inference pods.").optional(),
});
export type AIMServiceSpec = z.infer<typeof aimServiceSpec>;

/** A service's route, in its status. */
export const serviceRoutingStatus = structure("The route of the endpoint; set once there is an HTTPRoute.", {
  path: text("Path prefix under which the gateway serves the endpoint.").optional(),
});
export type ServiceRoutingStatus = z.infer<typeof serviceRoutingStatus>;

/** A service's cache, in its status. */
export const serviceCacheStatus = structure("The cache in use.", {
  templateCacheRef: described("The AIMTemplateCache in use.", resolvedReference).optional(),
  retryAttempts: integer("How often a failed cache was tried again.").optional(),
});
export type ServiceCacheStatus = z.infer<typeof serviceCacheStatus>;

/** A service's replicas, in its status. */
export const serviceRuntimeStatus = structure("How many replicas there are.", {
  currentReplicas: int32("Replicas that there are.").optional(),
  desiredReplicas: int32("Replicas that there should be.").optional(),
  minReplicas: int32("Fewest replicas.").optional(),
  maxReplicas: int32("Most replicas.").optional(),
  replicas: text("All of it in one phrase: the number, or with autoscaling current/desired (min-max).")
    .optional(),
});
export type ServiceRuntimeStatus = z.infer<typeof serviceRuntimeStatus>;

/** Status of AIMService. */
export const aimServiceStatus = structure("The endpoint as it is.", {
  observedGeneration: int64("The metadata.generation that this status describes.").optional(),
  conditions: conditions.optional(),
  resolvedRuntimeConfig: described("The runtime config in use.", resolvedReference).optional(),
  resolvedModel: described("The model in use.", resolvedReference).optional(),
  status: oneOf(serviceStatuses, "State of the endpoint; it serves while this is Running.", {
    default: "Pending",
  }).optional(),
  routing: serviceRoutingStatus.optional(),
  resolvedTemplate: described("The template in use.", resolvedReference).optional(),
  cache: serviceCacheStatus.optional(),
  runtime: serviceRuntimeStatus.optional(),
});
export type AIMServiceStatus = z.infer<typeof aimServiceStatus>;

export type AIMService = Resource<AIMServiceSpec, AIMServiceStatus>;

/** The kind AIMService. */
export const aimService = defineKind(
  {
    kind: "AIMService",
    plural: "aimservices",
    shortName: "aimsvc",
    scope: "Namespaced",
    description:
      "One inference endpoint. The operator finds the model and a template for it, downloads the weights and runs the endpoint, on request behind a gateway.",
    printerColumns: [
      column("Status", ".status.status"),
      column("Model", ".status.resolvedModel.name"),
      column("Template", ".status.resolvedTemplate.name"),
      column("Replicas", ".status.runtime.replicas"),
      ageColumn,
    ],
  },
  aimServiceSpec,
  aimServiceStatus,
);
