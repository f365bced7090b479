/** AIMClusterModel: an entry of the catalogue of all namespaces (api.md §8). */
import { modelColumns } from "./aim_model.ts";
import { defineKind, type Resource } from "../kind.ts";
import { type ModelSpec, modelSpec, type ModelStatus, modelStatus } from "../structures/model.ts";

export type AIMClusterModelSpec = ModelSpec;
export type AIMClusterModelStatus = ModelStatus;
export type AIMClusterModel = Resource<AIMClusterModelSpec, AIMClusterModelStatus>;

/** The kind AIMClusterModel. */
export const aimClusterModel = defineKind(
  {
    kind: "AIMClusterModel",
    plural: "aimclustermodels",
    shortName: "aimclmdl",
    scope: "Cluster",
    description:
      "A model for the services of all namespaces: an image, or a base image with weights of its own. Cluster service templates are made from it.",
    printerColumns: modelColumns,
  },
  modelSpec,
  modelStatus,
);
