/** AIMRuntimeConfig: defaults for one namespace (api.md §8). */
import { defineKind, type Resource } from "../kind.ts";
import {
  type RuntimeConfigSpec,
  runtimeConfigSpec,
  type RuntimeConfigStatus,
  runtimeConfigStatus,
} from "../structures/runtime_config.ts";

export type AIMRuntimeConfigSpec = RuntimeConfigSpec;
export type AIMRuntimeConfigStatus = RuntimeConfigStatus;
export type AIMRuntimeConfig = Resource<AIMRuntimeConfigSpec, AIMRuntimeConfigStatus>;

/** The kind AIMRuntimeConfig. */
export const aimRuntimeConfig = defineKind(
  {
    kind: "AIMRuntimeConfig",
    plural: "aimruntimeconfigs",
    shortName: "aimrc",
    scope: "Namespaced",
    description:
      "Defaults for storage, routing, environment and labels in one namespace. Laid over the AIMClusterRuntimeConfig of the same name; the one named default applies where none is named.",
    printerColumns: [],
  },
  runtimeConfigSpec,
  runtimeConfigStatus,
);
