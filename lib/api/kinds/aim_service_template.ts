/** AIMServiceTemplate: one way to run a model in a namespace (api.md §8). */
import { column, defineKind, type PrinterColumn, type Resource } from "../kind.ts";
import {
  type ServiceTemplateSpec,
  serviceTemplateSpec,
  type TemplateStatus,
  templateStatus,
} from "../structures/template.ts";

export type AIMServiceTemplateSpec = ServiceTemplateSpec;
export type AIMServiceTemplateStatus = TemplateStatus;
export type AIMServiceTemplate = Resource<AIMServiceTemplateSpec, AIMServiceTemplateStatus>;

/** The columns of both template kinds. */
export const templateColumns: readonly PrinterColumn[] = [
  column("Model", ".spec.modelName"),
  column("Status", ".status.status"),
  column("Hardware", ".status.hardwareSummary"),
  column("Metric", ".status.profile.metadata.metric"),
  column("Precision", ".status.profile.metadata.precision"),
];

/** The kind AIMServiceTemplate. */
export const aimServiceTemplate = defineKind(
  {
    kind: "AIMServiceTemplate",
    plural: "aimservicetemplates",
    shortName: "aimtpl",
    scope: "Namespaced",
    description:
      "One way to run a model, for the services of one namespace: hardware, precision and what it is tuned for, with the profile that the image offers for them.",
    printerColumns: templateColumns,
  },
  serviceTemplateSpec,
  templateStatus,
);
