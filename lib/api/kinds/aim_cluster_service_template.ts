/** AIMClusterServiceTemplate: one way to run a model in all namespaces (api.md §8). */
import { templateColumns } from "./aim_service_template.ts";
import { defineKind, type Resource } from "../kind.ts";
import {
  type ClusterServiceTemplateSpec,
  clusterServiceTemplateSpec,
  type TemplateStatus,
  templateStatus,
} from "../structures/template.ts";

export type AIMClusterServiceTemplateSpec = ClusterServiceTemplateSpec;
export type AIMClusterServiceTemplateStatus = TemplateStatus;
export type AIMClusterServiceTemplate = Resource<
  AIMClusterServiceTemplateSpec,
  AIMClusterServiceTemplateStatus
>;

/** The kind AIMClusterServiceTemplate. */
export const aimClusterServiceTemplate = defineKind(
  {
    kind: "AIMClusterServiceTemplate",
    plural: "aimclusterservicetemplates",
    shortName: "aimcltpl",
    scope: "Cluster",
    description:
      "One way to run a model, for the services of all namespaces: hardware, precision and what it is tuned for, with the profile that the image offers for them.",
    printerColumns: templateColumns,
  },
  clusterServiceTemplateSpec,
  templateStatus,
);
