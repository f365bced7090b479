/** AIMClusterRuntimeConfig: defaults for all namespaces (api.md §8). */
import { defineKind, type Resource } from "../kind.ts";
import {
  type RuntimeConfigSpec,
  runtimeConfigSpec,
  type RuntimeConfigStatus,
  runtimeConfigStatus,
} from "../structures/runtime_config.ts";

export type AIMClusterRuntimeConfigSpec = RuntimeConfigSpec;
export type AIMClusterRuntimeConfigStatus = RuntimeConfigStatus;
export type AIMClusterRuntimeConfig = Resource<AIMClusterRuntimeConfigSpec, AIMClusterRuntimeConfigStatus>;

/** The kind AIMClusterRuntimeConfig. */
export const aimClusterRuntimeConfig = defineKind(
  {
    kind: "AIMClusterRuntimeConfig",
    plural: "aimclusterruntimeconfigs",
    shortName: "aimclrc",
    scope: "Cluster",
    description:
      "Defaults for storage, routing, environment and labels in all namespaces. The one named default applies where none is named.",
    printerColumns: [],
  },
  runtimeConfigSpec,
  runtimeConfigStatus,
);
