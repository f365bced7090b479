/** AIMModel: an entry of a namespace's catalogue (api.md §8). */
import { ageColumn, column, defineKind, type PrinterColumn, type Resource } from "../kind.ts";
import { type ModelSpec, modelSpec, type ModelStatus, modelStatus } from "../structures/model.ts";

export type AIMModelSpec = ModelSpec;
export type AIMModelStatus = ModelStatus;
export type AIMModel = Resource<AIMModelSpec, AIMModelStatus>;

/** The columns of both model kinds. */
export const modelColumns: readonly PrinterColumn[] = [
  column("Status", ".status.status"),
  column("Source", ".status.sourceType"),
  column("Image", ".spec.image"),
  column("Model", ".status.imageMetadata.model.canonicalName"),
  ageColumn,
];

/** The kind AIMModel. */
export const aimModel = defineKind(
  {
    kind: "AIMModel",
    plural: "aimmodels",
    shortName: "aimmdl",
    scope: "Namespaced",
    description:
      "A model for the services of one namespace: an image, or a base image with weights of its own. Service templates are made from it.",
    printerColumns: modelColumns,
  },
  modelSpec,
  modelStatus,
);
