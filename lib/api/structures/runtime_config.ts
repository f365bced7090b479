import * as z from "zod";
import { conditions, envList, parentReference } from "../k8s.ts";
import { bool, described, int32, int64, listOf, mapOf, structure, text } from "../schema.ts";

/** The reference to a runtime config, inlined in the specs that use one. */
export const runtimeConfigRef = {
  runtimeConfigName: text(
    "Name of the AIMRuntimeConfig and AIMClusterRuntimeConfig to use. Empty means default, which may be missing; any other name must exist.",
  ).optional(),
};

/** Where weights are stored and how much room they get. */
export const storage = structure("Where model weights are stored.", {
  defaultStorageClassName: text(
    "Storage class of the volumes for weights where nothing else names one. Empty means the cluster's default class.",
  ).optional(),
  pvcHeadroomPercent: int32("Room added to the size of the weights, in percent of it.", {
    default: 10,
    minimum: 0,
  }).optional(),
});
export type Storage = z.infer<typeof storage>;

/** How endpoints are reached through a gateway. */
export const routing = structure("How the endpoint is reached through a gateway.", {
  enabled: bool("Whether to create an HTTPRoute. Absent everywhere means no.").optional(),
  gatewayRef: described("The gateway that the route attaches to.", parentReference).optional(),
  pathTemplate: text(
    "Path prefix of the route. {…} holds a JSONPath that is evaluated on the AIMService, e.g. /{.metadata.namespace}/{.metadata.name}. Empty means /<namespace>/<uid>. The result has at most 200 characters.",
  ).optional(),
  requestTimeout: text(
    "Longest time of one request, as a duration, e.g. 120s or 5m. Absent means no limit of its own.",
  ).optional(),
  annotations: mapOf("Annotations of the HTTPRoute.", text("Value of the annotation.")).optional(),
});
export type Routing = z.infer<typeof routing>;

/** The settings that a service and a runtime config share, inlined in both. */
export const serviceRuntimeConfig = {
  storage: storage.optional(),
  routing: routing.optional(),
  env: envList(
    "Environment variables of inference containers. In a runtime config also of the Jobs that measure and download weights.",
  ).optional(),
};
const serviceRuntimeConfigStructure = z.object(serviceRuntimeConfig);
export type ServiceRuntimeConfig = z.infer<typeof serviceRuntimeConfigStructure>;

/** Which labels travel from an AIM object to what is created for it. */
export const labelPropagation = structure("Copies labels of an AIM object to the objects created for it.", {
  enabled: bool("Whether to copy labels.", { default: false }).optional(),
  match: listOf(
    "Label keys to copy. * stands for any characters and ? for one, both without /; […] for one of a set.",
    text("A pattern of label keys, e.g. cost.example.com/*."),
  ).optional(),
});
export type LabelPropagation = z.infer<typeof labelPropagation>;

/** Spec of AIMRuntimeConfig and AIMClusterRuntimeConfig. */
export const runtimeConfigSpec = structure("Defaults for services and downloads.", {
  ...serviceRuntimeConfig,
  model: structure("Defaults for models.", {
    autoDiscovery: bool(
      "Whether models that do not set discovery read the metadata of their image. Absent means yes.",
    ).optional(),
  }).optional(),
  labelPropagation: labelPropagation.optional(),
  defaultStorageClassName: text(
    "Deprecated: use storage.defaultStorageClassName, which wins over this field.",
  )
    .optional(),
  pvcHeadroomPercent: int32("Deprecated: use storage.pvcHeadroomPercent, which wins over this field.")
    .optional(),
});
export type RuntimeConfigSpec = z.infer<typeof runtimeConfigSpec>;

/** Status of AIMRuntimeConfig and AIMClusterRuntimeConfig. */
export const runtimeConfigStatus = structure("What the operator found in this configuration.", {
  observedGeneration: int64("The metadata.generation that this status describes.").optional(),
  conditions: conditions.optional(),
});
export type RuntimeConfigStatus = z.infer<typeof runtimeConfigStatus>;
